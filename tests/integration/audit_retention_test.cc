// How long audit events stay, what keeps them longer, and what is left of them.
#include <catch2/catch.hpp>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "clinicd/audit/v1/legal_hold_service.grpc.pb.h"
#include "common/log/logger.h"
#include "db/admin/backoff.h"
#include "services/audit/log/partition_store.h"
#include "services/server/partition_job.h"
#include "tests/support/front_desk.h"
#include "tests/support/log_scene.h"

namespace clinicd::testing {
namespace {

using audit::v1::LegalHold;
using Service = audit::v1::LegalHoldService;

// A clinic with events of long ago, and who drops them.
class Scene {
 public:
  Scene()
      : north(server.AddClinic("north")),
        south(server.AddClinic("south")),
        owner(server.SignedIn(north, {identity::v1::ROLE_OWNER})),
        log(server),
        stub_(Service::NewStub(owner.channel())),
        ids_(clock_, random_),
        pool_({.connection = {.conninfo = server.database().ConninfoOf("clinicd_sealer"),
                              .mode = {},
                              .rewrite_sql = {}},
               .workers = 1,
               .queue_max = 4},
              clock_),
        runner_(pool_, clock_, ids_, {}) {}

  // Makes the partition of a month that ended so many months ago, as the server would have then;
  // its name.
  std::string AddMonth(int months_ago) const {
    const std::string month = Value(
        absl::StrCat("SELECT to_char(date_trunc('month', now() AT TIME ZONE 'UTC') - interval '",
                     months_ago + 1, " months', 'YYYY_MM')"));
    const std::string name = "audit_events_" + month;
    const std::string start = absl::StrCat("to_timestamp('", month, " +00', 'YYYY_MM TZH')");
    const std::string from = Value(absl::StrCat("SELECT clinicd.first_uuid_at(", start, ")"));
    const std::string to =
        Value(absl::StrCat("SELECT clinicd.first_uuid_at(", start, " + interval '1 month')"));
    Execute(absl::StrCat(
        "SET timezone = 'UTC'; SET ROLE clinicd_owner; CREATE TABLE clinicd_partitions.", name,
        " (LIKE clinicd.audit_events INCLUDING DEFAULTS INCLUDING CONSTRAINTS); CREATE POLICY ",
        "audit_events_retention ON clinicd_partitions.", name,
        " FOR SELECT TO clinicd_owner USING (true); ALTER TABLE clinicd.audit_events ATTACH ",
        "PARTITION clinicd_partitions.", name, " FOR VALUES FROM ('", from, "') TO ('", to, "')"));
    return name;
  }
  // An event at the beginning of a month; about `patient` where it is not empty.
  void AddEvent(const std::string& name, const TestClinic& clinic,
                const std::string& patient = "") const {
    const std::string instant = absl::StrCat("to_timestamp('", name.substr(13), "', 'YYYY_MM')");
    Execute(absl::StrCat(
        "SET timezone = 'UTC'; INSERT INTO clinicd.audit_events (clinic_id, id, category, action, ",
        "method, outcome, patient_id) SELECT '", clinic.id.ToString(),
        "', (left(replace(clinicd.first_uuid_at(", instant,
        " + interval '1 day')::text, '-', ''), ",
        "12) || '7' || substr(replace(gen_random_uuid()::text, '-', ''), 14))::uuid, 'record', ",
        "'read', 'Method', 'OK', ", patient.empty() ? "NULL" : "'" + patient + "'"));
  }

  // What the database says to whoever seals.
  std::string Drop(const std::string& name) const {
    auto sealer = server.database().Connect("clinicd_sealer");
    const auto outcome =
        sealer.QueryValue(absl::StrCat("SELECT clinicd.drop_audit_partition('", name, "')"));
    return outcome.ok() ? *outcome : "refused";
  }
  bool Exists(const std::string& name) const {
    return Value(absl::StrCat("SELECT to_regclass('clinicd_partitions.", name, "') IS NOT NULL")) ==
           "t";
  }

  audit::DroppedPartitions DropAll() {
    const auto done = audit::DropOldPartitions(runner_, clock_.Now());
    INFO(done.status());
    REQUIRE(done.ok());
    return *done;
  }

  std::string AddPatient(const TestClinic& clinic) {
    const std::string id = server.NewUuid().ToString();
    Execute(absl::StrCat(
        "INSERT INTO clinicd.patients (clinic_id, id, given_name, family_name, born_on) VALUES ('",
        clinic.id.ToString(), "', '", id, "', 'Ana', 'Li', '1985-03-02')"));
    return id;
  }
  Reply<LegalHold> Place(const Client& client, const std::string& patient,
                         const std::string& reason = "case 7") const {
    audit::v1::PlaceLegalHoldRequest request;
    request.set_patient_id(patient);
    request.set_reason(reason);
    request.set_request_id(server.RequestId());
    return client.Call(*stub_, &Service::Stub::PlaceLegalHold, request);
  }
  Reply<LegalHold> Release(const LegalHold& hold, const std::string& reason = "closed") const {
    audit::v1::ReleaseLegalHoldRequest request;
    request.set_id(hold.id());
    request.set_etag(hold.etag());
    request.set_reason(reason);
    request.set_request_id(server.RequestId());
    return owner.Call(*stub_, &Service::Stub::ReleaseLegalHold, request);
  }
  audit::v1::ListLegalHoldsResponse Holds() const {
    const auto reply =
        owner.Call(*stub_, &Service::Stub::ListLegalHolds, audit::v1::ListLegalHoldsRequest());
    REQUIRE(reply.ok());
    return reply.response;
  }

