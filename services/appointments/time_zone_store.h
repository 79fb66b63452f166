// What a change of time zones touches, in the database.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/uuid.h"
#include "db/access/tenant_tx.h"
#include "services/appointments/clock_change.h"

namespace clinicd::appointments {

// Stateless; errors as for TenantTx.
class TimeZoneStore final {
 public:
  // The version by which all future visits of the clinic are where they are; nullopt: none is
  // known.
  absl::StatusOr<std::optional<std::string>> FindVersion(db::TenantTx& tx) const;
  // With the next flush.
  void SetVersion(db::TenantTx& tx, const std::string& version, absl::Time now) const;

  // A place in the order of starts. The nil id stands before all of that start.
  struct Position {
    absl::Time starts_at = {};
    Uuid holder = {};
  };
  // Visits that are expected and holds that are alive at `now`, by start and id.
  absl::StatusOr<std::vector<FiledTime>> ListExpected(db::TenantTx& tx, const Position& after,
                                                      absl::Time now, std::int32_t limit) const;

  struct Moved {
    // Those of the changes that were as filed.
    std::vector<Uuid> holders = {};
    // Of these, those whose time others have. When there are any, nothing of the transaction may be
    // kept.
    std::vector<Uuid> taken = {};
  };
  // Moves what `changes` are about, with all that it takes. To be called with their days locked, by
  // AppointmentStore::LockDays().
  absl::StatusOr<Moved> Move(db::TenantTx& tx, const std::vector<ClockChange>& changes,
                             absl::Time now) const;
};

}  // namespace clinicd::appointments
