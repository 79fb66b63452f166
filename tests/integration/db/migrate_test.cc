#include "db/migrate/migrate.h"

#include <catch2/catch.hpp>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "db/admin/backoff.h"
#include "tests/support/child_process.h"
#include "tests/support/test_database.h"

namespace clinicd::db {
namespace {

using clinicd::testing::ChildProcess;
using clinicd::testing::TestDatabase;

Migration Made(const std::string& name, const std::string& sql) {
  return ParseMigration(name, sql).value();
}

// Creates table t as the owner, and counts how often it ran.
Migration CreateT() {
  return Made("0001_create_t.sql",
              "SET ROLE clinicd_owner;\nCREATE TABLE clinicd.t (n int, v text);\n"
              "INSERT INTO clinicd.t VALUES (1, 'canary-4711');\n");
}

Migration IndexTConcurrently() {
  return Made("0002_index_t.sql",
              "-- clinicd: no transaction\nCREATE INDEX CONCURRENTLY t_by_n_ix ON clinicd.t (n)");
}

class BootstrappedDatabase final {
 public:
  BootstrappedDatabase() : connection_(database_.Connect()) {
    REQUIRE(Bootstrap(connection_).ok());
    // The guard over new tables hides them from the owner, which is not what is tested here.
    REQUIRE(connection_.Execute("DROP EVENT TRIGGER clinicd_force_row_security").ok());
  }

  absl::Status Up(std::vector<Migration> migrations) {
    return MigrationRunner(connection_, std::move(migrations)).Up(nullptr);
  }
  std::string Value(const std::string& sql) {
    const auto value = connection_.QueryValue(sql);
    return value.ok() ? *value : SqlStateOf(value.status());
  }
  bool Has(const std::string& relation) {
    return Value("SELECT to_regclass('" + relation + "') IS NOT NULL") == "t";
  }
  std::string Applied() {
    return Value(
        "SELECT coalesce(string_agg(version::text, ' ' ORDER BY version), '') "
        "FROM clinicd.schema_migrations");
  }

  AdminConnection& connection() { return connection_; }
  const TestDatabase& database() const { return database_; }

 private:
  TestDatabase database_{TestDatabase::Content::kBare};
  AdminConnection connection_;
};

bool Becomes(AdminConnection& connection, const std::string& condition) {
  Backoff backoff(absl::Now() + absl::Minutes(1));
  while (connection.QueryValue("SELECT " + condition).value_or("") != "t") {
    if (!backoff.Wait()) return false;
  }
  return true;
}

TEST_CASE("Migrations are applied once, in order, with progress", "[migrate][integration]") {
  BootstrappedDatabase database;
  std::vector<Migration> migrations = EmbeddedMigrations();
  MigrationRunner runner(database.connection(), migrations);
  REQUIRE(runner.Plan().value().size() == migrations.size());
  CHECK(runner.Status().value().front().state == MigrationState::kPending);
  std::vector<std::string> done;
  const auto note = [&](const MigrationProgress& progress) {
    CHECK(progress.count == static_cast<int>(migrations.size()));
    if (progress.done) done.push_back(progress.migration.name);
  };

  REQUIRE(runner.Up(note).ok());
  REQUIRE(runner.Up(note).ok());

  REQUIRE(done.size() == migrations.size());
  const std::vector<MigrationStatus> statuses = runner.Status().value();
  for (std::size_t i = 0; i < migrations.size(); ++i) {
    CAPTURE(migrations[i].name);
    CHECK(done[i] == migrations[i].name);
    CHECK(statuses[i].name == migrations[i].name);
    CHECK(statuses[i].state == MigrationState::kApplied);
    CHECK(statuses[i].applied_at > absl::Now() - absl::Hours(1));
  }
  CHECK(runner.Plan().value().empty());
}

TEST_CASE("The migrator role applies every migration without being superuser",
          "[migrate][integration]") {
  const TestDatabase database(TestDatabase::Content::kBare);
  AdminConnection superuser = database.Connect();
  REQUIRE(Bootstrap(superuser).ok());
  AdminConnection migrator = database.Connect("clinicd_migrator");

  const absl::Status applied = MigrationRunner(migrator, EmbeddedMigrations()).Up(nullptr);

  INFO(applied);
  CHECK(applied.ok());
}

TEST_CASE("The application's role can read the state of the schema and not change it",
          "[migrate][integration]") {
  const TestDatabase database;
  AdminConnection app = database.Connect("clinicd_app");

  CHECK(MigrationRunner(app, EmbeddedMigrations()).Plan().value().empty());
  for (const char* change : {"INSERT INTO clinicd.schema_migrations VALUES (99, 'x', 'y')",
                             "UPDATE clinicd.schema_migrations SET checksum = ''",
                             "DELETE FROM clinicd.schema_migrations"}) {
    CAPTURE(change);
    CHECK(SqlStateOf(app.Execute(change)) == "42501");
  }
}

TEST_CASE("Bootstrap may run twice, also at the same time in two databases",
          "[migrate][integration]") {
  const TestDatabase first(TestDatabase::Content::kBare);
  const TestDatabase second(TestDatabase::Content::kBare);
  absl::Status results[4];
  {
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&, i] {
        AdminConnection superuser = (i % 2 == 0 ? first : second).Connect();
        results[i] = Bootstrap(superuser);
      });
    }
    for (std::thread& thread : threads) thread.join();
  }

  for (const absl::Status& result : results) {
    INFO(result);
    CHECK(result.ok());
  }
}

