#include "db/backend/pipeline_backend.h"

#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace clinicd::db::backend {
namespace {

// Longest single wait in poll(), so that a far deadline does not overflow its argument.
constexpr absl::Duration kPollMax = absl::Minutes(1);

[[noreturn]] void Throw(const char* what) { throw soci::soci_error(what); }

}  // namespace

PipelineSession::PipelineSession(const soci::connection_parameters& parameters)
    : soci::postgresql_session_backend(parameters, /*single_row_mode=*/false) {
  // Statements are made for plans that serve every value (their plans are tested so). Left to itself
  // PostgreSQL plans some of them anew for each call, by a guess that changes with its statistics and
  // may cost more than the statement.
  const std::unique_ptr<PGresult, decltype(&PQclear)> set(
      PQexec(conn_, "SET plan_cache_mode = force_generic_plan"), &PQclear);
  if (PQresultStatus(set.get()) != PGRES_COMMAND_OK) Throw("cannot set the plan mode");
  if (PQenterPipelineMode(conn_) != 1) Throw("cannot enter pipeline mode");
}

soci::postgresql_statement_backend* PipelineSession::make_statement_backend() {
  return new PipelineStatement(*this);
}

void PipelineSession::begin() { Queue(Prepare("BEGIN"), {}, true); }
void PipelineSession::commit() { Queue(Prepare("COMMIT"), {}, true); }
void PipelineSession::rollback() { Queue(Prepare("ROLLBACK"), {}, true); }
bool PipelineSession::is_connected() { return usable(); }

bool PipelineSession::usable() const { return !broken_ && PQstatus(conn_) == CONNECTION_OK; }

bool PipelineSession::in_transaction() const {
  const PGTransactionStatusType status = PQtransactionStatus(conn_);
  return status == PQTRANS_INTRANS || status == PQTRANS_INERROR;
}

PreparedText& PipelineSession::Prepare(std::string_view sql) {
  auto [entry, added] = texts_.try_emplace(std::string(sql));
  if (added) {
    entry->second = std::make_unique<PreparedText>();
    entry->second->name = absl::StrCat("s", texts_.size());
    entry->second->text = NumberParameters(sql);
  }
  return *entry->second;
}

void PipelineSession::CheckSent(int sent) {
  if (sent == 1) return;
  broken_ = true;
  Throw("connection lost while sending");
}

std::size_t PipelineSession::Queue(PreparedText& text, const std::vector<const char*>& values,
                                   bool binary) {
  if (!usable()) Throw("connection lost");
  const bool parse_queued = std::any_of(operations_.begin(), operations_.end(),
                                        [&](const Operation& o) { return o.parse == &text; });
  if (!text.prepared && !parse_queued) {
    CheckSent(PQsendPrepare(conn_, text.name.c_str(), text.text.sql.c_str(), 0, nullptr));
    operations_.push_back({.parse = &text});
  }
  CheckSent(PQsendQueryPrepared(conn_, text.name.c_str(), static_cast<int>(values.size()),
                                values.data(), nullptr, nullptr, binary ? 1 : 0));
  operations_.push_back({});
  return statements_queued_++;
}

std::size_t PipelineSession::QueueOnce(const std::string& sql) {
  if (!usable()) Throw("connection lost");
  CheckSent(PQsendQueryParams(conn_, sql.c_str(), 0, nullptr, nullptr, nullptr, nullptr, 1));
  operations_.push_back({});
  return statements_queued_++;
}

bool PipelineSession::WaitReadable(absl::Time deadline, FlushResult& flush) {
  const absl::Duration left = std::min(deadline - absl::Now(), kPollMax);
  pollfd descriptor{.fd = PQsocket(conn_), .events = POLLIN, .revents = 0};
  const auto millis = left <= absl::ZeroDuration() ? 0 : absl::ToInt64Milliseconds(left) + 1;
  const int ready = poll(&descriptor, 1, static_cast<int>(millis));
  if (ready < 0 && errno == EINTR) return true;
  if (ready == 0 && absl::Now() >= deadline) {
    flush.timed_out = true;
    return false;
  }
  return ready == 0 || PQconsumeInput(conn_) == 1;
}

// The next result, or null at the boundary between two operations or when the connection broke.
Result PipelineSession::Next(absl::Time deadline, FlushResult& flush) {
  while (PQisBusy(conn_) != 0) {
    if (!WaitReadable(deadline, flush)) {
      broken_ = flush.broken = true;
      return nullptr;
    }
  }
  Result result(PQgetResult(conn_));
  if (PQstatus(conn_) != CONNECTION_OK) broken_ = flush.broken = true;
  return result;
}

