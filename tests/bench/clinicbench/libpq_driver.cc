#include "tests/bench/clinicbench/libpq_driver.h"

#include <libpq-fe.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/try.h"

namespace clinicd::bench {
namespace {

struct Closer {
  void operator()(PGconn* connection) const { PQfinish(connection); }
  void operator()(PGresult* result) const { PQclear(result); }
};
using Result = std::unique_ptr<PGresult, Closer>;

// What a connection is doing.
struct Lane {
  std::unique_ptr<PGconn, Closer> connection;
  Operation operation;
  // The statements of the transaction under way, BEGIN and COMMIT among them.
  const std::vector<Statement>* statements = nullptr;
  // Of it: the one whose answer is awaited.
  std::size_t at = 0;
  bool busy = false;
  bool taken = false;
  std::string fault;
};

// Literals for what has no parameters, in the simple protocol.
std::string Inlined(const Statement& statement, const Operation& operation,
                    const Dataset& dataset) {
  std::string sql;
  const std::string& text = statement.sql;
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::size_t end = i + 1;
    while (text[i] == '$' && end < text.size() && text[end] >= '0' && text[end] <= '9') ++end;
    std::size_t number = 0;
    if (end == i + 1 || !absl::SimpleAtoi(text.substr(i + 1, end - i - 1), &number)) {
      sql += text[i];
      continue;
    }
    const std::optional<std::string> value = statement.parameters[number - 1](operation, dataset);
    // Values have no quotes.
    absl::StrAppend(&sql, value ? absl::StrCat("'", *value, "'") : "NULL");
    i = end - 1;
  }
  return sql;
}

class LibpqDriver final : public Driver {
 public:
  LibpqDriver(const LibpqOptions& options, const Script& script, const Dataset& dataset)
      : options_(options), dataset_(dataset), poll_(epoll_create1(EPOLL_CLOEXEC)) {
    const bool pipelined = options.mode == LibpqMode::kPipelined;
    statements_ = Transaction(script.statements, !pipelined, "");
    when_taken_ = Transaction(script.when_taken, !pipelined, "t");
    if (when_taken_.empty()) return;
    // Ends the one that found the time taken.
    when_taken_.insert(when_taken_.begin(), Statement{.name = "rollback", .sql = "ROLLBACK"});
  }
  ~LibpqDriver() override { close(poll_); }
  LibpqDriver(const LibpqDriver&) = delete;
  LibpqDriver& operator=(const LibpqDriver&) = delete;
  LibpqDriver(LibpqDriver&&) = delete;
  LibpqDriver& operator=(LibpqDriver&&) = delete;

  absl::Status Connect() {
    // Waits end within a microsecond of their time, not fifty.
    prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
    lanes_.resize(static_cast<std::size_t>(options_.slots));
    for (std::size_t i = 0; i < lanes_.size(); ++i) {
      Lane& lane = lanes_[i];
      lane.connection.reset(PQconnectdb(options_.conninfo.c_str()));
      PGconn* connection = lane.connection.get();
      if (PQstatus(connection) != CONNECTION_OK) {
        return absl::UnavailableError(PQerrorMessage(connection));
      }
      if (options_.mode != LibpqMode::kSimple) {
        CLINICD_RETURN_IF_ERROR(Prepare(connection, statements_));
        CLINICD_RETURN_IF_ERROR(Prepare(connection, when_taken_));
      }
      PQsetnonblocking(connection, 1);
      if (options_.mode == LibpqMode::kPipelined) PQenterPipelineMode(connection);
      epoll_event event{.events = EPOLLIN, .data = {.u64 = i}};
      epoll_ctl(poll_, EPOLL_CTL_ADD, PQsocket(connection), &event);
    }
    return absl::OkStatus();
  }

  absl::Status Start(std::size_t slot, const Operation& operation) override {
    Lane& lane = lanes_[slot];
    lane.operation = operation;
    lane.statements = &statements_;
    lane.at = 0;
    lane.busy = true;
    lane.taken = false;
    lane.fault.clear();
    bool sent = true;
    if (options_.mode == LibpqMode::kPipelined) {
      for (const Statement& statement : statements_) sent = sent && Send(lane, statement);
      sent = sent && PQpipelineSync(lane.connection.get()) == 1;
    } else {
      sent = Send(lane, statements_.front());
    }
    return sent && PQflush(lane.connection.get()) == 0 ? absl::OkStatus() : Broken(lane);
  }

  absl::Status Wait(absl::Time until, std::vector<Completion>& done) override {
    const absl::Duration left = std::max(absl::ZeroDuration(), until - absl::Now());
    const timespec patience = absl::ToTimespec(left);
    std::array<epoll_event, 64> events = {};
    const int count =
        epoll_pwait2(poll_, events.data(), static_cast<int>(events.size()), &patience, nullptr);
    for (int i = 0; i < count; ++i) {
      const std::size_t slot = events.at(static_cast<std::size_t>(i)).data.u64;
      CLINICD_RETURN_IF_ERROR(Read(lanes_[slot]));
      if (lanes_[slot].busy) continue;
      const Lane& lane = lanes_[slot];
      Verdict verdict = Verdict::kRight;
      if (!lane.fault.empty()) {
        verdict = Verdict::kWrong;
      } else if (lane.taken) {
        verdict = Verdict::kTaken;
      }
      done.push_back({slot, verdict, absl::Now(), lane.fault});
    }
    return absl::OkStatus();
  }

