#include "db/admin/database_checks.h"

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/try.h"
#include "db/migrate/migrate.h"

namespace clinicd::db {
namespace {

using Grade = Finding::Grade;

constexpr int kVersionMin = 150014;
constexpr absl::Duration kClockSkewMax = absl::Seconds(5);

constexpr char kRoleFaults[] = R"(
  SELECT 'is a superuser' FROM pg_roles WHERE rolname = current_user AND rolsuper
  UNION ALL SELECT 'bypasses row-level security' FROM pg_roles
    WHERE rolname = current_user AND rolbypassrls
  UNION ALL SELECT 'may create roles or databases' FROM pg_roles
    WHERE rolname = current_user AND (rolcreaterole OR rolcreatedb)
  UNION ALL SELECT 'owns ' || c.relname FROM pg_class AS c
    JOIN pg_namespace AS n ON n.oid = c.relnamespace
    JOIN pg_roles AS r ON r.oid = c.relowner
    WHERE n.nspname = 'clinicd' AND r.rolname = current_user
  UNION ALL SELECT 'is a member of ' || r.rolname FROM pg_roles AS r
    WHERE r.rolname <> current_user AND NOT EXISTS
        (SELECT FROM pg_roles WHERE rolname = current_user AND rolsuper)
      AND pg_has_role(current_user, r.oid, 'MEMBER')
  ORDER BY 1)";

constexpr char kUnprotectedTables[] = R"(
  SELECT c.relname FROM pg_class AS c
  JOIN pg_namespace AS n ON n.oid = c.relnamespace
  WHERE n.nspname = 'clinicd' AND c.relkind IN ('r', 'p') AND c.relname <> 'schema_migrations'
    AND NOT (c.relrowsecurity AND c.relforcerowsecurity)
  ORDER BY 1)";

std::string Join(const AdminConnection::Rows& rows) {
  return absl::StrJoin(rows, ", ", [](std::string* out, const AdminConnection::Row& row) {
    absl::StrAppend(out, row.at(0).value_or(""));
  });
}

}  // namespace

absl::StatusOr<Finding> CheckRole(AdminConnection& connection) {
  CLINICD_ASSIGN_OR_RETURN(const AdminConnection::Rows faults, connection.Query(kRoleFaults));
  CLINICD_ASSIGN_OR_RETURN(const std::string role,
                           connection.QueryValue("SELECT current_user::text"));
  if (faults.empty()) return Finding{.check = "database.role", .detail = role};
  return Finding{.check = "database.role",
                 .grade = Grade::kFail,
                 .detail = absl::StrCat("The role ", role, " ", Join(faults),
                                        "; row-level security would not bind it."),
                 .fix = "Set db.conninfo to the role clinicd_app, as db/bootstrap.sql makes it."};
}

absl::StatusOr<Finding> CheckVersion(AdminConnection& connection) {
  CLINICD_ASSIGN_OR_RETURN(const std::string number,
                           connection.QueryValue("SELECT current_setting('server_version_num')"));
  CLINICD_ASSIGN_OR_RETURN(const std::string version,
                           connection.QueryValue("SELECT current_setting('server_version')"));
  int value = 0;
  if (absl::SimpleAtoi(number, &value) && value >= kVersionMin) {
    return Finding{.check = "database.version", .detail = absl::StrCat("PostgreSQL ", version)};
  }
  return Finding{.check = "database.version",
                 .grade = Grade::kFail,
                 .detail = absl::StrCat("PostgreSQL ", version, " is too old."),
                 .fix = "Install PostgreSQL 15.14 or newer."};
}

absl::StatusOr<Finding> CheckRowSecurity(AdminConnection& connection) {
  CLINICD_ASSIGN_OR_RETURN(const AdminConnection::Rows tables,
                           connection.Query(kUnprotectedTables));
  if (tables.empty()) {
    return Finding{.check = "database.row_security",
                   .detail = "enabled and forced on every table"};
  }
  return Finding{.check = "database.row_security",
                 .grade = Grade::kFail,
                 .detail = absl::StrCat("Not enabled and forced on: ", Join(tables), "."),
                 .fix = "ALTER TABLE ... ENABLE and FORCE ROW LEVEL SECURITY, and find out who "
                        "switched it off."};
}

absl::StatusOr<Finding> CheckSchema(AdminConnection& connection) {
  MigrationRunner runner(connection, EmbeddedMigrations());
  CLINICD_ASSIGN_OR_RETURN(const std::vector<MigrationStatus> statuses, runner.Status());
  const auto count = [&](MigrationState state) {
    return std::count_if(statuses.begin(), statuses.end(),
                         [state](const MigrationStatus& s) { return s.state == state; });
  };
  const auto pending = count(MigrationState::kPending);
  const auto edited = count(MigrationState::kEdited);
  const auto unknown = count(MigrationState::kUnknown);
  if (edited > 0 || unknown > 0) {
    return Finding{.check = "database.schema",
                   .grade = Grade::kFail,
                   .detail = absl::StrCat(edited, " migrations differ from what was applied, ",
                                          unknown, " are unknown to this program."),
                   .fix = "Run the program version that made the schema; see "
                          "`clinicd migrate status`."};
  }
  if (pending > 0) {
    return Finding{.check = "database.schema",
                   .grade = Grade::kFail,
                   .detail = absl::StrCat(pending, " migrations are pending."),
                   .fix = "clinicd migrate up"};
  }
  return Finding{.check = "database.schema",
                 .detail = absl::StrCat(statuses.size(), " migrations applied")};
}

absl::StatusOr<Finding> CheckClock(AdminConnection& connection, absl::Time now) {
  CLINICD_ASSIGN_OR_RETURN(
      const std::string micros,
      connection.QueryValue("SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint"));
  std::int64_t value = 0;
  if (!absl::SimpleAtoi(micros, &value)) return absl::InternalError("The database's clock is no number.");
  const absl::Duration skew = absl::AbsDuration(absl::FromUnixMicros(value) - now);
  if (skew <= kClockSkewMax) {
    return Finding{.check = "clock",
                   .detail = absl::StrCat("within ", absl::FormatDuration(absl::Ceil(
                                                         skew, absl::Milliseconds(1))),
                                          " of the database")};
  }
  return Finding{.check = "clock",
                 .grade = Grade::kFail,
                 .detail = absl::StrCat("Differs from the database's by ",
                                        absl::FormatDuration(skew), "."),
                 .fix = "Let NTP set the clocks of both machines."};
}

absl::StatusOr<std::vector<Finding>> CheckDatabase(AdminConnection& connection, absl::Time now) {
  std::vector<Finding> findings;
  for (const auto check : {CheckVersion, CheckRole, CheckSchema, CheckRowSecurity}) {
    CLINICD_ASSIGN_OR_RETURN(Finding finding, check(connection));
    findings.push_back(std::move(finding));
  }
  CLINICD_ASSIGN_OR_RETURN(Finding clock, CheckClock(connection, now));
  findings.push_back(std::move(clock));
  return findings;
}

}  // namespace clinicd::db
