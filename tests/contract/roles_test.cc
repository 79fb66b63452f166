// What each role of the server may do besides, and that the roles are made the same every time.
#include <catch2/catch.hpp>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "db/admin/admin_connection.h"
#include "tests/contract/schema_support.h"
#include "tests/support/test_database.h"

namespace clinicd {
namespace {

using db::AdminConnection;
using db::SqlStateOf;
using testing::TestDatabase;

constexpr char kPrivilege[] = "42501";
constexpr char kInsertPerson[] =
    "INSERT INTO clinicd.users (id, email_key)"
    " VALUES ('00000000-0000-7000-8001-000000000001', 'ada@example.org')"
    " ON CONFLICT (id) DO NOTHING";

void BeginInClinic(AdminConnection& app, const std::string& digit) {
  MustExecute(app, "BEGIN");
  MustExecute(app, absl::StrCat("SELECT set_config('clinicd.clinic_id',"
                                " '00000000-0000-7000-8000-00000000000",
                                digit, "', true)"));
}

TEST_CASE("A person is inserted once and stays hidden from who comes second",
          "[schema][contract]") {
  const TestDatabase database;
  AdminConnection first = database.Connect("clinicd_app");
  AdminConnection second = database.Connect("clinicd_app");

  BeginInClinic(first, "a");
  MustExecute(first, kInsertPerson);
  CHECK(MustQueryValue(first, "SELECT id FROM clinicd.users") ==
        "00000000-0000-7000-8001-000000000001");
  MustExecute(first, "COMMIT");
  BeginInClinic(second, "b");
  CHECK(MustQuery(second, absl::StrCat(kInsertPerson, " RETURNING id")).empty());
  CHECK(MustQuery(second, "SELECT id FROM clinicd.users").empty());
  MustExecute(second, "COMMIT");

  AdminConnection superuser = database.Connect();
  CHECK(MustQueryValue(superuser, "SELECT count(*) FROM clinicd.users") == "1");
}

TEST_CASE("Even the clinic that inserted a person cannot look it up later", "[schema][contract]") {
  const TestDatabase database;
  AdminConnection app = database.Connect("clinicd_app");
  BeginInClinic(app, "a");
  MustExecute(app, kInsertPerson);
  MustExecute(app, "COMMIT");

  BeginInClinic(app, "a");

  CHECK(MustQuery(app, "SELECT id FROM clinicd.users").empty());
}

TEST_CASE("The application may do nothing else with people", "[schema][contract]") {
  const TestDatabase database;
  AdminConnection app = database.Connect("clinicd_app");

  for (const char* sql :
       {"SELECT email_key FROM clinicd.users", "SELECT created_at FROM clinicd.users",
        "UPDATE clinicd.users SET email_key = 'x'", "DELETE FROM clinicd.users",
        "INSERT INTO clinicd.users (id, email_key, created_at)"
        " VALUES (gen_random_uuid(), 'x', now() + interval '1 day')",
        "INSERT INTO clinicd.users (id, email_key) VALUES (gen_random_uuid(), 'x')"
        " ON CONFLICT (id) DO UPDATE SET email_key = 'x'"}) {
    INFO(sql);
    BeginInClinic(app, "a");
    CHECK(SqlStateOf(app.Execute(sql)) == kPrivilege);
    MustExecute(app, "ROLLBACK");
  }
}

TEST_CASE("A person is not inserted when no clinic is set", "[schema][contract]") {
  const TestDatabase database;
  AdminConnection app = database.Connect("clinicd_app");

  CHECK(SqlStateOf(app.Execute(kInsertPerson)) == kPrivilege);
}

// Every column that the role may read, as "table.column".
std::set<std::string> ReadableBy(AdminConnection& superuser, const std::string& role) {
  std::set<std::string> columns;
  for (const AdminConnection::Row& row :
       MustQuery(superuser, absl::StrCat(R"(
               SELECT c.relname || '.' || a.attname
               FROM pg_class AS c
               JOIN pg_attribute AS a
                   ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
               WHERE c.relnamespace = 'clinicd'::regnamespace AND c.relkind IN ('r', 'p', 'v')
                   AND c.relname <> 'schema_migrations'
                   AND has_column_privilege(')",
                                         role, "', c.oid, a.attnum, 'SELECT')"))) {
    columns.insert(row[0].value());
  }
  return columns;
}

TEST_CASE("The sign-in role reads what signing in needs and nothing else", "[schema][contract]") {
  const TestDatabase database;
  AdminConnection superuser = database.Connect();

  CHECK(ReadableBy(superuser, "clinicd_auth") ==
        std::set<std::string>{"authz_changes.changed_at",
                              "authz_changes.clinic_id",
                              "authz_changes.id",
                              "authz_changes.membership_id",
                              "authz_changes.min_epoch",
                              "authz_changes.session_id",
                              "changes.changed_at",
                              "changes.clinic_id",
                              "changes.entity_id",
                              "changes.entity_type",
                              "changes.id",
                              "changes.is_on",
                              "changes.row_version",
                              "changes.transaction_number",
                              "changes.was_on",
                              "clinics.id",
                              "clinics.slug",
                              "clinics.state",
                              "memberships.authz_epoch",
                              "memberships.clinic_id",
                              "memberships.email_key",
                              "memberships.failed_sign_ins",
                              "memberships.id",
                              "memberships.last_failed_at",
                              "memberships.password_ct",
                              "memberships.roles",
                              "memberships.state"});
}

TEST_CASE("The sign-in role sees members and changes of all clinics", "[schema][contract]") {
  const TestDatabase database;
  AdminConnection superuser = database.Connect();
  PlantOneRowEach(superuser, "a");
  PlantOneRowEach(superuser, "b");
  AdminConnection auth = database.Connect("clinicd_auth");

  for (const char* table : {"clinics", "memberships", "authz_changes", "changes"}) {
    INFO(table);
    CHECK(MustQueryValue(auth, absl::StrCat("SELECT count(*) FROM clinicd.", table)) == "2");
  }
}

TEST_CASE("The role of jobs lists clinics and reads nothing else", "[schema][contract]") {
  const TestDatabase database;
  AdminConnection superuser = database.Connect();
  PlantOneRowEach(superuser, "a");
  PlantOneRowEach(superuser, "b");
  AdminConnection jobs = database.Connect("clinicd_jobs");

  CHECK(ReadableBy(superuser, "clinicd_jobs") ==
        std::set<std::string>{"clinics.id", "clinics.state"});
  CHECK(MustQueryValue(jobs, "SELECT count(*) FROM clinicd.clinics") == "2");
}

TEST_CASE("The sealing role reads what it seals and nothing else", "[schema][contract]") {
  const TestDatabase database;
  AdminConnection superuser = database.Connect();

  for (const std::string& column : ReadableBy(superuser, "clinicd_sealer")) {
    INFO(column);
    CHECK(column.starts_with("audit_"));
  }
}

TEST_CASE("The application reads everything of its clinic but password hashes and addresses",
          "[schema][contract]") {
  const TestDatabase database;
  AdminConnection superuser = database.Connect();
  std::set<std::string> hidden = ReadableBy(superuser, "clinicd_owner");
  REQUIRE(hidden.size() > 100);

  for (const std::string& column : ReadableBy(superuser, "clinicd_app")) hidden.erase(column);
  // Where sealing stands tells of all clinics.
  std::erase_if(hidden, [](const std::string& name) { return name.starts_with("audit_sealer."); });

  CHECK(hidden == std::set<std::string>{"audit_events.transaction_number",
                                        "memberships.password_ct", "users.created_at",
                                        "users.email_key"});
}

TEST_CASE("No role of the server can make, empty or take over anything", "[schema][contract]") {
  const TestDatabase database;
  const std::vector<std::string> attempts = {
      "CREATE TABLE clinicd.planted (id uuid)",
      "CREATE TABLE public.planted (id uuid)",
      "CREATE TEMPORARY TABLE patients (id uuid)",
      "CREATE SCHEMA planted",
      "CREATE FUNCTION clinicd.planted() RETURNS int LANGUAGE sql RETURN 1",
      "TRUNCATE clinicd.patient_tokens",
      "ALTER TABLE clinicd.patients NO FORCE ROW LEVEL SECURITY",
      "DROP POLICY patients_clinic_isolation ON clinicd.patients",
      "SET ROLE clinicd_owner",
      "SET SESSION AUTHORIZATION clinicd_owner",
      "ALTER ROLE clinicd_app BYPASSRLS",
      "ALTER EVENT TRIGGER clinicd_force_row_security DISABLE",
      "SET session_replication_role = replica",
  };

  for (const char* role : {"clinicd_app", "clinicd_auth", "clinicd_jobs", "clinicd_sealer"}) {
    AdminConnection connection = database.Connect(role);
    for (const std::string& sql : attempts) {
      INFO(role << ": " << sql);
      CHECK(SqlStateOf(connection.Execute(sql)) == kPrivilege);
    }
  }
}

TEST_CASE("Bootstrap can run several times at once and changes no password", "[schema][contract]") {
  const TestDatabase database;
  const TestDatabase other_database;
  const std::string bootstrap = ReadSource("db/bootstrap.sql");
  const std::string bootstrap_database = ReadSource("db/bootstrap_database.sql");
  AdminConnection superuser = database.Connect();
  const std::string password_query =
      "SELECT string_agg(rolname || rolpassword, ',' ORDER BY rolname) FROM pg_authid"
      " WHERE rolname LIKE 'clinicd\\_%'";
  const std::string passwords = MustQueryValue(superuser, password_query);
  std::vector<std::string> outcomes(4);

  {
    std::vector<std::thread> runs;
    for (size_t i = 0; i < outcomes.size(); ++i) {
      runs.emplace_back([&, i] {
        AdminConnection connection = (i % 2 == 0 ? database : other_database).Connect();
        for (int round = 0; round < 10 && outcomes[i].empty(); ++round) {
          outcomes[i] += SqlStateOf(connection.Execute(bootstrap));
          outcomes[i] += SqlStateOf(connection.Execute(bootstrap_database));
        }
      });
    }
    for (std::thread& run : runs) run.join();
  }

  CHECK(outcomes == std::vector<std::string>(4));
  CHECK(MustQueryValue(superuser, password_query) == passwords);
}

}  // namespace
}  // namespace clinicd
