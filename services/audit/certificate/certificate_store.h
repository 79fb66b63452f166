// Certificates in the database.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "db/access/tenant_tx.h"
#include "services/audit/certificate/certificate.h"

namespace clinicd::audit {

// Stateless. Errors: as TenantTx.
class CertificateStore final {
 public:
  // False where the clinic has the same result of that day.
  absl::StatusOr<bool> Insert(db::TenantTx& tx, const Certificate& certificate) const;
  absl::StatusOr<std::optional<Certificate>> Find(db::TenantTx& tx, const Uuid& id) const;
  // What was found last on `day`.
  absl::StatusOr<std::optional<Certificate>> FindNewest(db::TenantTx& tx, absl::CivilDay day) const;

  // Where a page begins: after this certificate.
  struct Position {
    absl::CivilDay day = absl::CivilDay(9999, 12, 31);
    Uuid id = {};
  };
  // Newest first.
  absl::StatusOr<std::vector<Certificate>> List(db::TenantTx& tx, const Position& after,
                                                std::int32_t limit) const;
};

}  // namespace clinicd::audit
