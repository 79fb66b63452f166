// A transaction inside one clinic: the only way to the database from a handler.
#pragma once

#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/uuid.h"
#include "common/status/error.h"
#include "db/access/params.h"
#include "db/access/query.h"
#include "db/access/row_reader.h"

namespace clinicd::db {

class Connection;
namespace backend {
struct FlushResult;
}

// How long a commit waits.
enum class Durability {
  // For the disk: changes, money, consent, permissions, sign-in.
  kDisk,
  // Not at all: traces of reads. A crash of the machine may lose the last fraction of a second.
  kRelaxed,
};

// What a transaction is bound to.
struct TenantScope {
  ClinicId clinic = {};
  // Nil when nobody is signed in.
  UserId user = {};
  std::string_view purpose = {};
  // Statements are cut off at this time.
  absl::Time deadline = absl::InfiniteFuture();
  Durability durability = Durability::kDisk;
  bool read_only = false;
};

// A violated constraint and the error it stands for.
struct ConstraintError {
  std::string_view constraint;
  absl::Status (*error)();
};
using ConstraintErrors = std::vector<ConstraintError>;

// A transaction of one clinic on one connection. The clinic is set for row-level security and bound
// to `:clinic_id` of every statement; callers cannot name another.
//
// Statements are sent lazily: Begin and deferred statements travel with the next statement that
// returns something. After an error the transaction can only be rolled back. Destroying an
// unfinished transaction rolls it back. Not thread-safe.
//
// Errors of every statement: the constraint's named error; ABORTED (CONFLICT_RETRY) when the
// database asks for a retry; DEADLINE_EXCEEDED (DEADLINE_PASSED) or CANCELLED (CALL_CANCELLED);
// UNAVAILABLE (DATABASE_UNAVAILABLE) when the connection broke; INTERNAL (INTERNAL_DEFECT) for
// anything else. No text of the driver is in any of them.
class TenantTx final {
 public:
  TenantTx(Connection& connection, const TenantScope& scope);
  ~TenantTx();
  TenantTx(const TenantTx&) = delete;
  TenantTx& operator=(const TenantTx&) = delete;

  // Exactly one row.
  template <typename Row>
  absl::StatusOr<Row> One(const Query& query, const Params& params, Row (*read)(const RowReader&),
                          const ConstraintErrors& errors = {});
  // No row or one.
  template <typename Row>
  absl::StatusOr<std::optional<Row>> Optional(const Query& query, const Params& params,
                                              Row (*read)(const RowReader&),
                                              const ConstraintErrors& errors = {});
  // Any number of rows.
  template <typename Row>
  absl::StatusOr<std::vector<Row>> Many(const Query& query, const Params& params,
                                        Row (*read)(const RowReader&),
                                        const ConstraintErrors& errors = {});
  // The number of rows inserted, updated or deleted.
  absl::StatusOr<std::int64_t> Execute(const Query& query, const Params& params,
                                       const ConstraintErrors& errors = {});
  // Sends the statement with the next flush, without a result. An error of it is the error of
  // that flush.
  void Defer(const Query& query, const Params& params, const ConstraintErrors& errors = {});
  // Sends the statement with the next flush, and hands `read` its rows before that flush returns.
  // If the flush fails, `read` may have got some of them or none. What `read` uses must live as
  // long.
  void DeferRead(const Query& query, const Params& params,
                 std::function<void(const RowReader&)> read);

  // Has the next flush fail with `error` instead of being sent: what had to be part of this
  // transaction could not be made.
  void FailNextFlush(absl::Status error) { queue_error_.Update(std::move(error)); }

  // Says that the next statement is the last one: what `before_commit` defers and the commit ride
  // in its flush. Nothing can be run afterwards.
  void CommitWithNext(std::function<void(TenantTx&)> before_commit);

  // Sends what is deferred and commits. After an error the outcome is a rollback, except for
  // UNAVAILABLE, after which it is unknown.
  absl::Status Commit();
  // Ends the transaction without effect. Harmless when it has ended.
  void Rollback();
  // As Rollback(), in the first flush of the connection's next transaction where that is possible. For
  // who starts one at once: until then the database keeps this one open.
  void RollbackWithNext();

  // True once a commit has been confirmed.
  bool committed() const { return state_ == State::kCommitted; }
  // True once a statement has failed: there is nothing left to commit.
  bool failed() const { return state_ == State::kFailed; }
  const TenantScope& scope() const { return scope_; }

  // For the runner: called with the row of a statement that rides in front of the first one. When
  // it returns false, the caller's statement fails with a CANCELLED status without reason and the
  // transaction has no effect.
  void Precede(const Query& query, const Params& params,
               std::function<bool(const RowReader* row)> inspect);

 private:
  enum class State { kNew, kOpen, kFailed, kCommitted, kRolledBack };
  using ReadRow = std::function<void(const RowReader&)>;

  // What to do with the result of one queued statement.
  struct Queued {
    const Query* query = nullptr;
    ConstraintErrors errors = {};
    // Null: the result does not matter.
    std::function<absl::Status(const pg_result*)> take = {};
  };

  // Runs the statement and hands every row to `read`; the number of affected rows.
  absl::StatusOr<std::int64_t> RunStatement(const Query& query, const Params& params,
                                            const ConstraintErrors& errors, const ReadRow& read);
  // Queues what opens the transaction. A transaction of a single flush needs no BEGIN: everything
  // up to the Sync is one implicit transaction.
  absl::Status Start(bool single_flush);
  absl::Status QueueStatement(const Query& query, const Params& params, Queued queued);
  absl::Status QueueOwn(std::string_view sql, const std::vector<std::string>& values = {});
  void QueueCommit();
  absl::Status Flush(bool commit);
  absl::Status TakeResults(const backend::FlushResult& flush);
  absl::Status Fail(absl::Status status);
  static absl::Status WrongRowCount(const Query& query);

  Connection& connection_;
  TenantScope scope_;
  State state_ = State::kNew;
  // Statements of the next flush, in the order of their results.
  std::vector<Queued> queued_;
  // Queued when the transaction starts, in front of the first statement.
  struct Preceding {
    const Query* query;
    Params params;
    std::function<bool(const RowReader*)> inspect;
  };
  std::vector<Preceding> preceding_;
  // Deferred before the transaction started, after the preceding ones.
  bool commit_with_next_ = false;
  std::function<void(TenantTx&)> before_commit_;
  // The first error of queueing; reported by the next flush.
  absl::Status queue_error_;
};

}  // namespace clinicd::db

#include "db/access/tenant_tx_inl.h"