TEST_CASE("A database without the bootstrap is refused", "[migrate][integration]") {
  const TestDatabase database(TestDatabase::Content::kBare);
  AdminConnection superuser = database.Connect();

  CHECK(absl::IsFailedPrecondition(MigrationRunner(superuser, EmbeddedMigrations()).Up(nullptr)));
}

TEST_CASE("A failing migration leaves nothing behind and names file, line and SQLSTATE but no data",
          "[migrate][integration]") {
  BootstrappedDatabase database;
  const auto [sql, sqlstate, place] = GENERATE(table<std::string, std::string, std::string>({
      {"CREATE TABLE clinicd.u ();\nSELEKT 1;\n", "42601", "0002_break.sql:2"},
      {"CREATE TABLE clinicd.u ();\n-- Käse.\n\nALTER TABLE clinicd.absent ADD n int;\n", "42P01",
       "0002_break.sql"},
      {"CREATE TABLE clinicd.u ();\nUPDATE clinicd.t SET n = v::int;\n", "22P02", "0002_break.sql"},
      {"CREATE TABLE clinicd.u ();\nALTER TABLE clinicd.t ADD CONSTRAINT t_v_ck CHECK (v = '');\n",
       "23514", "0002_break.sql"},
      {"CREATE TABLE clinicd.u ();\nDO $$ BEGIN RAISE EXCEPTION 'canary-4711'; END $$;\n", "P0001",
       "0002_break.sql"},
  }));
  CAPTURE(sql);

  const absl::Status status = database.Up({CreateT(), Made("0002_break.sql", sql)});

  CHECK(SqlStateOf(status) == sqlstate);
  CHECK(absl::StrContains(status.message(), place));
  CHECK(absl::StrContains(status.message(), sqlstate));
  CHECK_FALSE(absl::StrContains(status.ToString(), "4711"));
  CHECK(database.Applied() == "1");
  CHECK_FALSE(database.Has("clinicd.u"));
  CHECK(database.Up({CreateT(), Made("0002_mend.sql", "CREATE TABLE clinicd.u ();\n")}).ok());
  CHECK(database.Applied() == "1 2");
}

