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
absl::StatusOr<db::AdminConnection::Rows> Explain(db::AdminConnection& connection,
                                                  const db::Query& query) {
  const db::NumberedSql numbered = db::NumberParameters(query.sql);
  const absl::Status prepared =
      connection.Execute(absl::StrCat("DEALLOCATE ALL; PREPARE q AS ", numbered.sql));
  if (!prepared.ok()) return prepared;
  std::string arguments;
  for (std::size_t i = 0; i < numbered.names.size(); ++i) {
    absl::StrAppend(&arguments, i == 0 ? "(" : ", ", "NULL",
                    i + 1 == numbered.names.size() ? ")" : "");
  }
  return connection.Query(absl::StrCat("EXPLAIN EXECUTE q", arguments));
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
    const absl::Status as_app = Explain(app, *query).status();
    const absl::Status status =
        as_app.ok() || !query->global ? as_app : Explain(auth, *query).status();
    INFO(status.ToString());
    CHECK(status.ok());
  }
}

TEST_CASE("No query reads the indexes that keep times from being taken twice", "[db][contract]") {
  const testing::TestDatabase database;
  auto app = database.Connect("clinicd_app");
  auto auth = database.Connect("clinicd_auth");
  const auto indexes = database.Connect().Query(
      "SELECT relation.relname FROM pg_class AS relation JOIN pg_am AS method ON method.oid = "
      "relation.relam WHERE method.amname = 'gist' AND relation.relnamespace = "
      "'clinicd'::regnamespace");
  REQUIRE(indexes.ok());
  REQUIRE(indexes->size() >= 2);
  for (auto* connection : {&app, &auth}) {
    // As connections have it. Tables are small, of which plans would else read all.
    REQUIRE(connection->Execute("SET plan_cache_mode = force_generic_plan").ok());
    REQUIRE(connection->Execute("SET enable_seqscan = off").ok());
  }

  int plans = 0;
  for (const db::Query* query : AllQueries()) {
    const auto as_app = Explain(app, *query);
    const auto plan = as_app.ok() ? as_app : Explain(auth, *query);
    CAPTURE(std::string(query->name));
    REQUIRE(plan.ok());
    for (const auto& row : *plan) {
      const std::string line = row[0].value_or("");
      for (const auto& index : *indexes) {
        CAPTURE(line);
        CHECK(line.find(index[0].value_or("?")) == std::string::npos);
      }
    }
    ++plans;
  }

  CHECK(plans == static_cast<int>(AllQueries().size()));
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
