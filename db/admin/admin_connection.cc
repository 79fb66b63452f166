#include "db/admin/admin_connection.h"

#include <utility>

#include "absl/strings/cord.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/try.h"

namespace clinicd::db {
namespace {

constexpr char kSqlStatePayload[] = "clinicd/sqlstate";
constexpr char kConstraintPayload[] = "clinicd/constraint";
constexpr char kPositionPayload[] = "clinicd/position";

struct ResultCloser {
  void operator()(PGresult* result) const { PQclear(result); }
};
using Result = std::unique_ptr<PGresult, ResultCloser>;

struct MemoryCloser {
  void operator()(char* memory) const { PQfreemem(memory); }
};

std::string FieldOf(const PGresult* result, int field) {
  const char* text = PQresultErrorField(result, field);
  return text == nullptr ? "" : text;
}

std::string Trimmed(const char* text) {
  return std::string(absl::StripAsciiWhitespace(text == nullptr ? "" : text));
}

absl::StatusCode CodeOf(const std::string& sqlstate) {
  const std::string group = sqlstate.substr(0, 2);
  if (sqlstate == "42501") return absl::StatusCode::kPermissionDenied;
  if (sqlstate == "42P04" || sqlstate == "42710") return absl::StatusCode::kAlreadyExists;
  if (group == "08" || group == "53" || group == "57") return absl::StatusCode::kUnavailable;
  if (group == "40" || group == "55") return absl::StatusCode::kAborted;
  if (group == "28") return absl::StatusCode::kUnauthenticated;
  if (group == "3D") return absl::StatusCode::kNotFound;
  return absl::StatusCode::kInternal;
}

// Errors of data (22), of constraints (23) and raised by functions (P0) may quote row values.
bool TextIsSafe(const std::string& sqlstate) {
  const std::string group = sqlstate.substr(0, 2);
  return group == "08" || group == "28" || group == "3D" || group == "40" || group == "42" ||
         group == "53" || group == "55" || group == "57";
}

absl::Status ErrorOf(const PGconn* connection, const PGresult* result) {
  const std::string sqlstate = FieldOf(result, PG_DIAG_SQLSTATE);
  if (sqlstate.empty()) {
    return absl::UnavailableError(absl::StrCat("the connection to the database broke: ",
                                               Trimmed(PQerrorMessage(connection))));
  }
  const std::string position = FieldOf(result, PG_DIAG_STATEMENT_POSITION);
  const std::string constraint = FieldOf(result, PG_DIAG_CONSTRAINT_NAME);
  std::string message = absl::StrCat("SQLSTATE ", sqlstate);
  if (!position.empty()) absl::StrAppend(&message, " at character ", position);
  if (!constraint.empty()) absl::StrAppend(&message, ", constraint ", constraint);
  if (TextIsSafe(sqlstate)) {
    absl::StrAppend(&message, ": ", FieldOf(result, PG_DIAG_MESSAGE_PRIMARY));
  }
  absl::Status status(CodeOf(sqlstate), message);
  status.SetPayload(kSqlStatePayload, absl::Cord(sqlstate));
  if (!constraint.empty()) status.SetPayload(kConstraintPayload, absl::Cord(constraint));
  if (!position.empty()) status.SetPayload(kPositionPayload, absl::Cord(position));
  return status;
}

absl::Status CheckResult(const PGconn* connection, const PGresult* result) {
  switch (PQresultStatus(result)) {
    case PGRES_COMMAND_OK:
    case PGRES_TUPLES_OK:
    case PGRES_EMPTY_QUERY:
      return absl::OkStatus();
    default:
      return ErrorOf(connection, result);
  }
}

std::string PayloadOf(const absl::Status& status, const char* name) {
  const auto payload = status.GetPayload(name);
  return payload ? std::string(*payload) : std::string();
}

}  // namespace

absl::StatusOr<AdminConnection> AdminConnection::Open(const std::string& conninfo,
                                                      const std::string& password) {
  // The first entry is expanded as a connection string; later ones override it.
  const char* keywords[] = {"dbname", "application_name", "client_encoding", "password", nullptr};
  const char* values[] = {conninfo.c_str(), "clinicd-admin", "UTF8", password.c_str(), nullptr};
  if (password.empty()) keywords[3] = values[3] = nullptr;
  PGconn* raw = PQconnectdbParams(keywords, values, 1);
  AdminConnection connection(raw);
  if (PQstatus(raw) != CONNECTION_OK) {
    const bool refused = PQconnectionNeedsPassword(raw) || PQconnectionUsedPassword(raw);
    const std::string message =
        absl::StrCat("cannot connect to the database: ", Trimmed(PQerrorMessage(raw)));
    return refused ? absl::UnauthenticatedError(message) : absl::UnavailableError(message);
  }
  PQsetNoticeProcessor(
      raw, [](void*, const char*) {}, nullptr);
  return connection;
}

absl::Status AdminConnection::Execute(const std::string& sql) {
  const Result result(PQexec(connection_.get(), sql.c_str()));
  return CheckResult(connection_.get(), result.get());
}

absl::StatusOr<AdminConnection::Rows> AdminConnection::Query(const std::string& sql,
                                                             const Row& parameters) {
  std::vector<const char*> values;
  for (const auto& value : parameters) values.push_back(value ? value->c_str() : nullptr);
  const Result result(PQexecParams(connection_.get(), sql.c_str(), static_cast<int>(values.size()),
                                   nullptr, values.data(), nullptr, nullptr, 0));
  CLINICD_RETURN_IF_ERROR(CheckResult(connection_.get(), result.get()));
  Rows rows(static_cast<std::size_t>(PQntuples(result.get())));
  const int columns = PQnfields(result.get());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const int row = static_cast<int>(i);
    for (int column = 0; column < columns; ++column) {
      if (PQgetisnull(result.get(), row, column) != 0) {
        rows[i].push_back(std::nullopt);
      } else {
        rows[i].emplace_back(PQgetvalue(result.get(), row, column));
      }
    }
  }
  return rows;
}

