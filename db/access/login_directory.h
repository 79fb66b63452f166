// What is read before a clinic is known: who may sign in where.
#pragma once

#include <functional>
#include <optional>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "db/access/pool.h"
#include "db/access/tenant_tx.h"

namespace clinicd::db {

// Reads as clinicd_auth, the role that sees the logins of every clinic and nothing else of them.
// Thread-safe. Calls wait for their answer, so they must not come from a worker of the same pool.
class LoginDirectory final {
 public:
  // `pool` connects as clinicd_auth.
  explicit LoginDirectory(Pool& pool) : pool_(pool) {}

  // No row or one of a statement that names no clinic of the transaction (`@global`). Errors: as
  // TenantTx; RESOURCE_EXHAUSTED (SERVER_BUSY) when too many wait.
  template <typename Row>
  absl::StatusOr<std::optional<Row>> Optional(const Query& query, const Params& params,
                                              Row (*read)(const RowReader&), absl::Time deadline) {
    absl::StatusOr<std::optional<Row>> row;
    const absl::Status status = Run(query, deadline, [&](TenantTx& tx) {
      row = tx.Optional(query, params, read);
      return row.status();
    });
    if (!status.ok()) return status;
    return row;
  }

 private:
  absl::Status Run(const Query& query, absl::Time deadline,
                   const std::function<absl::Status(TenantTx&)>& work);

  Pool& pool_;
};

}  // namespace clinicd::db