TEST_CASE("An edited migration is refused by name and nothing is applied",
          "[migrate][integration]") {
  BootstrappedDatabase database;
  REQUIRE(database.Up({CreateT()}).ok());
  const Migration edited = Made(CreateT().name, CreateT().sql + " ");
  const Migration next = Made("0002_create_u.sql", "CREATE TABLE clinicd.u ();\n");

  const absl::Status status = database.Up({edited, next});

  CHECK(absl::IsFailedPrecondition(status));
  CHECK(absl::StrContains(status.message(), "0001_create_t.sql"));
  CHECK_FALSE(database.Has("clinicd.u"));
  MigrationRunner runner(database.connection(), {edited, next});
  CHECK(runner.Status().value()[0].state == MigrationState::kEdited);
  CHECK(absl::IsFailedPrecondition(runner.Plan().status()));
}

TEST_CASE("A database that a newer program migrated is refused by name", "[migrate][integration]") {
  BootstrappedDatabase database;
  REQUIRE(database.Up({CreateT(), Made("0002_create_u.sql", "CREATE TABLE clinicd.u ();\n")}).ok());

  const absl::Status status = database.Up({CreateT()});

  CHECK(absl::IsFailedPrecondition(status));
  CHECK(absl::StrContains(status.message(), "0002_create_u.sql"));
  MigrationRunner runner(database.connection(), {CreateT()});
  CHECK(runner.Status().value()[1].state == MigrationState::kUnknown);
}

TEST_CASE("A book with a missing entry is refused", "[migrate][integration]") {
  BootstrappedDatabase database;
  const Migration next = Made("0002_create_u.sql", "CREATE TABLE clinicd.u ();\n");
  REQUIRE(database.Up({CreateT(), next}).ok());
  REQUIRE(database.connection()
              .Execute("DELETE FROM clinicd.schema_migrations WHERE version = 1")
              .ok());

  CHECK(absl::IsFailedPrecondition(database.Up({CreateT(), next})));
}

TEST_CASE("Runners at the same time all succeed and apply each migration once",
          "[migrate][integration]") {
  BootstrappedDatabase database;
  absl::Status results[4];
  {
    std::vector<std::thread> threads;
    for (absl::Status& result : results) {
      threads.emplace_back([&] {
        AdminConnection connection = database.database().Connect();
        // The index waits for every transaction that is open, so none may wait for its runner.
        MigrationRunner runner(connection, {CreateT(), IndexTConcurrently()});
        result = runner.Up(nullptr);
      });
    }
    for (std::thread& thread : threads) thread.join();
  }

  for (const absl::Status& result : results) {
    INFO(result);
    CHECK(result.ok());
  }
  CHECK(database.Value("SELECT count(*) FROM clinicd.t") == "1");
  CHECK(database.Applied() == "1 2");
}

TEST_CASE("A runner gives up when another one does not end", "[migrate][integration]") {
  BootstrappedDatabase database;
  AdminConnection other = database.database().Connect();
  MigrationRunner holder(other, {CreateT()});
  absl::Status second;
  const auto while_locked = [&](const MigrationProgress&) {
    second =
        MigrationRunner(database.connection(), {CreateT()}, {.lock_patience = absl::ZeroDuration()})
            .Up(nullptr);
  };

  REQUIRE(holder.Up(while_locked).ok());

  CHECK(absl::IsAborted(second));
  CHECK(database.Up({CreateT()}).ok());
}

TEST_CASE("A runner killed in the middle of a migration leaves nothing half done",
          "[migrate][integration]") {
  BootstrappedDatabase database;
  const Migration slow = Made("0002_create_u.sql",
                              "CREATE TABLE clinicd.u ();\nSELECT pg_advisory_lock(4711);\n"
                              "CREATE TABLE clinicd.w ();\n");
  REQUIRE(database.connection().Execute("SELECT pg_advisory_lock(4711)").ok());
  const std::string conninfo = database.database().superuser();
  ChildProcess child([&] {
    auto connection = AdminConnection::Open(conninfo);
    // Waits for the lock that the test holds, in the middle of its second migration.
    MigrationRunner runner(*connection, {CreateT(), slow}, {.lock_timeout = absl::Minutes(5)});
    return runner.Up(nullptr).ok();
  });
  const std::string waits =
      "EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND "
      "database = (SELECT oid FROM pg_database WHERE datname = current_database()))";
  REQUIRE(Becomes(database.connection(), waits));

  child.Kill();
  REQUIRE(database.connection().Execute("SELECT pg_advisory_unlock(4711)").ok());

  REQUIRE(database.Up({CreateT()}).ok());
  CHECK(database.Applied() == "1");
  CHECK_FALSE(database.Has("clinicd.u"));
  CHECK_FALSE(database.Has("clinicd.w"));
  REQUIRE(database.Up({CreateT(), slow}).ok());
  CHECK(database.Applied() == "1 2");
  CHECK(database.Has("clinicd.w"));
}

