#include "db/access/tenant_tx.h"

#include <catch2/catch.hpp>
#include <optional>
#include <vector>

#include "common/base/ids.h"
#include "db/access/connection.h"
#include "db/queries/audit.h"
#include "tests/support/test_database.h"

namespace clinicd::db {
namespace {

using status::ErrorReason;

const ClinicId kClinicA(*Uuid::Parse("018f0000-0000-7000-8000-00000000000a"));
const ClinicId kClinicB(*Uuid::Parse("018f0000-0000-7000-8000-00000000000b"));

constexpr std::string_view kInsertParameters[] = {"id", "name"};
const Query kInsertClinic{
    "test/insert_clinic",
    "INSERT INTO clinicd.clinics (id, slug, name, country_code, time_zone, currency_code, locale, "
    "state) VALUES (:clinic_id, :id, :name, 'ES', 'Europe/Madrid', 'EUR', 'es-ES', 'active')",
    Cardinality::kCount, kInsertParameters, false};
const Query kSelectName{"test/select_name",
                        "SELECT name, id, created_at FROM clinicd.clinics WHERE id = :clinic_id",
                        Cardinality::kOptional,
                        {},
                        false};
const Query kSelectPlanMode{
    "test/select_plan_mode",
    "SELECT current_setting('plan_cache_mode') AS name FROM clinicd.clinics WHERE id = :clinic_id",
    Cardinality::kOptional,
    {},
    false};
const Query kSelectOptionals{
    "test/select_optionals",
    "SELECT value.day, value.number FROM clinicd.clinics, (VALUES "
    "('2027-03-01'::date, 7::smallint), (NULL, NULL)) AS value (day, number) WHERE id = :clinic_id "
    "ORDER BY value.number NULLS LAST",
    Cardinality::kMany,
    {},
    false};
const Query kCountPrepared{
    "test/count_prepared",
    "SELECT (SELECT count(*) FROM pg_prepared_statements)::text AS name FROM clinicd.clinics WHERE "
    "id = :clinic_id",
    Cardinality::kOptional,
    {},
    false};
constexpr std::string_view kSleepParameters[] = {"seconds"};
const Query kSleep{"test/sleep",
                   "SELECT pg_sleep(:seconds::double precision)::text AS slept "
                   "FROM clinicd.clinics WHERE id = :clinic_id",
                   Cardinality::kMany, kSleepParameters, false};
const Query kFail{"test/fail", "SELECT 1 / 0 AS x FROM clinicd.clinics WHERE id = :clinic_id",
                  Cardinality::kMany, {}, false};

std::string ReadName(const RowReader& row) { return row.Text("name"); }
std::string ReadSlept(const RowReader& row) { return row.TextOrEmpty("slept"); }

absl::Status ClinicTaken() {
  return status::Error(absl::StatusCode::kAlreadyExists, ErrorReason::USER_EMAIL_TAKEN, "Taken.");
}

std::unique_ptr<Connection> Open(const testing::TestDatabase& database,
                                 TenantMode mode = TenantMode::kSetConfig) {
  auto connection = Connection::Open({.conninfo = database.app(), .mode = mode, .rewrite_sql = {}});
  REQUIRE(connection.ok());
  return *std::move(connection);
}

TenantScope ScopeOf(ClinicId clinic) {
  return {.clinic = clinic, .deadline = absl::Now() + absl::Seconds(30)};
}

void AddClinic(Connection& connection, ClinicId clinic, std::string_view slug) {
  TenantTx tx(connection, ScopeOf(clinic));
  REQUIRE(tx.Execute(kInsertClinic, Params().Set("id", slug).Set("name", slug)).ok());
  REQUIRE(tx.Commit().ok());
}

TEST_CASE("A connection keeps no statement for each value of a setting", "[db][integration]") {
  const testing::TestDatabase database;
  const TenantMode mode = GENERATE(TenantMode::kSetConfig, TenantMode::kSetLocal);
  auto connection = Open(database, mode);
  AddClinic(*connection, kClinicA, "a");
  std::vector<std::string> kept;

  for (int call = 0; call < 3; ++call) {
    TenantScope scope = ScopeOf(kClinicA);
    scope.deadline += absl::Seconds(call);
    TenantTx tx(*connection, scope);
    const auto count = tx.Optional(kCountPrepared, {}, ReadName);
    REQUIRE(count.ok());
    kept.push_back(count->value());
    REQUIRE(tx.Commit().ok());
  }

  CHECK(kept[2] == kept[1]);
}

TEST_CASE("A read of one statement is one round trip, also the first time", "[db][integration]") {
  const testing::TestDatabase database;
  const TenantMode mode = GENERATE(TenantMode::kSetConfig, TenantMode::kSetLocal);
  auto connection = Open(database, mode);
  AddClinic(*connection, kClinicA, "a");

  for (int i = 0; i < 2; ++i) {
    const std::int64_t before = connection->round_trips();
    TenantTx tx(*connection, ScopeOf(kClinicA));
    tx.CommitWithNext({});
    const auto name = tx.Optional(kSelectName, Params(), ReadName);

    REQUIRE(name.ok());
    CHECK(*name == "a");
    CHECK(tx.committed());
    CHECK(connection->round_trips() - before == 1);
  }
}

TEST_CASE("What is read with the next flush is there when that returns, in one round trip",
          "[db][integration]") {
  const testing::TestDatabase database;
  const TenantMode mode = GENERATE(TenantMode::kSetConfig, TenantMode::kSetLocal);
  auto connection = Open(database, mode);
  AddClinic(*connection, kClinicA, "a");
  std::vector<std::optional<absl::CivilDay>> days;
  std::vector<std::optional<std::int32_t>> numbers;

  const std::int64_t before = connection->round_trips();
  TenantTx tx(*connection, ScopeOf(kClinicA));
  tx.DeferRead(kSelectOptionals, Params(), [&](const RowReader& row) {
    days.push_back(row.OptionalDate("day"));
    numbers.push_back(row.OptionalInt32("number"));
  });
  CHECK(days.empty());
  tx.CommitWithNext({});
  const auto name = tx.Optional(kSelectName, Params(), ReadName);

  REQUIRE(name.ok());
  CHECK(tx.committed());
  CHECK(days == std::vector<std::optional<absl::CivilDay>>{absl::CivilDay(2027, 3, 1), {}});
  CHECK(numbers == std::vector<std::optional<std::int32_t>>{7, std::nullopt});
  CHECK(connection->round_trips() - before == 1);
}

TEST_CASE("A row that is not as it is read fails the flush that it came with",
          "[db][integration]") {
  const testing::TestDatabase database;
  auto connection = Open(database);
  AddClinic(*connection, kClinicA, "a");

  TenantTx tx(*connection, ScopeOf(kClinicA));
  tx.DeferRead(kSelectName, Params(), [](const RowReader& row) { row.OptionalInt32("name"); });
  const auto name = tx.Optional(kSelectName, Params(), ReadName);

  CHECK(status::ReasonOf(name.status()) == ErrorReason::INTERNAL_DEFECT);
  CHECK(tx.failed());
}

TEST_CASE("A transaction sees and writes its own clinic only", "[db][integration]") {
  const testing::TestDatabase database;
  const TenantMode mode = GENERATE(TenantMode::kSetConfig, TenantMode::kSetLocal);
  auto connection = Open(database, mode);
  AddClinic(*connection, kClinicA, "a");

  TenantTx other(*connection, ScopeOf(kClinicB));
  const auto name = other.Optional(kSelectName, Params(), ReadName);

  REQUIRE(name.ok());
  CHECK_FALSE(name->has_value());
}

TEST_CASE("A constraint has the caller's name for it and the connection goes on",
          "[db][integration]") {
  const testing::TestDatabase database;
  auto connection = Open(database);
  AddClinic(*connection, kClinicA, "a");

  TenantTx tx(*connection, ScopeOf(kClinicB));
  const auto taken = tx.Execute(kInsertClinic, Params().Set("id", "a").Set("name", "b"),
                                {{"clinics_slug_uq", ClinicTaken}});
  tx.Rollback();

  CHECK(status::ReasonOf(taken.status()) == ErrorReason::USER_EMAIL_TAKEN);
  AddClinic(*connection, kClinicB, "b");
}

TEST_CASE("An unexpected error of the database is a defect without its text", "[db][integration]") {
  const testing::TestDatabase database;
  auto connection = Open(database);
  AddClinic(*connection, kClinicA, "a");

  TenantTx tx(*connection, ScopeOf(kClinicA));
  const auto failed = tx.Many(kFail, Params(), ReadName);

  CHECK(status::ReasonOf(failed.status()) == ErrorReason::INTERNAL_DEFECT);
  CHECK(failed.status().message().find("zero") == absl::string_view::npos);
}

TEST_CASE("What was not committed is gone", "[db][integration]") {
  const testing::TestDatabase database;
  auto connection = Open(database);
  {
    TenantTx tx(*connection, ScopeOf(kClinicA));
    REQUIRE(tx.Execute(kInsertClinic, Params().Set("id", "a").Set("name", "a")).ok());
  }

  TenantTx tx(*connection, ScopeOf(kClinicA));
  const auto name = tx.Optional(kSelectName, Params(), ReadName);

  REQUIRE(name.ok());
  CHECK_FALSE(name->has_value());
}

TEST_CASE("What is rolled back with the next transaction is gone before that begins",
          "[db][integration]") {
  const testing::TestDatabase database;
  const TenantMode mode = GENERATE(TenantMode::kSetConfig, TenantMode::kSetLocal);
  const bool after_an_error = GENERATE(false, true);
  auto connection = Open(database, mode);
  TenantTx first(*connection, ScopeOf(kClinicA));
  REQUIRE(first.Execute(kInsertClinic, Params().Set("id", "a").Set("name", "a")).ok());
  if (after_an_error) REQUIRE_FALSE(first.Many(kFail, Params(), ReadName).ok());
  const std::int64_t before = connection->round_trips();

  first.RollbackWithNext();
  TenantTx next(*connection, ScopeOf(kClinicA));
  const auto name = next.Optional(kSelectName, Params(), ReadName);

  REQUIRE(name.ok());
  CHECK_FALSE(name->has_value());
  CHECK(connection->round_trips() - before == 1);
}

TEST_CASE("What was never sent is rolled back at once, and not by the next transaction",
          "[db][integration]") {
  const testing::TestDatabase database;
  auto connection = Open(database);
  TenantTx first(*connection, ScopeOf(kClinicA));
  first.Defer(kInsertClinic, Params().Set("id", "a").Set("name", "a"));

  first.RollbackWithNext();
  TenantTx next(*connection, ScopeOf(kClinicA));
  const auto name = next.Optional(kSelectName, Params(), ReadName);

  REQUIRE(name.ok());
  CHECK_FALSE(name->has_value());
}

TEST_CASE("What could not be made whole is not committed, whoever asks for it",
          "[db][integration]") {
  const testing::TestDatabase database;
  const TenantMode mode = GENERATE(TenantMode::kSetConfig, TenantMode::kSetLocal);
  auto connection = Open(database, mode);
  AddClinic(*connection, kClinicA, "a");
  TenantTx tx(*connection, ScopeOf(kClinicB));
  REQUIRE(tx.Execute(kInsertClinic, Params().Set("id", "b").Set("name", "b")).ok());

  SECTION("with a commit of its own") {
    tx.FailNextFlush(ClinicTaken());
    tx.Defer(kSelectName, {});
    CHECK(tx.Commit() == ClinicTaken());
  }
  SECTION("with the last statement") {
    tx.CommitWithNext([](TenantTx& last) { last.FailNextFlush(ClinicTaken()); });
    CHECK(tx.Optional(kSelectName, {}, ReadName).status() == ClinicTaken());
  }
  SECTION("after a statement that has failed meanwhile") {
    CHECK_FALSE(tx.Execute(kFail, {}).ok());
    tx.FailNextFlush(ClinicTaken());
    CHECK(tx.Commit() == ClinicTaken());
  }
  tx.RollbackWithNext();

  TenantTx next(*connection, ScopeOf(kClinicB));
  const auto name = next.Optional(kSelectName, {}, ReadName);
  REQUIRE(name.ok());
  CHECK_FALSE(name->has_value());
}

TEST_CASE("A statement that commits alone is not committed without what belongs to it",
          "[db][integration]") {
  const testing::TestDatabase database;
  auto connection = Open(database);
  {
    TenantTx tx(*connection, ScopeOf(kClinicA));
    tx.CommitWithNext([](TenantTx& last) { last.FailNextFlush(ClinicTaken()); });
    CHECK(tx.Execute(kInsertClinic, Params().Set("id", "a").Set("name", "a")).status() ==
          ClinicTaken());
    tx.Rollback();
  }

  TenantTx next(*connection, ScopeOf(kClinicA));
  const auto name = next.Optional(kSelectName, {}, ReadName);
  REQUIRE(name.ok());
  CHECK_FALSE(name->has_value());
}

TEST_CASE("A connection plans each statement once for all values", "[db][integration]") {
  const testing::TestDatabase database;
  auto connection = Open(database);
  AddClinic(*connection, kClinicA, "a");
  TenantTx tx(*connection, ScopeOf(kClinicA));

  const auto mode = tx.Optional(kSelectPlanMode, Params(), ReadName);

  REQUIRE(mode.ok());
  CHECK(*mode == "force_generic_plan");
}

TEST_CASE("A deferred statement that fails fails the commit and undoes the rest",
          "[db][integration]") {
  const testing::TestDatabase database;
  auto connection = Open(database);
  AddClinic(*connection, kClinicA, "a");

  TenantTx tx(*connection, ScopeOf(kClinicB));
  REQUIRE(tx.Execute(kInsertClinic, Params().Set("id", "b").Set("name", "b")).ok());
  tx.Defer(kInsertClinic, Params().Set("id", "c").Set("name", "c"), {{"clinics_pk", ClinicTaken}});
  const absl::Status committed = tx.Commit();
  tx.Rollback();

  CHECK(status::ReasonOf(committed) == ErrorReason::USER_EMAIL_TAKEN);
  TenantTx after(*connection, ScopeOf(kClinicB));
  CHECK_FALSE(after.Optional(kSelectName, Params(), ReadName)->has_value());
}

TEST_CASE("A statement is cut off at the deadline and the connection goes on", "[db][integration]") {
  const testing::TestDatabase database;
  auto connection = Open(database);
  AddClinic(*connection, kClinicA, "a");

  TenantScope scope = ScopeOf(kClinicA);
  scope.deadline = absl::Now() + absl::Milliseconds(50);
  TenantTx tx(*connection, scope);
  const auto slept = tx.Many(kSleep, Params().Set("seconds", "60"), ReadSlept);
  tx.Rollback();

  CHECK(status::ReasonOf(slept.status()) == ErrorReason::DEADLINE_PASSED);
  CHECK(connection->usable());
  TenantTx next(*connection, ScopeOf(kClinicA));
  CHECK(next.Optional(kSelectName, Params(), ReadName).ok());
}

TEST_CASE("A connection that the server ended reports UNAVAILABLE", "[db][integration]") {
  const testing::TestDatabase database;
  auto connection = Open(database);
  AddClinic(*connection, kClinicA, "a");
  REQUIRE(database.Connect()
              .Execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                       "WHERE datname = current_database() AND usename = 'clinicd_app'")
              .ok());

