// Every query file is understood by the migrated database, as the role that runs it.
#include <catch2/catch.hpp>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "db/access/named_sql.h"
#include "db/queries/appointments.h"
#include "db/queries/audit.h"
#include "db/queries/identity.h"
#include "db/queries/patients.h"
#include "db/queries/runner.h"
#include "db/queries/vault.h"
#include "tests/support/test_database.h"

namespace clinicd {
namespace {

std::vector<const db::Query*> AllQueries() {
  std::vector<const db::Query*> queries;
  for (const auto area : {sql::AllAppointmentsQueries(), sql::AllAuditQueries(),
                          sql::AllIdentityQueries(), sql::AllPatientsQueries(),
                          sql::AllRunnerQueries(), sql::AllVaultQueries()}) {
    queries.insert(queries.end(), area.begin(), area.end());
  }
  return queries;
}

// PREPARE checks names and types, and a plan without parameters the rights on tables and columns.
absl::Status Explain(db::AdminConnection& connection, const db::Query& query) {
  const db::NumberedSql numbered = db::NumberParameters(query.sql);
  const absl::Status prepared =
      connection.Execute(absl::StrCat("DEALLOCATE ALL; PREPARE q AS ", numbered.sql));
  if (!prepared.ok()) return prepared;
  std::string arguments;
  for (std::size_t i = 0; i < numbered.names.size(); ++i) {
    absl::StrAppend(&arguments, i == 0 ? "(" : ", ", "NULL",
                    i + 1 == numbered.names.size() ? ")" : "");
  }
  return connection.Execute(absl::StrCat("EXPLAIN EXECUTE q", arguments));
}

TEST_CASE("Every query prepares and may be run by the role that runs it", "[db][contract]") {
  const testing::TestDatabase database;
  auto app = database.Connect("clinicd_app");
  auto auth = database.Connect("clinicd_auth");

  const std::vector<const db::Query*> queries = AllQueries();

  REQUIRE(queries.size() > 40);
  for (const db::Query* query : queries) {
    CAPTURE(std::string(query->name));
    // What looks across clinics may only be run by the role for sign-in, whose policies allow it.
    const absl::Status as_app = Explain(app, *query);
    const absl::Status status = as_app.ok() || !query->global ? as_app : Explain(auth, *query);
    INFO(status.ToString());
    CHECK(status.ok());
  }
}

TEST_CASE("Every query has a name of its own", "[db][contract]") {
  std::set<std::string> names;
  for (const db::Query* query : AllQueries()) names.insert(std::string(query->name));

  CHECK(names.size() == AllQueries().size());
}

TEST_CASE("A query without a clinic is one of a reviewed few", "[db][contract]") {
  std::set<std::string> global;
  for (const db::Query* query : AllQueries()) {
    if (query->global) global.insert(std::string(query->name));
  }

  const std::set<std::string> reviewed = {
      "identity/find_clinic_by_slug",
      "identity/find_login",
      "identity/find_password",
      "identity/insert_person",
      "identity/list_authz_changes",
      "identity/notify_authz_change",
      "identity/spend_failed_sign_in",
      "runner/follow_changes",
      "runner/list_active_clinics",
      "runner/lock_idempotency_key"};
  CHECK(global == reviewed);
}

}  // namespace
}  // namespace clinicd