void PipelineSession::Collect(const Operation& operation, Result result, FlushResult& flush) {
  const ExecStatusType status = PQresultStatus(result.get());
  const bool failed = status == PGRES_FATAL_ERROR;
  if (operation.parse != nullptr) {
    operation.parse->prepared = status == PGRES_COMMAND_OK;
    if (failed && flush.error == nullptr) {
      flush.other_error = std::move(result);
      flush.error = flush.other_error.get();
      flush.error_index = flush.results.size();
    }
    return;
  }
  if (failed && flush.error == nullptr) {
    flush.error = result.get();
    flush.error_index = flush.results.size();
  }
  if (status == PGRES_PIPELINE_ABORTED) result.reset();
  flush.results.push_back(std::move(result));
}

void PipelineSession::CollectSync(absl::Time deadline, FlushResult& flush) {
  while (!flush.broken) {
    Result result = Next(deadline, flush);
    if (result == nullptr) continue;
    const ExecStatusType status = PQresultStatus(result.get());
    if (status == PGRES_PIPELINE_SYNC) return;
    if (status == PGRES_FATAL_ERROR && flush.error == nullptr) {
      flush.other_error = std::move(result);
      flush.error = flush.other_error.get();
      flush.error_index = flush.results.size();
    }
  }
}

FlushResult PipelineSession::Flush(absl::Time deadline) {
  FlushResult flush;
  const std::vector<Operation> operations = std::exchange(operations_, {});
  statements_queued_ = 0;
  if (!usable() || PQpipelineSync(conn_) != 1) {
    broken_ = flush.broken = true;
    return flush;
  }
  ++round_trips_;
  for (const Operation& operation : operations) {
    Result result = Next(deadline, flush);
    if (flush.broken) return flush;
    Collect(operation, std::move(result), flush);
    // Every operation ends with a null result.
    while (!flush.broken && Next(deadline, flush) != nullptr) {
    }
    if (flush.broken) return flush;
  }
  CollectSync(deadline, flush);
  return flush;
}

bool PipelineSession::TakeNotifications() {
  bool any = false;
  while (PGnotify* notification = PQnotifies(conn_)) {
    PQfreemem(notification);
    any = true;
  }
  return any;
}

bool PipelineSession::WaitForNotification(absl::Time deadline) {
  FlushResult wait;
  while (usable() && !TakeNotifications()) {
    if (WaitReadable(deadline, wait)) continue;
    // Nothing came in time, which is no fault, or reading failed.
    broken_ = broken_ || !wait.timed_out;
    break;
  }
  return usable();
}

PipelineStatement::PipelineStatement(PipelineSession& session)
    : soci::postgresql_statement_backend(session, /*single_row_mode=*/false), pipeline_(session) {}

void PipelineStatement::prepare(const std::string& query, soci::details::statement_type type) {
  stType_ = type;
  text_ = &pipeline_.Prepare(query);
  names_ = text_->text.names;
}

std::string PipelineStatement::get_parameter_name(int index) const {
  return names_.at(static_cast<std::size_t>(index));
}

PipelineStatement::exec_fetch_result PipelineStatement::execute(int number) {
  values_.clear();
  for (const std::string& name : names_) {
    const auto buffer = useByNameBuffers_.find(name);
    if (buffer == useByNameBuffers_.end()) Throw("a parameter was not bound");
    values_.push_back(*buffer->second);
  }
  if (hasIntoElements_ || hasVectorIntoElements_) return ExecuteNow(number);
  queued_index_ = pipeline_.Queue(*text_, values_, /*binary=*/true);
  return ef_no_data;
}

PipelineStatement::exec_fetch_result PipelineStatement::ExecuteNow(int number) {
  const std::size_t index = pipeline_.Queue(*text_, values_, /*binary=*/false);
  FlushResult flush = pipeline_.Flush(absl::InfiniteFuture());
  if (flush.broken) Throw("connection lost");
  if (flush.error != nullptr) {
    throw soci::postgresql_soci_error("statement failed",
                                      PQresultErrorField(flush.error, PG_DIAG_SQLSTATE));
  }
  result_.reset(flush.results[index].release());
  numberOfRows_ = PQntuples(result_.get_result());
  currentRow_ = 0;
  rowsToConsume_ = 0;
  if (numberOfRows_ == 0) return ef_no_data;
  return number > 0 ? fetch(number) : ef_success;
}

PipelineSession* PipelineBackend::make_session(
    const soci::connection_parameters& parameters) const {
  return new PipelineSession(parameters);
}

}  // namespace clinicd::db::backend
