// What a transaction leaves in the session of its connection: nothing, however it ends.
#include <libpq-fe.h>

#include <catch2/catch.hpp>
#include <memory>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "db/access/connection.h"
#include "db/access/tenant_tx.h"
#include "db/backend/flush_result.h"
#include "tests/isolation/world.h"

namespace clinicd::isolation {
namespace {

constexpr int kTransactions = 1'200;

const db::Query kCount{"test/count_patients",
                       "SELECT count(*)::text AS n, min(clinic_id::text) AS first, "
                       "max(clinic_id::text) AS last FROM clinicd.patients "
                       "WHERE clinic_id = :clinic_id",
                       db::Cardinality::kOne,
                       {},
                       false};
const db::Query kEverything{"test/list_clinics",
                            "SELECT min(clinic_id::text) AS first, max(clinic_id::text) AS last "
                            "FROM clinicd.patients",
                            db::Cardinality::kOne,
                            {},
                            true};
const db::Query kFail{"test/fail",
                      "SELECT 1 / 0 AS x FROM clinicd.clinics WHERE id = :clinic_id",
                      db::Cardinality::kMany,
                      {},
                      false};
constexpr std::string_view kSleepParameters[] = {"seconds"};
const db::Query kSleep{"test/sleep",
                       "SELECT pg_sleep(:seconds::double precision)::text AS slept "
                       "FROM clinicd.clinics WHERE id = :clinic_id",
                       db::Cardinality::kMany, kSleepParameters, false};

std::string ReadRange(const db::RowReader& row) {
  return absl::StrCat(row.TextOrEmpty("first"), " ", row.TextOrEmpty("last"));
}
std::string ReadSlept(const db::RowReader& row) { return row.TextOrEmpty("slept"); }

// What a session knows outside of transactions, and how many patients it sees.
std::string Leftovers(db::Connection& connection) {
  while (true) {
    REQUIRE(
        connection
            .QueueText("SELECT COALESCE(current_setting('clinicd.clinic_id', true), '') || '|' || "
                       "COALESCE(current_setting('clinicd.user_id', true), '') || '|' || "
                       "COALESCE(current_setting('clinicd.purpose', true), '') || '|' || "
                       "current_setting('statement_timeout') || '|' || "
                       "current_setting('synchronous_commit') || '|' || "
                       "current_setting('transaction_read_only') || '|' || count(*)::text "
                       "FROM clinicd.patients")
            .ok());
    const db::backend::FlushResult flush = connection.Flush(absl::Now() + absl::Seconds(30));
    REQUIRE_FALSE(flush.broken);
    // A request to cancel may arrive after what it was for.
    if (flush.error != nullptr) {
      REQUIRE(PQresultErrorField(flush.error, PG_DIAG_SQLSTATE) == std::string("57014"));
      continue;
    }
    REQUIRE(flush.results.size() == 1);
    return PQgetvalue(flush.results[0].get(), 0, 0);
  }
}

std::unique_ptr<db::Connection> Connect(World& world, db::TenantMode mode) {
  auto connection =
      db::Connection::Open({.conninfo = world.server_conninfo(), .mode = mode, .rewrite_sql = {}});
  REQUIRE(connection.ok());
  return *std::move(connection);
}

// Runs a transaction of the clinic that ends in one of the ways in which transactions end.
void Transact(db::Connection& connection, const ClinicId& clinic, int way) {
  const db::TenantScope scope{
      .clinic = clinic,
      .user = UserId(clinic.uuid()),
      .purpose = "test",
      .deadline = absl::Now() + (way == 4 ? absl::Milliseconds(2) : absl::Seconds(30)),
      .durability = db::Durability::kRelaxed,
      .read_only = way % 2 == 0};
  db::TenantTx tx(connection, scope);
  if (way == 0) tx.CommitWithNext({});
  const auto range = tx.One(way == 1 ? kEverything : kCount, db::Params(), ReadRange);
  if (range.ok()) CHECK(*range == absl::StrCat(clinic.ToString(), " ", clinic.ToString()));
  if (way == 0) return;
  switch (way) {
    case 1:
      CHECK(tx.Commit().ok());
      return;
    case 2:
      // Left open.
      return;
    case 3:
      CHECK_FALSE(tx.Many(kFail, db::Params(), ReadSlept).ok());
      return;
    case 4:
      CHECK_FALSE(tx.Many(kSleep, db::Params().Set("seconds", "0.02"), ReadSlept).ok());
      return;
    default:
      std::thread canceller([&connection] { connection.Cancel(); });
      const auto slept = tx.Many(kSleep, db::Params().Set("seconds", "0.005"), ReadSlept);
      canceller.join();
      // It may have come too early or too late.
      if (slept.ok()) tx.Commit().IgnoreError();
      return;
  }
}

TEST_CASE("A session forgets its clinic however the transaction ends", "[isolation]") {
  World world;
  const db::TenantMode mode = GENERATE(db::TenantMode::kSetConfig, db::TenantMode::kSetLocal);
  auto connection = Connect(world, mode);
  const std::string fresh = Leftovers(*connection);

  for (int i = 0; i < kTransactions; ++i) {
    Transact(*connection, world.marked(static_cast<std::size_t>(i) % kClinicCount).clinic,
             i / static_cast<int>(kClinicCount) % 6);
    if (!connection->usable()) connection = Connect(world, mode);

    REQUIRE_FALSE(connection->in_transaction());
    REQUIRE(Leftovers(*connection) == fresh);
  }
}

}  // namespace
}  // namespace clinicd::isolation
