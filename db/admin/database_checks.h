// What must be true of the database before the server trusts it with clinics. Used at start, where
// a failure stops the server, and by `clinicd doctor`, which reports all of it.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "db/admin/admin_connection.h"

namespace clinicd::db {

// The outcome of one check.
struct Finding {
  enum class Grade { kOk, kWarn, kFail };
  // Stable name, for example "database.role".
  std::string check = {};
  Grade grade = Grade::kOk;
  // What was found.
  std::string detail = {};
  // What to do about it; empty when there is nothing to do.
  std::string fix = {};
};

// The role that the server connects as: neither superuser nor exempt from row-level security, no
// creator of roles or databases, owner of nothing in the schema, member of no role.
absl::StatusOr<Finding> CheckRole(AdminConnection& connection);
// PostgreSQL 15.14 or newer: earlier ones leak through statistics (CVE-2025-8713).
absl::StatusOr<Finding> CheckVersion(AdminConnection& connection);
// Row-level security enabled and forced on every table of the schema.
absl::StatusOr<Finding> CheckRowSecurity(AdminConnection& connection);
// Every migration of this program applied, none edited, none unknown.
absl::StatusOr<Finding> CheckSchema(AdminConnection& connection);
// The database's clock within five seconds of `now`.
absl::StatusOr<Finding> CheckClock(AdminConnection& connection, absl::Time now);

// All of the above, in this order. Errors are those of the connection.
absl::StatusOr<std::vector<Finding>> CheckDatabase(AdminConnection& connection, absl::Time now);

}  // namespace clinicd::db
