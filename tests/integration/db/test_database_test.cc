#include "tests/support/test_database.h"

#include <catch2/catch.hpp>

namespace clinicd::testing {
namespace {

TEST_CASE("A test database lets every role in that may log in, and nobody without a password",
          "[db][integration]") {
  const TestDatabase database;
  const std::string role = GENERATE("clinicd_app", "clinicd_auth", "clinicd_jobs", "clinicd_sealer",
                                    "clinicd_migrator", "postgres");
  CAPTURE(role);

  CHECK(database.Connect(role).QueryValue("SELECT current_user").value() == role);
  const auto refused = db::AdminConnection::Open(database.ConninfoWithoutPassword(role), "wrong");
  CHECK(absl::IsUnauthenticated(refused.status()));
}

TEST_CASE("A test database is migrated, empty and closed to strangers", "[db][integration]") {
  const TestDatabase database;
  db::AdminConnection superuser = database.Connect();

  CHECK(superuser.QueryValue("SELECT count(*) > 0 FROM clinicd.schema_migrations").value() == "t");
  CHECK(superuser.QueryValue("SELECT count(*) FROM clinicd.clinics").value() == "0");
  CHECK(superuser
            .QueryValue("SELECT count(*) FROM pg_database AS d, aclexplode(d.datacl) AS a "
                        "WHERE d.datname = current_database() AND a.grantee = 0")
            .value() == "0");
}

TEST_CASE("A test database is gone after its test, sessions or not", "[db][integration]") {
  TestDatabase other(TestDatabase::Content::kBare);
  std::string name;
  std::string conninfo;
  {
    const TestDatabase database;
    name = database.name();
    conninfo = database.superuser();
  }

  db::AdminConnection superuser = other.Connect();
  CHECK(
      superuser.QueryValue("SELECT count(*) FROM pg_database WHERE datname = $1", {name}).value() ==
      "0");
  CHECK_FALSE(db::AdminConnection::Open(conninfo).ok());
}

TEST_CASE("Errors of the database carry SQLSTATE and constraint but no row values",
          "[db][integration]") {
  const TestDatabase database(TestDatabase::Content::kBare);
  db::AdminConnection connection = database.Connect();
  REQUIRE(connection
              .Execute("CREATE TABLE t (v text CONSTRAINT t_v_uq UNIQUE); "
                       "INSERT INTO t VALUES ('canary-4711')")
              .ok());

  const absl::Status taken = connection.Execute("INSERT INTO t VALUES ('canary-4711')");
  const absl::Status no_number = connection.Execute("SELECT v::int FROM t");
  const absl::Status no_table = connection.Execute("SELECT * FROM absent");

  CHECK(db::SqlStateOf(taken) == "23505");
  CHECK(db::ConstraintOf(taken) == "t_v_uq");
  CHECK(taken.ToString().find("canary") == std::string::npos);
  CHECK(db::SqlStateOf(no_number) == "22P02");
  CHECK(no_number.ToString().find("canary") == std::string::npos);
  CHECK(db::SqlStateOf(no_table) == "42P01");
  CHECK(db::SqlPositionOf(no_table) == 15);
}

}  // namespace
}  // namespace clinicd::testing
