// Brings a clinic's diary in line with the rules of time zones of today.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/ids.h"
#include "common/base/uuid.h"
#include "db/access/transaction_runner.h"
#include "services/appointments/appointment_store.h"
#include "services/appointments/clock_change.h"
#include "services/appointments/time_zone_store.h"

namespace clinicd::appointments {

// What one look at a clinic came to.
struct TimeZoneReport {
  ClinicId clinic = {};
  // The version by which its diary was in line before; empty: none was known.
  std::string old_version = {};
  // Visits to come, and holds.
  std::int64_t looked_at = 0;
  // Of these, what moved; in a dry run what would.
  std::int64_t moved = 0;
  // Visits and holds that were left as they are: somebody has the time that would be theirs, or
  // their zone is unknown to this machine.
  std::vector<Uuid> left = {};
  // It was told to stop before it was through.
  bool stopped = false;
};

// Moves visits to come and holds whose local time has become another instant, a batch of them in a
// transaction. Ended anywhere, it does the rest the next time. Calls wait for the database, so they
// must not come from its workers. Thread-safe.
class TimeZoneUpdate final {
 public:
  struct Parts {
    db::TransactionRunner& runner;
    const Clock& clock;
    const IdSource& ids;
  };
  struct Order {
    // Of the database that this program reads; see time_zone_version.h.
    std::string version = {};
    bool dry_run = false;
    // Whether to stop, asked between transactions. May be empty.
    std::function<bool()> stop = {};
  };

  explicit TimeZoneUpdate(const Parts& parts) : parts_(parts) {}

  // Errors: as TransactionRunner::InClinic(). What was moved before an error stays moved.
  absl::StatusOr<TimeZoneReport> Run(ClinicId clinic, const Order& order) const;

  // The version by which all future visits of `clinic` are where they are; empty: none is known.
  absl::StatusOr<std::string> VersionOf(ClinicId clinic) const;

 private:
  // What is to move of a clinic.
  struct Found {
    std::int64_t looked_at = 0;
    std::vector<ClockChange> changes = {};
    std::vector<Uuid> unknown_zone = {};
  };

  absl::Status InClinic(ClinicId clinic,
                        const std::function<absl::Status(db::TenantTx&)>& work) const;
  absl::StatusOr<Found> Find(ClinicId clinic, const Order& order) const;
  // How far an attempt to move some changes got.
  struct Progress {
    std::int64_t moved = 0;
    // No longer as they were found: another machine may have moved them, or somebody at a desk.
    std::int64_t gone = 0;
  };
  absl::StatusOr<Progress> MoveAll(ClinicId clinic, const std::vector<ClockChange>& changes,
                                   const Order& order) const;
  // The same for as many as fit into a transaction.
  absl::StatusOr<Progress> MoveBatch(ClinicId clinic, std::vector<ClockChange> changes) const;
  // In one transaction; the taken ones, if there are any, and then nothing was kept.
  absl::StatusOr<TimeZoneStore::Moved> TryBatch(ClinicId clinic,
                                                const std::vector<ClockChange>& changes) const;
  // With the next flush, tells of what has moved: in the audit, and whoever watches.
  void Record(db::TenantTx& tx, const std::vector<Appointment>& before,
              const std::vector<ClockChange>& changes, const std::vector<Uuid>& moved,
              absl::Time now) const;
  absl::Status StoreVersion(ClinicId clinic, const TimeZoneReport& report,
                            const std::string& version) const;

  const Parts parts_;
  AppointmentStore appointments_;
  TimeZoneStore store_;
};

}  // namespace clinicd::appointments
