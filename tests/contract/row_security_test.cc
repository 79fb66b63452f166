// What the roles of the server can see and do in the database, whatever SQL they send.
#include <catch2/catch.hpp>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "db/admin/admin_connection.h"
#include "tests/contract/schema_support.h"
#include "tests/support/test_database.h"

namespace clinicd {
namespace {

using db::AdminConnection;
using db::SqlStateOf;
using testing::TestDatabase;

constexpr char kClinicA[] = "00000000-0000-7000-8000-00000000000a";
constexpr char kClinicB[] = "00000000-0000-7000-8000-00000000000b";
constexpr char kPrivilege[] = "42501";
constexpr char kUniqueness[] = "23505";

// A table, the column that holds the clinic, and the columns an INSERT may name.
struct Table {
  std::string name;
  std::string clinic_column;
  std::string insertable;
};

// Two clinics with one row in every table, and every table there is.
struct TwoClinics {
  TwoClinics() {
    PlantOneRowEach(superuser, "a");
    PlantOneRowEach(superuser, "b");
    for (const AdminConnection::Row& row : MustQuery(superuser, R"(
             SELECT c.relname, CASE c.relname WHEN 'clinics' THEN 'id' ELSE 'clinic_id' END,
                 coalesce(string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum)
                     FILTER (WHERE has_column_privilege('clinicd_app', c.oid, a.attnum, 'INSERT')),
                     '')
             FROM pg_class AS c
             JOIN pg_attribute AS a
                 ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
                 AND a.attgenerated = ''
             WHERE c.relnamespace = 'clinicd'::regnamespace AND c.relkind IN ('r', 'p')
                 AND c.relname NOT IN ('users', 'schema_migrations', 'audit_meta_leaves',
                     'audit_meta_tiles', 'audit_checkpoints', 'audit_cosignatures', 'audit_epochs',
                     'audit_sealer')
             GROUP BY c.relname)")) {
      tables.push_back({row[0].value(), row[1].value(), row[2].value()});
    }
    REQUIRE(tables.size() >= 11);
  }