  TenantTx tx(*connection, ScopeOf(kClinicA));
  const auto name = tx.Optional(kSelectName, Params(), ReadName);

  CHECK(status::ReasonOf(name.status()) == ErrorReason::DATABASE_UNAVAILABLE);
}

TEST_CASE("A preceding statement can stop the transaction in the same round trip",
          "[db][integration]") {
  const testing::TestDatabase database;
  auto connection = Open(database);
  AddClinic(*connection, kClinicA, "a");
  const std::int64_t before = connection->round_trips();
  bool seen = false;

  TenantTx tx(*connection, ScopeOf(kClinicA));
  tx.Precede(kSelectName, Params(), [&](const RowReader* row) {
    seen = row != nullptr && row->Text("name") == "a";
    return false;
  });
  const auto stopped = tx.Optional(kSelectName, Params(), ReadName);

  CHECK(seen);
  CHECK(stopped.status().code() == absl::StatusCode::kCancelled);
  CHECK(connection->round_trips() - before == 1);
}

TEST_CASE("A read-only transaction refuses to write", "[db][integration]") {
  const testing::TestDatabase database;
  auto connection = Open(database);

  TenantScope scope = ScopeOf(kClinicA);
  scope.read_only = true;
  TenantTx tx(*connection, scope);
  const auto written = tx.Execute(kInsertClinic, Params().Set("id", "a").Set("name", "a"));

  CHECK(status::ReasonOf(written.status()) == ErrorReason::INTERNAL_DEFECT);
}

}  // namespace
}  // namespace clinicd::db
