#include "db/access/tenant_tx.h"

#include <libpq-fe.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/text.h"
#include "common/base/try.h"
#include "db/access/connection.h"
#include "db/access/db_errors.h"
#include "db/backend/flush_result.h"

namespace clinicd::db {
namespace {

constexpr std::string_view kSetContext =
    "SELECT set_config('clinicd.clinic_id', :clinic, true), "
    "set_config('clinicd.user_id', :user, true), "
    "set_config('clinicd.purpose', :purpose, true), "
    "set_config('statement_timeout', :timeout, true), "
    "set_config('synchronous_commit', :commit, true), "
    "set_config('transaction_read_only', :read_only, true)";

// How long past the deadline the server may take to say that it gave up.
constexpr absl::Duration kDeadlineGrace = absl::Seconds(2);

// The most that the setting takes.
constexpr std::int64_t kTimeoutMillisMax = std::numeric_limits<std::int32_t>::max();

// Milliseconds left until `deadline`, at least 1: 0 would switch the limit off.
std::string TimeoutMillis(absl::Time deadline) {
  if (deadline == absl::InfiniteFuture()) return "0";
  const std::int64_t left = absl::ToInt64Milliseconds(deadline - absl::Now());
  return absl::StrCat(std::clamp<std::int64_t>(left, 1, kTimeoutMillisMax));
}

std::int64_t AffectedRows(const pg_result* result) {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast): libpq only reads it.
  const std::string_view text = PQcmdTuples(const_cast<PGresult*>(result));
  std::int64_t rows = 0;
  std::from_chars(text.data(), text.data() + text.size(), rows);
  return rows;
}

absl::Status ReadRows(const pg_result* result, const Query& query,
                      const std::function<void(const RowReader&)>& read) {
  for (int row = 0; row < PQntuples(result); ++row) {
    const RowReader reader(result, row);
    read(reader);
    if (!reader.good()) {
      return status::Defect(
          absl::StrCat("query=", std::string(query.name), " returns other columns than are read"));
    }
  }
  return absl::OkStatus();
}

// An error without reason: the transaction was stopped by who asked for it.
absl::Status Stopped() { return absl::CancelledError("stopped"); }

}  // namespace

TenantTx::TenantTx(Connection& connection, const TenantScope& scope)
    : connection_(connection), scope_(scope) {}

TenantTx::~TenantTx() { Rollback(); }

absl::Status TenantTx::QueueOwn(std::string_view sql, const std::vector<std::string>& values) {
  const absl::StatusOr<std::size_t> index = connection_.QueueText(sql, values);
  if (!index.ok()) return index.status();
  queued_.push_back({});
  return absl::OkStatus();
}

absl::Status TenantTx::QueueStatement(const Query& query, const Params& params, Queued queued) {
  const absl::StatusOr<std::size_t> index = connection_.Queue(query, params, scope_.clinic);
  if (!index.ok()) return index.status();
  queued.query = &query;
  queued_.push_back(std::move(queued));
  return absl::OkStatus();
}

absl::Status TenantTx::Start(bool single_flush) {
  if (state_ != State::kNew) return absl::OkStatus();
  state_ = State::kOpen;
  // Of a transaction that was left to this one.
  if (connection_.in_transaction()) CLINICD_RETURN_IF_ERROR(QueueOwn("ROLLBACK"));
  const bool set_local = connection_.mode() == TenantMode::kSetLocal;
  if (!single_flush || set_local) CLINICD_RETURN_IF_ERROR(QueueOwn("BEGIN"));
  const std::string timeout = TimeoutMillis(scope_.deadline);
  const std::string commit = scope_.durability == Durability::kDisk ? "on" : "off";
  const std::string read_only = scope_.read_only ? "on" : "off";
  const std::string user = scope_.user.is_nil() ? std::string() : scope_.user.ToString();
  if (set_local) {
    // Values are UUIDs, numbers and constants of the program, so that quoting cannot go wrong.
    const std::pair<std::string_view, std::string> settings[] = {
        {"clinicd.clinic_id", scope_.clinic.ToString()},
        {"clinicd.user_id", user},
        {"clinicd.purpose", std::string(scope_.purpose)},
        {"statement_timeout", timeout},
        {"synchronous_commit", commit},
        {"transaction_read_only", read_only}};
    for (const auto& [name, value] : settings) {
      const auto index =
          connection_.QueueOnce(absl::StrCat("SET LOCAL ", ToAbsl(name), " = '", value, "'"));
      if (!index.ok()) return index.status();
      queued_.push_back({});
    }
  } else {
    CLINICD_RETURN_IF_ERROR(
        QueueOwn(kSetContext, {scope_.clinic.ToString(), user, std::string(scope_.purpose), timeout,
                               commit, read_only}));
  }
  for (const Preceding& preceding : preceding_) {
    CLINICD_RETURN_IF_ERROR(QueueStatement(
        *preceding.query, preceding.params,
        {.query = nullptr, .errors = {}, .take = [&preceding](const pg_result* result) {
           if (preceding.inspect == nullptr) return absl::OkStatus();
           const RowReader reader(result, 0);
           const bool go_on = preceding.inspect(PQntuples(result) > 0 ? &reader : nullptr);
           return go_on ? absl::OkStatus() : Stopped();
         }}));
  }
  return absl::OkStatus();
}

absl::Status TenantTx::Fail(absl::Status status) {
  state_ = State::kFailed;
  return status;
}