TEST_CASE("A migration that cannot lock its table gives up instead of holding up the clinic",
          "[migrate][integration]") {
  BootstrappedDatabase database;
  REQUIRE(database.Up({CreateT()}).ok());
  AdminConnection reader = database.database().Connect();
  REQUIRE(reader.Execute("BEGIN; SELECT FROM clinicd.t").ok());
  const std::vector<Migration> migrations = {
      CreateT(), Made("0002_widen_t.sql", "ALTER TABLE clinicd.t ADD w int;\n")};

  const absl::Status status =
      MigrationRunner(database.connection(), migrations, {.lock_timeout = absl::Milliseconds(20)})
          .Up(nullptr);

  CHECK(SqlStateOf(status) == "55P03");
  CHECK(database.Applied() == "1");
  REQUIRE(reader.Execute("COMMIT").ok());
  CHECK(database.Up(migrations).ok());
}

TEST_CASE("A migration without a transaction is recorded only when its index is valid",
          "[migrate][integration]") {
  BootstrappedDatabase database;
  REQUIRE(database.Up({CreateT()}).ok());
  REQUIRE(database.connection().Execute("INSERT INTO clinicd.t SELECT * FROM clinicd.t").ok());
  const std::vector<Migration> migrations = {
      CreateT(), Made("0002_index_t.sql",
                      "-- clinicd: no transaction\nCREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS "
                      "t_n_uq ON clinicd.t (n)")};

  CHECK(SqlStateOf(database.Up(migrations)) == "23505");
  REQUIRE(database.connection().Execute("DELETE FROM clinicd.t").ok());
  // The invalid index is there now, and IF NOT EXISTS would call that success.
  CHECK(absl::IsFailedPrecondition(database.Up(migrations)));
  CHECK(database.Applied() == "1");
  REQUIRE(database.connection().Execute("DROP INDEX CONCURRENTLY clinicd.t_n_uq").ok());
  CHECK(database.Up(migrations).ok());
  CHECK(database.Applied() == "1 2");
}

TEST_CASE("What a migration sets for its session does not reach the next one",
          "[migrate][integration]") {
  BootstrappedDatabase database;
  const Migration sets = Made("0001_set_much.sql",
                              "SET ROLE clinicd_owner;\nSET search_path = pg_temp;\n"
                              "SET lock_timeout = '1ms';\n");
  const Migration looks = Made("0002_look_around.sql",
                               "CREATE TABLE clinicd.seen AS SELECT current_user::text AS role, "
                               "current_setting('search_path') AS path, "
                               "current_setting('lock_timeout') AS lock_timeout;\n");

  REQUIRE(database.Up({sets, looks}).ok());

  CHECK(database.Value("SELECT role FROM clinicd.seen") == "postgres");
  CHECK(database.Value("SELECT path FROM clinicd.seen") == "\"$user\", public");
  CHECK(database.Value("SELECT lock_timeout FROM clinicd.seen") == "5s");
  CHECK(database.Value("SELECT current_setting('lock_timeout')") == "0");
}

TEST_CASE("A file that ends the runner's transaction is not recorded", "[migrate][integration]") {
  BootstrappedDatabase database;

  CHECK_FALSE(database.Up({Made("0001_end_early.sql", "COMMIT;\n")}).ok());
  CHECK(database.Applied().empty());
}

}  // namespace
}  // namespace clinicd::db