  std::string Value(const std::string& sql) const {
    const auto value = server.database().Connect().QueryValue(sql);
    INFO(value.status() << " " << sql);
    REQUIRE(value.ok());
    return *value;
  }
  void Execute(const std::string& sql) const {
    const absl::Status status = server.database().Connect().Execute(sql);
    INFO(status << " " << sql);
    REQUIRE(status.ok());
  }

  TestServer server;
  const TestClinic north;
  const TestClinic south;
  const Client owner;
  const LogScene log;

 private:
  const std::unique_ptr<Service::Stub> stub_;
  SystemClock clock_;
  SystemRandom random_;
  const IdSource ids_;
  db::Pool pool_;
  db::TransactionRunner runner_;
};

TEST_CASE("A month goes seven years after its end, and not a month sooner",
          "[audit][integration]") {
  Scene scene;
  const std::string over = scene.AddMonth(7 * 12);
  const std::string running = scene.AddMonth(7 * 12 - 1);
  scene.AddEvent(over, scene.north);
  scene.AddEvent(running, scene.north);
  scene.log.SealAll();

  CHECK(scene.Drop(running) == "retained");
  CHECK(scene.Drop(over) == "dropped");

  CHECK(scene.Exists(running));
  CHECK_FALSE(scene.Exists(over));
}

TEST_CASE("A clinic that keeps its events longer keeps the month for all", "[audit][integration]") {
  Scene scene;
  const std::string month = scene.AddMonth(8 * 12);
  scene.AddEvent(month, scene.north);
  scene.AddEvent(month, scene.south);
  scene.log.SealAll();
  scene.Execute("UPDATE clinicd.clinics SET audit_retention_years = 9 WHERE slug = 'south'");
  CHECK(scene.Drop(month) == "retained");
  scene.Execute("UPDATE clinicd.clinics SET audit_retention_years = 8 WHERE slug = 'south'");

  CHECK(scene.Drop(month) == "dropped");
}

TEST_CASE("Events that are not sealed stay", "[audit][integration]") {
  Scene scene;
  const std::string month = scene.AddMonth(8 * 12);
  scene.AddEvent(month, scene.north);

  CHECK(scene.Drop(month) == "unsealed");
  scene.log.SealAll();
  CHECK(scene.Drop(month) == "dropped");
}

TEST_CASE("A hold on a patient keeps the months with events of that patient",
          "[audit][integration]") {
  Scene scene;
  const std::string patient = scene.AddPatient(scene.north);
  const std::string held = scene.AddMonth(8 * 12);
  const std::string other = scene.AddMonth(9 * 12);
  scene.AddEvent(held, scene.north, patient);
  scene.AddEvent(other, scene.north, scene.server.NewUuid().ToString());
  // The same id in another clinic is somebody else.
  scene.AddEvent(other, scene.south, patient);
  scene.log.SealAll();
  const auto hold = scene.Place(scene.owner, patient);
  REQUIRE(hold.ok());

  CHECK(scene.Drop(other) == "dropped");
  CHECK(scene.Drop(held) == "held");
  REQUIRE(scene.Release(hold.response).ok());
  CHECK(scene.Drop(held) == "dropped");
}

TEST_CASE("A server makes the months to come and drops those that may go", "[audit][integration]") {
  Scene scene;
  const std::string old = scene.AddMonth(8 * 12);
  scene.AddEvent(old, scene.north);
  scene.log.SealAll();
  const std::string next =
      "audit_events_" + scene.Value(
                            "SELECT to_char(date_trunc('month', now() AT TIME ZONE 'UTC') + "
                            "interval '2 months', 'YYYY_MM')");
  scene.Execute("DROP TABLE clinicd_partitions." + next);
  SystemClock clock;
  SystemRandom random;
  const IdSource ids(clock, random);
  const auto logger = log::Logger::Open(log::Level::kWarning, "-", clock).value();
  server::PartitionJob job({.conninfo = scene.server.database().ConninfoOf("clinicd_sealer"),
                            .clock = clock,
                            .ids = ids,
                            .logger = *logger});

  job.thread().Start();
  db::Backoff backoff(absl::Now() + absl::Minutes(1));
  while (scene.Exists(old) || !scene.Exists(next)) REQUIRE(backoff.Wait());
  job.thread().Stop();
}

TEST_CASE("A hold on a clinic keeps the months with its events", "[audit][integration]") {
  Scene scene;
  const std::string held = scene.AddMonth(8 * 12);
  const std::string other = scene.AddMonth(9 * 12);
  scene.AddEvent(held, scene.north);
  scene.AddEvent(other, scene.south);
  scene.log.SealAll();
  REQUIRE(scene.Place(scene.owner, "").ok());

  const audit::DroppedPartitions done = scene.DropAll();

  CHECK(done.dropped == 1);
  CHECK(done.held == 1);
  CHECK(done.unsealed == 0);
  CHECK(scene.Exists(held));
  CHECK_FALSE(scene.Exists(other));
}

TEST_CASE("What goes leaves its leaves, and an event in every clinic that lost some",
          "[audit][integration]") {
  Scene scene;
  const std::string month = scene.AddMonth(8 * 12);
  scene.AddEvent(month, scene.north);
  scene.AddEvent(month, scene.north);
  scene.log.SealAll();
  const std::string leaves = scene.Value("SELECT count(*) FROM clinicd.audit_leaves");

  REQUIRE(scene.DropAll().dropped == 1);

  CHECK(scene.Value("SELECT count(*) FROM clinicd.audit_leaves") == leaves);
  CHECK(scene.Value("SELECT string_agg(slug || ' ' || purpose, ',') FROM clinicd.audit_events AS "
                    "event JOIN clinicd.clinics AS clinic ON clinic.id = event.clinic_id WHERE "
                    "category = 'erasure'") ==
        absl::StrCat("north retention of ", month.substr(13, 4), "-", month.substr(18),
                     " is over: 2 events"));
  audit::v1::ListLeavesRequest request;
  const auto list = scene.owner.Call(scene.owner.audit_log(),
                                     &audit::v1::AuditLogService::Stub::ListLeaves, request);
  REQUIRE(list.ok());
  REQUIRE(list.response.leaves_size() >= 2);
  CHECK(list.response.leaves(0).leaf().empty());
  CHECK(list.response.leaves(0).leaf_hash().size() == 32);
  CHECK(scene.log.SealAll() >= 1);
}

TEST_CASE("Nothing but a month of long ago is dropped, and only by who seals",
          "[audit][integration]") {
  Scene scene;
  const std::string current =
      "audit_events_" + scene.Value("SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYY_MM')");
  const std::string month = scene.AddMonth(8 * 12);

  CHECK(scene.Drop(current) == "retained");
  CHECK(scene.Drop("audit_events_default") == "refused");
  CHECK(scene.Drop("audit_leaves") == "refused");
  CHECK(scene.Drop("audit_events_1999_01") == "refused");
  CHECK(scene.Drop("audit_events_2019_13") == "refused");
  for (const char* role : {"clinicd_app", "clinicd_auth", "clinicd_jobs"}) {
    auto other = scene.server.database().Connect(role);
    CHECK_FALSE(
        other.Execute(absl::StrCat("SELECT clinicd.drop_audit_partition('", month, "')")).ok());
  }
  scene.Execute("DROP POLICY audit_events_retention ON clinicd_partitions." + month);
  CHECK(scene.Drop(month) == "refused");
  CHECK(scene.Exists(month));
}

TEST_CASE("An owner places and releases holds, each with a reason", "[audit][integration]") {
  Scene scene;
  const Client desk = scene.server.SignedIn(scene.north, {identity::v1::ROLE_RECEPTIONIST});
  CHECK(scene.Place(desk, "").reason() == ErrorReason::PERMISSION_MISSING);
  CHECK(scene.Place(scene.owner, "", "").reason() == ErrorReason::VALIDATION_FAILED);
  CHECK(scene.Place(scene.owner, scene.AddPatient(scene.south)).reason() ==
        ErrorReason::PATIENT_NOT_FOUND);
  const auto first = scene.Place(scene.owner, "");
  const auto second = scene.Place(scene.owner, scene.AddPatient(scene.north));
  REQUIRE(first.ok());
  REQUIRE(second.ok());
  CHECK(first.response.state() == LegalHold::STATE_IN_FORCE);

  const auto released = scene.Release(second.response);

  REQUIRE(released.ok());
  CHECK(released.response.state() == LegalHold::STATE_RELEASED);
  CHECK(released.response.release_reason() == "closed");
  CHECK(scene.Release(second.response).reason() == ErrorReason::ETAG_MISMATCH);
  const auto again = scene.Release(released.response, "again");
  REQUIRE(again.ok());
  CHECK(again.response.release_reason() == "closed");
  LegalHold unknown = first.response;
  unknown.set_id(scene.server.RequestId());
  CHECK(scene.Release(unknown).reason() == ErrorReason::LEGAL_HOLD_NOT_FOUND);
  const auto holds = scene.Holds();
  REQUIRE(holds.legal_holds_size() == 2);
  CHECK(holds.legal_holds(0).id() == first.response.id());
  CHECK(holds.legal_holds(1).id() == second.response.id());
}

}  // namespace
}  // namespace clinicd::testing
