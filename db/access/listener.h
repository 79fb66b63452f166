// A connection that waits for notifications and reads what they announce.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "db/access/connection.h"
#include "db/access/tenant_tx.h"

namespace clinicd::db {

// For one thread that follows a table of changes of all clinics. Every function gives up after a
// while when the database does not answer. After an error, open a new one. Not thread-safe.
class Listener final {
 public:
  // Connects and listens to `channel`, a constant of the program, or to none if that is empty; then
  // nothing is ever announced. UNAVAILABLE
  // (DATABASE_UNAVAILABLE).
  static absl::StatusOr<std::unique_ptr<Listener>> Open(const std::string& conninfo,
                                                        std::string_view channel);

  // Waits until something was announced, also before this call, or `timeout` has passed.
  // UNAVAILABLE (DATABASE_UNAVAILABLE) when the connection broke.
  absl::Status Wait(absl::Duration timeout);

  // The rows of a statement that names no clinic of the transaction (`@global`). Errors: as
  // TenantTx.
  template <typename Row>
  absl::StatusOr<std::vector<Row>> Many(const Query& query, const Params& params,
                                        Row (*read)(const RowReader&)) {
    TenantTx tx(*connection_, ScopeOfRead());
    tx.CommitWithNext(nullptr);
    return tx.Many(query, params, read);
  }

 private:
  explicit Listener(std::unique_ptr<Connection> connection) : connection_(std::move(connection)) {}

  static TenantScope ScopeOfRead();

  std::unique_ptr<Connection> connection_;
};

}  // namespace clinicd::db