  TestDatabase database;
  AdminConnection superuser = database.Connect();
  AdminConnection app = database.Connect("clinicd_app");
  std::vector<Table> tables;
};

void Begin(AdminConnection& connection, const std::string& clinic) {
  MustExecute(connection, "BEGIN");
  MustExecute(connection,
              absl::StrCat("SELECT set_config('clinicd.clinic_id', '", clinic, "', true)"));
}

void Rollback(AdminConnection& connection) { MustExecute(connection, "ROLLBACK"); }

// How the statement ends: an SQLSTATE, or empty for success. Leaves the transaction as it was.
std::string Outcome(AdminConnection& connection, const std::string& sql) {
  MustExecute(connection, "SAVEPOINT here");
  const std::string state = SqlStateOf(connection.Execute(sql));
  MustExecute(connection, "ROLLBACK TO SAVEPOINT here");
  return state;
}

std::string Count(AdminConnection& connection, const std::string& table) {
  return MustQueryValue(connection, absl::StrCat("SELECT count(*) FROM clinicd.", table));
}

// An INSERT of the row that the superuser reads from the table for the clinic.
std::string CopyOf(TwoClinics& clinics, const Table& table, const std::string& clinic) {
  const std::string row = MustQueryValue(
      clinics.superuser, absl::StrCat("SELECT quote_literal(to_jsonb(t)) FROM clinicd.", table.name,
                                      " AS t WHERE ", table.clinic_column, " = '", clinic, "'"));
  return absl::StrCat("INSERT INTO clinicd.", table.name, " (", table.insertable, ") SELECT ",
                      table.insertable, " FROM jsonb_populate_record(NULL::clinicd.", table.name,
                      ", ", row, "::jsonb)");
}

TEST_CASE("No table shows a row to the application when no clinic is set", "[schema][contract]") {
  TwoClinics clinics;

  for (const Table& table : clinics.tables) {
    INFO(table.name);
    CHECK(Count(clinics.app, table.name) == "0");
    Begin(clinics.app, "");
    CHECK(Count(clinics.app, table.name) == "0");
    Rollback(clinics.app);
  }
}

TEST_CASE("Every table shows a clinic its own row and no other", "[schema][contract]") {
  TwoClinics clinics;

  for (const Table& table : clinics.tables) {
    INFO(table.name);
    CHECK(Count(clinics.superuser, table.name) == "2");
    for (const char* clinic : {kClinicA, kClinicB}) {
      Begin(clinics.app, clinic);
      CHECK(MustQueryValue(clinics.app, absl::StrCat("SELECT string_agg(", table.clinic_column,
                                                     "::text, ',') FROM clinicd.", table.name)) ==
            clinic);
      Rollback(clinics.app);
    }
  }
}

TEST_CASE("A clinic without rows sees nothing of the others", "[schema][contract]") {
  TwoClinics clinics;

  Begin(clinics.app, "00000000-0000-7000-8000-00000000000c");
  for (const Table& table : clinics.tables) {
    INFO(table.name);
    CHECK(Count(clinics.app, table.name) == "0");
  }
  Rollback(clinics.app);
}

TEST_CASE("The clinic is forgotten when its transaction ends", "[schema][contract]") {
  TwoClinics clinics;

  for (const char* end : {"COMMIT", "ROLLBACK"}) {
    Begin(clinics.app, kClinicA);
    REQUIRE(Count(clinics.app, "patients") == "1");
    MustExecute(clinics.app, end);
    CHECK(Count(clinics.app, "patients") == "0");
  }
}

TEST_CASE("A row of a clinic is inserted only in that clinic's transaction", "[schema][contract]") {
  TwoClinics clinics;

  for (const Table& table : clinics.tables) {
    INFO(table.name);
    // The log is written by another role.
    if (table.insertable.empty()) continue;
    const std::string copy = CopyOf(clinics, table, kClinicA);
    Begin(clinics.app, "");
    CHECK(Outcome(clinics.app, copy) == kPrivilege);
    Rollback(clinics.app);
    Begin(clinics.app, kClinicB);
    CHECK(Outcome(clinics.app, copy) == kPrivilege);
    Rollback(clinics.app);
    // In the right one it gets as far as the primary key.
    Begin(clinics.app, kClinicA);
    CHECK(Outcome(clinics.app, copy) == kUniqueness);
    Rollback(clinics.app);
  }
}

TEST_CASE("A row cannot be moved to another clinic", "[schema][contract]") {
  TwoClinics clinics;

  for (const Table& table : clinics.tables) {
    INFO(table.name);
    const std::string move =
        absl::StrCat("UPDATE clinicd.", table.name, " SET ", table.clinic_column,
                     " = '00000000-0000-7000-8000-00000000000c'");
    Begin(clinics.app, kClinicA);
    CHECK(Outcome(clinics.app, move) == kPrivilege);
    Rollback(clinics.app);
    // Not for want of the grant alone: the policies refuse it as well.
    Begin(clinics.superuser, kClinicA);
    MustExecute(clinics.superuser, absl::StrCat("GRANT ALL ON clinicd.", table.name,
                                                " TO clinicd_app;"
                                                "ALTER TABLE clinicd.",
                                                table.name,
                                                " DISABLE TRIGGER USER;"
                                                "SET LOCAL ROLE clinicd_app"));
    CHECK(Outcome(clinics.superuser, move) == kPrivilege);
    Rollback(clinics.superuser);
  }
}

TEST_CASE("Rows of other clinics stay as they are, whatever is granted", "[schema][contract]") {
  TwoClinics clinics;

  for (const Table& table : clinics.tables) {
    INFO(table.name);
    Begin(clinics.superuser, "00000000-0000-7000-8000-00000000000c");
    MustExecute(clinics.superuser, absl::StrCat("GRANT ALL ON clinicd.", table.name,
                                                " TO clinicd_app;"
                                                "ALTER TABLE clinicd.",
                                                table.name,
                                                " DISABLE TRIGGER USER;"
                                                "SET LOCAL ROLE clinicd_app"));
    CHECK(MustQuery(clinics.superuser,
                    absl::StrCat("UPDATE clinicd.", table.name, " SET ", table.clinic_column, " = ",
                                 table.clinic_column, " RETURNING 1"))
              .empty());
    CHECK(MustQuery(clinics.superuser,
                    absl::StrCat("DELETE FROM clinicd.", table.name, " RETURNING 1"))
              .empty());
    Rollback(clinics.superuser);
  }
}

TEST_CASE("A policy that is too wide is held by the restrictive one", "[schema][contract]") {
  TwoClinics clinics;

  for (const Table& table : clinics.tables) {
    INFO(table.name);
    Begin(clinics.superuser, kClinicA);
    MustExecute(clinics.superuser, absl::StrCat("CREATE POLICY too_wide ON clinicd.", table.name,
                                                " USING (true);"
                                                "SET LOCAL ROLE clinicd_app"));
    CHECK(Count(clinics.superuser, table.name) == "1");
    Rollback(clinics.superuser);
  }
}

TEST_CASE("The owner of the tables sees no row, but what decides whether a month of events goes",
          "[schema][contract]") {
  TwoClinics clinics;
  // clinicd.drop_audit_partition() looks there, in one clinic at a time.
  const std::set<std::string> looked_up = {"audit_leaves", "audit_legal_holds", "clinics"};

  Begin(clinics.superuser, kClinicA);
  MustExecute(clinics.superuser, "SET LOCAL ROLE clinicd_owner");
  for (const Table& table : clinics.tables) {
    INFO(table.name);
    CHECK(Count(clinics.superuser, table.name) == (looked_up.contains(table.name) ? "1" : "0"));
  }
  MustExecute(clinics.superuser, "SET LOCAL clinicd.clinic_id = ''");
  for (const std::string& name : looked_up) CHECK(Count(clinics.superuser, name) == "0");
  Rollback(clinics.superuser);
}

TEST_CASE("A table made without row-level security shows its owner nothing", "[schema][contract]") {
  const TestDatabase database;
  AdminConnection superuser = database.Connect();

  MustExecute(superuser, "SET ROLE clinicd_owner; CREATE TABLE clinicd.forgotten (clinic_id uuid)");
  MustExecute(superuser, "RESET ROLE; INSERT INTO clinicd.forgotten VALUES (gen_random_uuid())");
  MustExecute(superuser, "SET ROLE clinicd_owner");

  CHECK(Count(superuser, "forgotten") == "0");
}

TEST_CASE("A foreign id and one that does not exist are refused alike", "[schema][contract]") {
  TwoClinics clinics;
  const std::string insert =
      "INSERT INTO clinicd.patient_tokens (clinic_id, token, patient_id) VALUES"
      " ('00000000-0000-7000-8000-00000000000a', 'x', '$1')";

  Begin(clinics.app, kClinicA);
  const auto violated = [&](const std::string& patient) {
    MustExecute(clinics.app, "SAVEPOINT here");
    const absl::Status status = clinics.app.Execute(absl::StrReplaceAll(insert, {{"$1", patient}}));
    MustExecute(clinics.app, "ROLLBACK TO SAVEPOINT here");
    return absl::StrCat(SqlStateOf(status), " ", db::ConstraintOf(status));
  };
  CHECK(violated("00000000-0000-7000-8007-00000000000a") == " ");
  CHECK(violated("00000000-0000-7000-8007-00000000000b") == "23503 patient_tokens_patient_fk");
  CHECK(violated("00000000-0000-7000-8007-00000000000f") == "23503 patient_tokens_patient_fk");
  Rollback(clinics.app);
}

TEST_CASE("Audit events cannot be changed by anybody", "[schema][contract]") {
  TwoClinics clinics;

  for (const char* sql :
       {"UPDATE clinicd.audit_events SET outcome = 'OK'",
        "DELETE FROM clinicd.audit_events WHERE false", "TRUNCATE clinicd.audit_events"}) {
    INFO(sql);
    const absl::Status as_superuser = clinics.superuser.Execute(sql);
    Begin(clinics.app, kClinicA);
    const std::string as_app = Outcome(clinics.app, sql);
    Rollback(clinics.app);

    CHECK(SqlStateOf(as_superuser) == kPrivilege);
    CHECK(db::ConstraintOf(as_superuser) == "audit_events_append_only");
    CHECK(as_app == kPrivilege);
  }
}

}  // namespace
}  // namespace clinicd
