// Compares what keeps clinics apart in a migrated database with what the program takes it for.
//
// CLINICD_UPDATE_GOLDEN=1 tests/guards_contract_test   writes db/isolation/guards.txt anew; build
// again then
#include "db/isolation/guards.h"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>

#include "db/isolation/embedded_text.h"
#include "tests/support/source_directory.h"
#include "tests/support/test_database.h"

namespace clinicd::db {
namespace {

std::vector<Guard> GuardsOf(const testing::TestDatabase& database, std::string_view role) {
  AdminConnection connection = database.Connect(role);
  const auto guards = ReadGuards(connection);
  INFO(guards.status());
  REQUIRE(guards.ok());
  return *guards;
}

TEST_CASE("The guards of a migrated database are those that the program carries",
          "[schema][contract]") {
  const testing::TestDatabase database;
  const std::string guards = GuardText(GuardsOf(database, "clinicd_app"));
  if (std::getenv("CLINICD_UPDATE_GOLDEN") != nullptr) {
    std::ofstream(testing::SourceDirectory() / "db/isolation/guards.txt") << guards;
  }

  CHECK(std::string(ExpectedGuards()) == guards);
  CHECK(CompareGuards(GuardsOf(database, "clinicd_app"), ExpectedGuards()).empty());
}

TEST_CASE("The server's role reads the same guards as a superuser", "[schema][contract]") {
  const testing::TestDatabase database;

  CHECK(GuardText(GuardsOf(database, "clinicd_app")) == GuardText(GuardsOf(database, kSuperuser)));
}

TEST_CASE("A guard that is gone, added or changed is named by its object", "[schema][contract]") {
  struct Change {
    const char* sql;
    Breaches breaches;
  };
  const Change change = GENERATE(
      Change{"DROP POLICY changes_clinic_isolation_restrictive ON clinicd.changes",
             {{"GUARD_UNKNOWN", "table changes"}, {"GUARD_MISSING", "table changes"}}},
      Change{"GRANT DELETE ON clinicd.patients TO clinicd_app",
             {{"GUARD_UNKNOWN", "table patients"}}},
      Change{"REVOKE INSERT ON clinicd.patients FROM clinicd_app",
             {{"GUARD_MISSING", "table patients"}}},
      Change{"CREATE OR REPLACE FUNCTION clinicd.current_clinic_id() RETURNS uuid LANGUAGE sql "
             "STABLE AS $$ SELECT NULL::uuid $$",
             {{"GUARD_UNKNOWN", "function current_clinic_id"},
              {"GUARD_MISSING", "function clinicd.current_clinic_id()"}}},
      Change{"GRANT USAGE ON SCHEMA clinicd_partitions TO clinicd_app",
             {{"GUARD_UNKNOWN", "schema clinicd_partitions"}}},
      Change{"ALTER TABLE clinicd_partitions.audit_events_default DISABLE ROW LEVEL SECURITY",
             {{"GUARD_UNKNOWN", "partition audit_events_default"}}});
  const testing::TestDatabase database;
  REQUIRE(database.Connect().Execute(change.sql).ok());

  INFO(change.sql);
  CHECK(CompareGuards(GuardsOf(database, "clinicd_app"), ExpectedGuards()) == change.breaches);
}

}  // namespace
}  // namespace clinicd::db
