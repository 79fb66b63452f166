// Every query file is understood by the migrated database, as the role that runs it.
#include <catch2/catch.hpp>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "db/access/named_sql.h"
#include "db/queries/all.h"
#include "tests/support/test_database.h"

namespace clinicd {
namespace {

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

// A connection as each role that runs queries.
struct Roles {
  explicit Roles(const testing::TestDatabase& database)
      : app(database.Connect("clinicd_app")),
        auth(database.Connect("clinicd_auth")),
        jobs(database.Connect("clinicd_jobs")),
        sealer(database.Connect("clinicd_sealer")) {}

  // As the role for it: what looks across clinics may only be run by those whose policies allow it.
  absl::StatusOr<db::AdminConnection::Rows> ExplainAsItsRole(const db::Query& query) {
    auto plan = Explain(app, query);
    if (!query.global) return plan;
    for (auto* connection : {&auth, &jobs, &sealer}) {
      if (plan.ok()) break;
      plan = Explain(*connection, query);
    }
    return plan;
  }

  db::AdminConnection app;
  db::AdminConnection auth;
  db::AdminConnection jobs;
  db::AdminConnection sealer;
};

TEST_CASE("Every query prepares and may be run by the role that runs it", "[db][contract]") {
  const testing::TestDatabase database;
  REQUIRE(database.Connect().Execute("SET check_function_bodies = on").ok());
  Roles roles(database);

  const auto queries = sql::AllQueries();
  REQUIRE(queries.size() >= 10);
  for (const db::Query* query : queries) {
    CAPTURE(std::string(query->name));
    const absl::Status status = roles.ExplainAsItsRole(*query).status();
    INFO(status.ToString());
    CHECK(status.ok());
  }
}

TEST_CASE("No query reads the indexes that keep times from being taken twice", "[db][contract]") {
  const testing::TestDatabase database;
  Roles roles(database);
  const auto indexes = database.Connect().Query(
      "SELECT relation.relname FROM pg_class AS relation JOIN pg_am AS method ON method.oid = "
      "relation.relam WHERE method.amname = 'gist' AND relation.relnamespace = "
      "'clinicd'::regnamespace");
  REQUIRE(indexes.ok());
  REQUIRE(indexes->size() >= 2);
  for (auto* connection : {&roles.app, &roles.auth, &roles.jobs, &roles.sealer}) {
    // As connections have it. Tables are small, of which plans would else read all.
    REQUIRE(connection->Execute("SET plan_cache_mode = force_generic_plan").ok());
    REQUIRE(connection->Execute("SET enable_seqscan = off").ok());
  }

  for (const db::Query* query : sql::AllQueries()) {
    const auto plan = roles.ExplainAsItsRole(*query);
    CAPTURE(std::string(query->name));
    REQUIRE(plan.ok());
    for (const auto& row : *plan) {
      const std::string line = row[0].value_or("");
      for (const auto& index : *indexes) {
        CAPTURE(line);
        CHECK(line.find(index[0].value_or("?")) == std::string::npos);
      }
    }
  }
}

TEST_CASE("Every query has a name of its own", "[db][contract]") {
  std::set<std::string> names;
  for (const db::Query* query : sql::AllQueries()) names.insert(std::string(query->name));

  CHECK(names.size() == sql::AllQueries().size());
}

TEST_CASE("A query without a clinic is one of a reviewed few", "[db][contract]") {
  std::set<std::string> global;
  for (const db::Query* query : sql::AllQueries()) {
    if (query->global) global.insert(std::string(query->name));
  }

  const std::set<std::string> reviewed = {"audit_log/adopt_sealer",
                                          "audit_log/create_partitions",
                                          "audit_log/drop_partition",
                                          "audit_log/get_newest_checkpoint",
                                          "audit_log/insert_checkpoint",
                                          "audit_log/insert_cosignature",
                                          "audit_log/insert_epoch",
                                          "audit_log/insert_heads",
                                          "audit_log/insert_leaves",
                                          "audit_log/insert_meta_leaves",
                                          "audit_log/insert_sealed_meta_tile",
                                          "audit_log/insert_sealed_tile",
                                          "audit_log/insert_sealer",
                                          "audit_log/list_epochs",
                                          "audit_log/list_meta_leaf_hashes",
                                          "audit_log/list_meta_tiles",
                                          "audit_log/list_new_events",
                                          "audit_log/list_old_partitions",
                                          "audit_log/list_sealed_leaf_hashes",
                                          "audit_log/list_sealed_meta_tiles",
                                          "audit_log/list_sealed_tiles",
                                          "audit_log/list_tree_sizes",
                                          "audit_log/list_trees",
                                          "audit_log/list_unsealed_events",
                                          "audit_log/lock_sealer",
                                          "audit_log/update_sealer",
                                          "audit_log/upsert_trees",
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
