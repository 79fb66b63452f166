// Goes through the audit events of a day for what is unusual.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "common/base/clock.h"
#include "common/base/ids.h"
#include "common/base/uuid.h"
#include "db/access/transaction_runner.h"
#include "services/audit/findings/finding_store.h"

namespace clinicd::audit {

// What came of a day of a clinic.
struct DigestReport {
  ClinicId clinic = {};
  absl::CivilDay day = {};
  // Found now; what had been found before is not counted.
  std::int64_t findings = 0;
};

// A day may be gone through again: what was found is there once. Calls wait for the database, so
// they must not come from its workers. Thread-safe.
class AuditDigest final {
 public:
  struct Parts {
    db::TransactionRunner& runner;
    const Clock& clock;
    const IdSource& ids;
  };
  explicit AuditDigest(const Parts& parts) : parts_(parts) {}

  // One day, all in one transaction. Errors: as TransactionRunner::InClinic().
  absl::StatusOr<DigestReport> Run(ClinicId clinic, absl::CivilDay day) const;

  // The days that are over and were not gone through. Errors: as Run(); days before are done then.
  absl::StatusOr<std::vector<DigestReport>> CatchUp(ClinicId clinic) const;

 private:
  absl::StatusOr<std::vector<AccessFinding>> Find(db::TenantTx& tx, absl::CivilDay day) const;
  // With the next flush: that the server has made findings.
  void Record(db::TenantTx& tx, const DigestReport& report) const;

  const Parts parts_;
  FindingStore store_;
};

}  // namespace clinicd::audit
