// A SOCI backend for PostgreSQL that sends statements with libpq's pipeline mode.
//
// It derives from SOCI's own PostgreSQL backend and replaces how statements travel: every SQL text
// is prepared once per connection (the Parse rides in front of its first use), executing a
// statement only queues it, and Flush() sends everything queued with one Sync and collects the
// results: one network round trip however many statements there are. SOCI statements with `into`
// elements work as usual; each costs a flush of its own.
//
// This and db/access are the only users of <soci/...> and libpq on the way of a request.
#pragma once

#include <libpq-fe.h>
#include <soci/postgresql/soci-postgresql.h>
#include <soci/soci.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "db/access/named_sql.h"
#include "db/backend/flush_result.h"

namespace clinicd::db::backend {

// A SQL text known to one connection.
struct PreparedText {
  std::string name;
  NumberedSql text;
  // True once the server has confirmed the Parse.
  bool prepared = false;
};

class PipelineStatement;

class PipelineSession final : public soci::postgresql_session_backend {
 public:
  explicit PipelineSession(const soci::connection_parameters& parameters);

  // A PipelineStatement.
  soci::postgresql_statement_backend* make_statement_backend() override;
  // Transactions are statements like others, so that they can ride in a flush.
  void begin() override;
  void commit() override;
  void rollback() override;
  bool is_connected() override;

  // The prepared form of `sql`, made on first use. Stays valid as long as the session.
  PreparedText& Prepare(std::string_view sql);
  // Queues a statement; returns its index in the next FlushResult. False `binary` asks for results
  // in text form. Throws soci::soci_error when the connection is broken.
  std::size_t Queue(PreparedText& text, const std::vector<const char*>& values, bool binary);
  // The same for a text that is sent once and kept nowhere.
  std::size_t QueueOnce(const std::string& sql);
  // Sends what is queued and waits for all results, until `deadline` at the latest.
  FlushResult Flush(absl::Time deadline);

  // Waits until a notification has come in or `deadline` has passed, and forgets what came in.
  // Nothing may be queued. False: the connection broke.
  bool WaitForNotification(absl::Time deadline);

  bool usable() const;
  // True while the server holds a transaction open.
  bool in_transaction() const;
  std::size_t queued() const { return statements_queued_; }
  std::int64_t round_trips() const { return round_trips_; }

 private:
  struct Operation {
    // Set for a Parse; the statement it belongs to follows.
    PreparedText* parse = nullptr;
  };

  void CheckSent(int sent);
  bool WaitReadable(absl::Time deadline, FlushResult& flush);
  Result Next(absl::Time deadline, FlushResult& flush);
  // Forgets the notifications that have come in; whether there were any.
  bool TakeNotifications();
  void Collect(const Operation& operation, Result result, FlushResult& flush);
  void CollectSync(absl::Time deadline, FlushResult& flush);

  absl::flat_hash_map<std::string, std::unique_ptr<PreparedText>> texts_;
  std::vector<Operation> operations_;
  std::size_t statements_queued_ = 0;
  std::int64_t round_trips_ = 0;
  bool broken_ = false;
};

// A SOCI statement whose execution is queued on its session.
class PipelineStatement final : public soci::postgresql_statement_backend {
 public:
  explicit PipelineStatement(PipelineSession& session);

  void clean_up() override {}
  void prepare(const std::string& query, soci::details::statement_type type) override;
  exec_fetch_result execute(int number) override;
  std::string get_parameter_name(int index) const override;

  // Index of the last execution in the session's next FlushResult.
  std::size_t queued_index() const { return queued_index_; }

 private:
  exec_fetch_result ExecuteNow(int number);

  PipelineSession& pipeline_;
  PreparedText* text_ = nullptr;
  std::size_t queued_index_ = 0;
  std::vector<const char*> values_;
};

// Makes sessions with this backend: soci::session session(PipelineBackend(), conninfo).
class PipelineBackend final : public soci::backend_factory {
 public:
  PipelineSession* make_session(const soci::connection_parameters& parameters) const override;
};

}  // namespace clinicd::db::backend