 private:
  static std::vector<Statement> Transaction(const std::vector<Statement>& statements, bool block,
                                            const std::string& suffix) {
    std::vector<Statement> all = statements;
    if (!block || all.empty()) return all;
    all.insert(all.begin(), Statement{.name = "begin" + suffix, .sql = "BEGIN"});
    all.push_back({.name = "commit" + suffix, .sql = "COMMIT"});
    return all;
  }

  static absl::Status Prepare(PGconn* connection, const std::vector<Statement>& statements) {
    for (const Statement& statement : statements) {
      const Result result(
          PQprepare(connection, statement.name.c_str(), statement.sql.c_str(), 0, nullptr));
      if (PQresultStatus(result.get()) != PGRES_COMMAND_OK) {
        return absl::InternalError(absl::StrCat(statement.sql, ": ", PQerrorMessage(connection)));
      }
    }
    return absl::OkStatus();
  }

  bool Send(Lane& lane, const Statement& statement) {
    PGconn* connection = lane.connection.get();
    if (options_.mode == LibpqMode::kSimple) {
      return PQsendQuery(connection, Inlined(statement, lane.operation, dataset_).c_str()) == 1;
    }
    // Kept between calls, because they are many.
    texts_.clear();
    values_.clear();
    for (const ParameterValue value : statement.parameters) {
      texts_.push_back(value(lane.operation, dataset_));
    }
    for (const auto& text : texts_) values_.push_back(text ? text->c_str() : nullptr);
    return PQsendQueryPrepared(connection, statement.name.c_str(), static_cast<int>(values_.size()),
                               values_.data(), nullptr, nullptr, 0) == 1;
  }

  static absl::Status Broken(const Lane& lane) {
    return absl::UnavailableError(PQerrorMessage(lane.connection.get()));
  }

  absl::Status Read(Lane& lane) {
    PGconn* connection = lane.connection.get();
    if (PQconsumeInput(connection) == 0) return Broken(lane);
    while (lane.busy && PQisBusy(connection) == 0) {
      const Result result(PQgetResult(connection));
      if (options_.mode == LibpqMode::kPipelined) {
        TakePipelined(lane, result.get());
      } else if (result != nullptr) {
        Take(lane, (*lane.statements)[lane.at], result.get());
      } else {
        CLINICD_RETURN_IF_ERROR(Continue(lane));
      }
    }
    return absl::OkStatus();
  }

  void TakePipelined(Lane& lane, const PGresult* result) {
    if (result == nullptr) {
      ++lane.at;
    } else if (PQresultStatus(result) == PGRES_PIPELINE_SYNC) {
      lane.busy = false;
    } else if (PQresultStatus(result) != PGRES_PIPELINE_ABORTED) {
      Take(lane, statements_.at(lane.at), result);
    }
  }

  // Sends what comes after the statement whose answer is complete.
  absl::Status Continue(Lane& lane) {
    if (lane.taken && lane.statements == &statements_) {
      lane.statements = &when_taken_;
      lane.at = 0;
    } else {
      ++lane.at;
    }
    if (!lane.fault.empty() || lane.at == lane.statements->size()) {
      lane.busy = false;
      return absl::OkStatus();
    }
    const bool sent = Send(lane, (*lane.statements)[lane.at]);
    return sent && PQflush(lane.connection.get()) == 0 ? absl::OkStatus() : Broken(lane);
  }

  void Take(Lane& lane, const Statement& statement, const PGresult* result) const {
    const ExecStatusType status = PQresultStatus(result);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
      lane.fault = PQresultErrorMessage(result);
      return;
    }
    const int rows = PQntuples(result);
    if (statement.rows >= 0 && rows != statement.rows) {
      lane.fault = absl::StrCat(statement.sql.substr(0, 60), ": ", rows, " rows");
    } else if (!Matches(result, 0, statement.first_column, lane.operation) ||
               !Matches(result, 1, statement.second_column, lane.operation)) {
      lane.fault = "another row than was asked for";
    }
    if (!statement.books) return;
    lane.taken = rows == 0 || PQgetvalue(result, 0, PQnfields(result) - 1)[0] != 't';
    if (lane.operation.conflict && lane.taken != *lane.operation.conflict) {
      lane.fault = lane.taken ? "a free time is taken" : "booked what was taken";
    }
  }

  bool Matches(const PGresult* result, int column, ParameterValue wanted,
               const Operation& operation) const {
    if (wanted == nullptr) return true;
    return PQntuples(result) > 0 && PQgetvalue(result, 0, column) == wanted(operation, dataset_);
  }

  const LibpqOptions options_;
  const Dataset dataset_;
  const int poll_;
  std::vector<Statement> statements_;
  std::vector<Statement> when_taken_;
  std::vector<Lane> lanes_;
  std::vector<std::optional<std::string>> texts_;
  std::vector<const char*> values_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Driver>> ConnectLibpq(const LibpqOptions& options,
                                                     const Script& script, const Dataset& dataset) {
  if (!script.unknown.empty()) {
    return absl::InternalError(absl::StrCat("nobody knows ", script.unknown.front()));
  }
  if (options.mode == LibpqMode::kPipelined && !script.when_taken.empty()) {
    return absl::InvalidArgumentError("what a booking does next depends on an answer");
  }
  auto driver = std::make_unique<LibpqDriver>(options, script, dataset);
  CLINICD_RETURN_IF_ERROR(driver->Connect());
  return std::unique_ptr<Driver>(std::move(driver));
}

}  // namespace clinicd::bench
