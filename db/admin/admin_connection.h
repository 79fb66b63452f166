// A plain libpq connection for work around the application: bootstrap, migrations, the private
// cluster, tests. Requests of clients never come this way.
#pragma once

#include <libpq-fe.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace clinicd::db {

// One connection to PostgreSQL, closed with the object. Not thread-safe.
//
// An error carries the SQLSTATE, the position in the statement and the constraint (see below). Its
// message quotes the server only for classes of errors whose text holds names of the schema and no
// row values.
class AdminConnection final {
 public:
  using Row = std::vector<std::optional<std::string>>;
  using Rows = std::vector<Row>;

  // Connects. `conninfo` is a libpq connection string; `password`, when not empty, goes beside it,
  // so that it need not be escaped into it. UNAVAILABLE when no server answers,
  // UNAUTHENTICATED when it refuses the role.
  static absl::StatusOr<AdminConnection> Open(const std::string& conninfo,
                                              const std::string& password = "");

  // Runs one or more statements that return nothing of interest. Several statements without a
  // transaction of their own are one transaction.
  absl::Status Execute(const std::string& sql);

  // Runs one statement with text parameters ($1, $2, ...) and returns its rows as text.
  absl::StatusOr<Rows> Query(const std::string& sql, const Row& parameters = {});

  // As Query, for a statement that returns one row of one column that is not NULL.
  absl::StatusOr<std::string> QueryValue(const std::string& sql, const Row& parameters = {});

  // Sets the password of a role. The server gets only its SCRAM verifier.
  absl::Status SetPassword(const std::string& role, const std::string& password);

  // `name` as a quoted identifier.
  absl::StatusOr<std::string> Quoted(std::string_view name);

  // Whether a transaction block is open, failed or not.
  bool InTransaction() const;

 private:
  struct Closer {
    void operator()(PGconn* connection) const { PQfinish(connection); }
  };

  explicit AdminConnection(PGconn* connection) : connection_(connection) {}

  std::unique_ptr<PGconn, Closer> connection_;
};

// The five-character SQLSTATE of an error of AdminConnection; empty for other statuses.
std::string SqlStateOf(const absl::Status& status);
// The violated constraint, or empty.
std::string ConstraintOf(const absl::Status& status);
// Where in the SQL text, in characters from 1, or 0 where the server did not say.
int SqlPositionOf(const absl::Status& status);

}  // namespace clinicd::db
