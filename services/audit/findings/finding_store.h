// Findings in the database, and what they are made from.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "db/access/tenant_tx.h"
#include "services/audit/findings/access_finding.h"
#include "services/audit/findings/digest_rules.h"

namespace clinicd::audit {

// Of the clinic of the transaction.
struct DigestSettings {
  absl::TimeZone zone = absl::UTCTimeZone();
  std::int64_t daily_patients_max = 0;
  // The last day that was gone through.
  std::optional<absl::CivilDay> digested_on = {};
  absl::Time created_at = {};
};

// Stateless. Errors: as TenantTx.
class FindingStore final {
 public:
  // INTERNAL_DEFECT where this machine does not know the clinic's time zone.
  absl::StatusOr<DigestSettings> Settings(db::TenantTx& tx) const;
  // `fallback` is the clock of the main site. Empty: none are set.
  absl::StatusOr<std::vector<OpeningHours>> ListOpeningHours(db::TenantTx& tx,
                                                             absl::TimeZone fallback) const;

  // What is unusual in the events of `span`, without id, day and time of making.
  absl::StatusOr<std::vector<AccessFinding>> ListManyPatients(db::TenantTx& tx, TimeSpan span,
                                                              std::int64_t most) const;
  absl::StatusOr<std::vector<AccessFinding>> ListRefusedCalls(db::TenantTx& tx, TimeSpan span,
                                                              std::int64_t most) const;
  // Outside of all of `open`.
  absl::StatusOr<std::vector<AccessFinding>> ListOutOfHours(
      db::TenantTx& tx, TimeSpan span, const std::vector<TimeSpan>& open) const;
  absl::StatusOr<std::vector<AccessFinding>> ListOwnFamilyNames(db::TenantTx& tx,
                                                                TimeSpan span) const;
  absl::StatusOr<std::vector<AccessFinding>> ListBreakGlass(db::TenantTx& tx, TimeSpan span) const;
  absl::StatusOr<std::vector<AccessFinding>> ListVips(db::TenantTx& tx, TimeSpan span) const;

  // False where the clinic has that finding.
  absl::StatusOr<bool> Insert(db::TenantTx& tx, const AccessFinding& finding) const;
  // Says that `day` was gone through; harmless where a later one was.
  absl::Status SetDigested(db::TenantTx& tx, absl::CivilDay day) const;

  // Where a page begins: after this finding.
  struct Position {
    bool closed = false;
    Uuid id = {};
  };
  // Open ones first, then the newest.
  absl::StatusOr<std::vector<AccessFinding>> List(db::TenantTx& tx,
                                                  const std::optional<Position>& after,
                                                  std::int32_t limit) const;
  absl::StatusOr<std::optional<AccessFinding>> Find(db::TenantTx& tx, const Uuid& id) const;
  // By `finding.closed_by` at `finding.closed_at` with `finding.note`. Nullopt where it is closed,
  // or has another version.
  absl::StatusOr<std::optional<AccessFinding>> Close(db::TenantTx& tx,
                                                     const AccessFinding& finding) const;
};

}  // namespace clinicd::audit
