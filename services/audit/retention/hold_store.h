// Legal holds in the database.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "db/access/tenant_tx.h"
#include "services/audit/retention/legal_hold.h"

namespace clinicd::audit {

// Stateless. Errors: as TenantTx.
class HoldStore final {
 public:
  // `hold` is in force, with the id of the new row. Nullopt where the clinic has no such patient.
  absl::StatusOr<std::optional<LegalHold>> Insert(db::TenantTx& tx, const LegalHold& hold) const;
  absl::StatusOr<std::optional<LegalHold>> Find(db::TenantTx& tx, const Uuid& id) const;
  // By `hold.released_by` at `hold.released_at` for `hold.release_reason`. Nullopt where it is
  // released, or has another version.
  absl::StatusOr<std::optional<LegalHold>> Release(db::TenantTx& tx, const LegalHold& hold) const;

  // Where a page begins: after this hold.
  struct Position {
    bool released = false;
    Uuid id = {};
  };
  // Those in force first, then the newest.
  absl::StatusOr<std::vector<LegalHold>> List(db::TenantTx& tx,
                                              const std::optional<Position>& after,
                                              std::int32_t limit) const;
};

}  // namespace clinicd::audit
