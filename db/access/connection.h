// One database session, owned by one worker thread. Private to db/.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/uuid.h"
#include "db/access/params.h"
#include "db/access/query.h"

struct pg_cancel;

namespace soci {
class session;
}

namespace clinicd::db {

namespace backend {
class PipelineSession;
struct FlushResult;
}  // namespace backend

// How a transaction is told its clinic.
enum class TenantMode {
  // One statement of set_config() calls; the default.
  kSetConfig,
  // SET LOCAL text, for engines that pass on SET LOCAL to their shards but not set_config().
  kSetLocal,
};

struct ConnectionOptions {
  // libpq connection string, with the password where one is needed.
  std::string conninfo = {};
  TenantMode mode = TenantMode::kSetConfig;
  // Applied to every SQL text of a query before it is prepared. For the isolation suite, which
  // removes one of the two guards to prove the other.
  std::function<std::string(std::string_view)> rewrite_sql = {};
};

class Connection final {
 public:
  // Connects. Errors: UNAVAILABLE (DATABASE_UNAVAILABLE).
  static absl::StatusOr<std::unique_ptr<Connection>> Open(const ConnectionOptions& options);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Queues a query with `clinic` bound to :clinic_id. Returns its index in the next FlushResult.
  absl::StatusOr<std::size_t> Queue(const Query& query, const Params& params,
                                    const ClinicId& clinic);
  // Queues one of this library's own statements, for example "BEGIN".
  absl::StatusOr<std::size_t> QueueText(std::string_view sql,
                                        const std::vector<std::string>& values = {});
  // The same for a text that holds values, of which the server is to keep no plan.
  absl::StatusOr<std::size_t> QueueOnce(const std::string& sql);
  backend::FlushResult Flush(absl::Time deadline);

  // Waits until a notification has come in or `deadline` has passed, and forgets what came in.
  // False: the connection broke.
  bool WaitForNotification(absl::Time deadline);

  bool usable() const;
  bool in_transaction() const;
  // Round trips made since the connection was opened.
  std::int64_t round_trips() const;
  TenantMode mode() const { return options_.mode; }

  // Asks the server to stop what this connection is running. Blocks for a round trip; may be called
  // from any thread while the connection lives. False: the request could not be sent.
  bool Cancel() const;

 private:
  struct Bound;

  explicit Connection(ConnectionOptions options);
  Bound& BoundFor(const Query& query);

  ConnectionOptions options_;
  std::unique_ptr<soci::session> session_;
  backend::PipelineSession* pipeline_ = nullptr;
  pg_cancel* cancel_ = nullptr;
  // By the address of the SQL text, which is a constant of the program.
  absl::flat_hash_map<const char*, std::unique_ptr<Bound>> bound_;
};

}  // namespace clinicd::db