absl::StatusOr<std::string> AdminConnection::QueryValue(const std::string& sql,
                                                        const Row& parameters) {
  CLINICD_ASSIGN_OR_RETURN(const Rows rows, Query(sql, parameters));
  if (rows.size() != 1 || rows[0].size() != 1 || !rows[0][0]) {
    return absl::InternalError(absl::StrCat("expected one value, got ", rows.size(), " rows"));
  }
  return *rows[0][0];
}

absl::Status AdminConnection::SetPassword(const std::string& role, const std::string& password) {
  const std::unique_ptr<char, MemoryCloser> verifier(
      PQencryptPasswordConn(connection_.get(), password.c_str(), role.c_str(), "scram-sha-256"));
  if (verifier == nullptr) {
    return absl::InternalError(absl::StrCat("cannot make the password verifier of role ", role));
  }
  CLINICD_ASSIGN_OR_RETURN(const std::string name, Quoted(role));
  return Execute(absl::StrCat("ALTER ROLE ", name, " PASSWORD '", verifier.get(), "'"));
}

absl::StatusOr<std::string> AdminConnection::Quoted(std::string_view name) {
  const std::unique_ptr<char, MemoryCloser> quoted(
      PQescapeIdentifier(connection_.get(), name.data(), name.size()));
  if (quoted == nullptr) return absl::InvalidArgumentError("the name is not valid UTF-8");
  return std::string(quoted.get());
}

bool AdminConnection::InTransaction() const {
  const PGTransactionStatusType state = PQtransactionStatus(connection_.get());
  return state == PQTRANS_INTRANS || state == PQTRANS_INERROR;
}

std::string SqlStateOf(const absl::Status& status) { return PayloadOf(status, kSqlStatePayload); }

std::string ConstraintOf(const absl::Status& status) {
  return PayloadOf(status, kConstraintPayload);
}

int SqlPositionOf(const absl::Status& status) {
  int position = 0;
  return absl::SimpleAtoi(PayloadOf(status, kPositionPayload), &position) ? position : 0;
}

}  // namespace clinicd::db