absl::Status TenantTx::WrongRowCount(const Query& query) {
  return status::Defect(absl::StrCat("query=", std::string(query.name), " row count"));
}

absl::Status TenantTx::TakeResults(const backend::FlushResult& flush) {
  const std::vector<Queued> queued = std::exchange(queued_, {});
  if (flush.timed_out) return DeadlinePassed();
  if (flush.broken) return DatabaseUnavailable();
  for (std::size_t i = 0; i < queued.size(); ++i) {
    if (flush.error != nullptr && i == flush.error_index) {
      const Query* query = queued[i].query;
      return FromResult(flush.error, query == nullptr ? "transaction" : query->name,
                        queued[i].errors);
    }
    if (queued[i].take != nullptr) {
      CLINICD_RETURN_IF_ERROR(queued[i].take(flush.results[i].get()));
    }
  }
  if (flush.error != nullptr) return FromResult(flush.error, "sync", {});
  return absl::OkStatus();
}

void TenantTx::QueueCommit() {
  // What is not flushed goes out before the rollback, which could not undo a commit.
  if (queue_error_.ok()) queue_error_ = QueueOwn("COMMIT");
}

absl::Status TenantTx::Flush(bool commit) {
  if (!queue_error_.ok()) return Fail(queue_error_);
  const backend::FlushResult flush = connection_.Flush(scope_.deadline + kDeadlineGrace);
  if (absl::Status status = TakeResults(flush); !status.ok()) return Fail(std::move(status));
  if (commit) state_ = State::kCommitted;
  return absl::OkStatus();
}

absl::StatusOr<std::int64_t> TenantTx::RunStatement(const Query& query, const Params& params,
                                                    const ConstraintErrors& errors,
                                                    const ReadRow& read) {
  if (state_ != State::kNew && state_ != State::kOpen) {
    return status::Defect(absl::StrCat("query=", std::string(query.name), " after the end"));
  }
  const bool single_flush = commit_with_next_ && state_ == State::kNew && preceding_.empty();
  if (absl::Status status = Start(single_flush); !status.ok()) return Fail(std::move(status));
  std::int64_t affected = 0;
  const auto take = [&](const pg_result* result) {
    affected = AffectedRows(result);
    return ReadRows(result, query, read);
  };
  if (absl::Status status = QueueStatement(query, params, {nullptr, errors, take}); !status.ok()) {
    return Fail(std::move(status));
  }
  const bool last = std::exchange(commit_with_next_, false);
  if (last) {
    if (before_commit_) before_commit_(*this);
    const bool implicit = single_flush && connection_.mode() == TenantMode::kSetConfig;
    if (!implicit) QueueCommit();
  }
  CLINICD_RETURN_IF_ERROR(Flush(last));
  return affected;
}

absl::StatusOr<std::int64_t> TenantTx::Execute(const Query& query, const Params& params,
                                               const ConstraintErrors& errors) {
  return RunStatement(query, params, errors, [](const RowReader&) {});
}

void TenantTx::Defer(const Query& query, const Params& params, const ConstraintErrors& errors) {
  queue_error_.Update(Start(/*single_flush=*/false));
  queue_error_.Update(QueueStatement(query, params, {nullptr, errors, nullptr}));
}

void TenantTx::DeferRead(const Query& query, const Params& params,
                         std::function<void(const RowReader&)> read) {
  const auto take = [&query, read = std::move(read)](const pg_result* result) {
    return ReadRows(result, query, read);
  };
  queue_error_.Update(Start(/*single_flush=*/false));
  queue_error_.Update(QueueStatement(query, params, {nullptr, {}, take}));
}

void TenantTx::CommitWithNext(std::function<void(TenantTx&)> before_commit) {
  commit_with_next_ = true;
  before_commit_ = std::move(before_commit);
}

void TenantTx::Precede(const Query& query, const Params& params,
                       std::function<bool(const RowReader* row)> inspect) {
  preceding_.push_back({&query, params, std::move(inspect)});
}

absl::Status TenantTx::Commit() {
  if (state_ == State::kCommitted) return absl::OkStatus();
  if (!queue_error_.ok()) return Fail(queue_error_);
  if (state_ == State::kFailed || state_ == State::kRolledBack) {
    return status::Defect("commit of a transaction that has failed");
  }
  // Nothing was ever asked of the database.
  if (state_ == State::kNew && preceding_.empty()) {
    state_ = State::kCommitted;
    return absl::OkStatus();
  }
  queue_error_.Update(Start(/*single_flush=*/false));
  QueueCommit();
  return Flush(/*commit=*/true);
}

void TenantTx::Rollback() {
  const bool open = state_ == State::kOpen || state_ == State::kFailed;
  if (state_ != State::kCommitted) state_ = State::kRolledBack;
  if (!open || !connection_.usable()) return;
  // Statements that were queued and never sent go out with the rollback and are undone by it.
  if (!queued_.empty() || connection_.in_transaction()) {
    queued_.clear();
    if (connection_.QueueText("ROLLBACK").ok()) {
      connection_.Flush(std::max(scope_.deadline, absl::Now()) + kDeadlineGrace);
    }
  }
}

void TenantTx::RollbackWithNext() {
  // What was queued and never sent would be in front of the next one's statements.
  if (!queued_.empty()) return Rollback();
  if (state_ != State::kCommitted) state_ = State::kRolledBack;
}

}  // namespace clinicd::db
