// What is unusual in a day's events, and what becomes of it.
#include <catch2/catch.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "clinicd/audit/v1/audit_finding_service.grpc.pb.h"
#include "common/rpc/civil.h"
#include "db/admin/backoff.h"
#include "services/audit/findings/digest.h"
#include "services/identity/builtin_roles.h"
#include "services/server/clinic_vault.h"
#include "services/server/digest_job.h"
#include "tests/support/fakes.h"
#include "tests/support/front_desk.h"
#include "tests/support/run_program.h"

namespace clinicd::testing {
namespace {

using audit::v1::AccessFinding;
using audit::v1::CloseFindingRequest;
using audit::v1::ListFindingsRequest;
using audit::v1::ListFindingsResponse;
using Service = audit::v1::AuditFindingService;

// A Tuesday, in the time zone of the clinic.
constexpr absl::CivilDay kDay(2027, 5, 4);

// A clinic, and who goes through its events.
class Scene {
 public:
  Scene()
      : clinic_(server.AddClinic("a")),
        owner(server.SignedIn(clinic_, {identity::v1::ROLE_OWNER})),
        logger_(log::Logger::Open(log::Level::kWarning, "-", clock_).value()),
        vault_(server::ClinicVault::Open({.key_directory = server.key_directory().string(),
                                          .credential_directory = "",
                                          .clock = clock_,
                                          .random = random_,
                                          .logger = *logger_})
                   .value()),
        ids_(clock_, random_),
        pool_({.connection = {.conninfo = server.database().app(), .mode = {}, .rewrite_sql = {}},
               .workers = 1,
               .queue_max = 4},
              clock_),
        runner_(pool_, clock_, ids_,
                {.role_names = identity::RoleNames,
                 .audit = {.node = "test", .build = "test", .sealer = &vault_->sealer()}}),
        digest_({.runner = runner_, .clock = clock_, .ids = ids_}) {}

  const TestClinic& clinic() const { return clinic_; }
  std::string NewActor(const std::string& family_name = "Someone") {
    const std::string id = server.AddUser(clinic_, {identity::v1::ROLE_RECEPTIONIST}).id.ToString();
    Execute(absl::StrCat("UPDATE clinicd.memberships SET family_name = '", family_name,
                         "' WHERE id = '", id, "'"));
    return id;
  }

  // What the events of somebody are like.
  struct Doings {
    std::string actor = {};
    // SQL; each event about another patient by default.
    std::string patient = "gen_random_uuid()";
    std::string outcome = "OK";
    std::string purpose = {};
    std::string roles = "receptionist";
  };
  // Writes `count` events at an instant of the clock of Madrid.
  void Did(const Doings& doings, int count, const std::string& local = "2027-05-04 12:00") {
    const std::string instant =
        absl::StrCat("timestamp '", local, "' AT TIME ZONE 'Europe/Madrid'");
    Execute(absl::StrCat(
        "INSERT INTO clinicd.audit_events (clinic_id, id, occurred_at, category, action, method, ",
        "outcome, actor_id, actor_roles, purpose, patient_id) SELECT '", clinic_.id.ToString(),
        "', (left(replace(clinicd.first_uuid_at(", instant, ")::text, '-', ''), 12) || '7' || ",
        "substr(replace(gen_random_uuid()::text, '-', ''), 14))::uuid, ", instant,
        ", 'record', 'read', 'Method', '", doings.outcome, "', '", doings.actor, "', '",
        doings.roles, "', '", doings.purpose, "', ", doings.patient, " FROM generate_series(1, ",
        count, ")"));
  }

  audit::DigestReport Digest(absl::CivilDay day = kDay) {
    const auto report = digest_.Run(clinic_.id, day);
    INFO(report.status());
    REQUIRE(report.ok());
    return *report;
  }

  std::vector<AccessFinding> Findings(std::int32_t page_size = 0) {
    std::vector<AccessFinding> all;
    ListFindingsRequest request;
    request.set_page_size(page_size);
    do {
      const auto page = owner.Call(*stub_, &Service::Stub::ListFindings, request);
      REQUIRE(page.ok());
      all.insert(all.end(), page.response.findings().begin(), page.response.findings().end());
      request.set_page_token(page.response.next_page_token());
    } while (!request.page_token().empty());
    return all;
  }

  Reply<AccessFinding> Close(const Client& client, const AccessFinding& finding,
                             const std::string& note) {
    CloseFindingRequest request;
    request.set_id(finding.id());
    request.set_etag(finding.etag());
    request.set_note(note);
    request.set_request_id(server.RequestId());
    return client.Call(*stub_, &Service::Stub::CloseFinding, request);
  }

  server::DigestJob::Parts JobParts(const Clock& clock) {
    return {.jobs_conninfo = server.database().jobs(),
            .runner = runner_,
            .clock = clock,
            .ids = ids_,
            .logger = *logger_,
            .interval = absl::Milliseconds(10)};
  }
  // `clinicd audit digest`; its exit code.
  int RunCommand(const std::string& slug, const std::string& day) {
    std::vector<std::string> environment = {"CLINICD_KEYS__DIRECTORY=" +
                                            server.key_directory().string()};
    for (const auto& [prefix, role] :
         {std::pair("", "clinicd_app"), std::pair("AUTH_", "clinicd_auth")}) {
      const TestDatabase& database = server.database();
      environment.push_back(absl::StrCat("CLINICD_DB__", prefix,
                                         "CONNINFO=", database.ConninfoWithoutPassword(role)));
      environment.push_back(absl::StrCat("CLINICD_DB__", prefix,
                                         "PASSWORD_FILE=", database.PasswordFile(role).string()));
    }
    const ProgramResult result = RunProgram(
        {CLINICD_TEST_BINARY_DIR "/clinicd", "audit", "digest", "--clinic", slug, "--day", day},
        environment);
    UNSCOPED_INFO(result.output);
    return result.exit_code;
  }

  void Execute(const std::string& sql) {
    auto superuser = server.database().Connect();
    const absl::Status status = superuser.Execute(sql);
    INFO(status << " " << sql);
    REQUIRE(status.ok());
  }

  TestServer server;

 private:
  const TestClinic clinic_;

 public:
  const Client owner;

 private:
  const std::unique_ptr<Service::Stub> stub_ = Service::NewStub(owner.channel());
  SystemClock clock_;
  SystemRandom random_;
  const std::unique_ptr<log::Logger> logger_;
  const std::unique_ptr<server::ClinicVault> vault_;
  const IdSource ids_;
  db::Pool pool_;
  db::TransactionRunner runner_;
  const audit::AuditDigest digest_;
};

std::optional<AccessFinding> Of(const std::vector<AccessFinding>& findings,
                                const std::string& actor) {
  std::optional<AccessFinding> found;
  for (const AccessFinding& finding : findings) {
    if (finding.actor_user_id() != actor) continue;
    CHECK_FALSE(found);
    found = finding;
  }
  return found;
}

TEST_CASE("More patients than the clinic expects of anybody are unusual", "[audit][integration]") {
  Scene scene;
  const std::string most = scene.NewActor();
  const std::string more = scene.NewActor();
  scene.Did({.actor = most}, 100);
  scene.Did({.actor = more}, 101);
  // The same patient again, and what was refused, do not count.
  scene.Did({.actor = most, .patient = "'" + most + "'::uuid", .outcome = "PERMISSION_MISSING"}, 5);

  CHECK(scene.Digest().findings == 1);

  const auto findings = scene.Findings();
  CHECK_FALSE(Of(findings, most));
  const auto found = Of(findings, more);
  REQUIRE(found);
  CHECK(found->rule() == AccessFinding::RULE_MANY_PATIENTS);
  CHECK(found->state() == AccessFinding::STATE_OPEN);
  CHECK(found->count() == 101);
  CHECK(found->patient_id().empty());
  CHECK(rpc::FromDate(found->day()) == kDay);
}

TEST_CASE("A clinic sets how many patients are many", "[audit][integration]") {
  Scene scene;
  const std::string actor = scene.NewActor();
  scene.Did({.actor = actor}, 4);
  scene.Execute("UPDATE clinicd.clinics SET audit_daily_patients_max = 4");
  CHECK(scene.Digest().findings == 0);
  scene.Execute("UPDATE clinicd.clinics SET audit_daily_patients_max = 3");

  CHECK(scene.Digest().findings == 1);
}

TEST_CASE("More than twenty refused calls are unusual", "[audit][integration]") {
  Scene scene;
  const std::string most = scene.NewActor();
  const std::string more = scene.NewActor();
  scene.Did({.actor = most, .patient = "NULL", .outcome = "PERMISSION_MISSING"}, 20);
  scene.Did({.actor = more, .patient = "NULL", .outcome = "PERMISSION_MISSING"}, 21);

  CHECK(scene.Digest().findings == 1);

  const auto found = Of(scene.Findings(), more);
  REQUIRE(found);
  CHECK(found->rule() == AccessFinding::RULE_REFUSED_CALLS);
  CHECK(found->count() == 21);
}

TEST_CASE("Access outside of opening hours is unusual where there are any",
          "[audit][integration]") {
  Scene scene;
  const std::string inside = scene.NewActor();
  const std::string early = scene.NewActor();
  const std::string late = scene.NewActor();
  scene.Did({.actor = early}, 1, "2027-05-04 08:59:59.999999");
  scene.Did({.actor = inside}, 1, "2027-05-04 09:00");
  scene.Did({.actor = inside}, 1, "2027-05-04 16:59:59.999999");
  scene.Did({.actor = late}, 2, "2027-05-04 17:00");
  // A feed is read at any hour.
  scene.Did({.actor = scene.NewActor(), .roles = "calendar_feed"}, 1, "2027-05-04 03:00");
  CHECK(scene.Digest().findings == 0);
  scene.Execute(absl::StrCat(
      "INSERT INTO clinicd.working_hours (clinic_id, id, owner_kind, weekday, from_minute, ",
      "to_minute) VALUES ('", scene.clinic().id.ToString(), "', gen_random_uuid(), 'location', 2, ",
      9 * 60, ", ", 17 * 60, ")"));

  CHECK(scene.Digest().findings == 2);

  const auto findings = scene.Findings();
  CHECK_FALSE(Of(findings, inside));
  REQUIRE(Of(findings, early));
  CHECK(Of(findings, early)->rule() == AccessFinding::RULE_OUT_OF_HOURS);
  REQUIRE(Of(findings, late));
  CHECK(Of(findings, late)->count() == 2);
}

TEST_CASE("A record of somebody with one's own name, and an emergency, are unusual",
          "[audit][integration]") {
  Scene scene;
  const std::string namesake = scene.NewActor("Zubiri");
  const std::string stranger = scene.NewActor("Ek");
  const std::string hurried = scene.NewActor("Ek");
  const std::string patient = scene.server.NewUuid().ToString();
  scene.Execute(absl::StrCat(
      "INSERT INTO clinicd.patients (clinic_id, id, given_name, family_name, born_on) VALUES ('",
      scene.clinic().id.ToString(), "', '", patient, "', 'Ana', 'ZUBIRI', '1985-03-02')"));
  const std::string about = "'" + patient + "'::uuid";
  scene.Did({.actor = namesake, .patient = about}, 2);
  scene.Did({.actor = stranger, .patient = about}, 2);
  scene.Did({.actor = hurried, .patient = about, .purpose = "BTG"}, 1);

  CHECK(scene.Digest().findings == 2);

  const auto findings = scene.Findings();
  CHECK_FALSE(Of(findings, stranger));
  REQUIRE(Of(findings, namesake));
  CHECK(Of(findings, namesake)->rule() == AccessFinding::RULE_OWN_FAMILY_NAME);
  CHECK(Of(findings, namesake)->patient_id() == patient);
  CHECK(Of(findings, namesake)->count() == 2);
  REQUIRE(Of(findings, hurried));
  CHECK(Of(findings, hurried)->rule() == AccessFinding::RULE_BREAK_GLASS);
}

TEST_CASE("Whoever was at the record of a VIP is in the digest", "[audit][integration]") {
  Scene scene;
  const std::string actor = scene.NewActor();
  const Client desk = scene.server.SignedIn(scene.clinic(), {identity::v1::ROLE_RECEPTIONIST});
  patients::v1::CreatePatientRequest create;
  *create.mutable_patient() = PatientForm();
  create.mutable_patient()->set_vip(true);
  create.set_request_id(scene.server.RequestId());
  const auto famous =
      desk.Call(desk.patients(), &patients::v1::PatientService::Stub::CreatePatient, create);
  REQUIRE(famous.ok());
  CHECK(famous.response.vip());
  create.mutable_patient()->set_vip(false);
  create.set_request_id(scene.server.RequestId());
  const auto plain =
      desk.Call(desk.patients(), &patients::v1::PatientService::Stub::CreatePatient, create);
  REQUIRE(plain.ok());
  scene.Did({.actor = actor, .patient = "'" + famous.response.id() + "'::uuid"}, 3);
  scene.Did({.actor = actor, .patient = "'" + plain.response.id() + "'::uuid"}, 3);

  CHECK(scene.Digest().findings == 1);

  const auto finding = Of(scene.Findings(), actor);
  REQUIRE(finding);
  CHECK(finding->rule() == AccessFinding::RULE_VIP);
  CHECK(finding->patient_id() == famous.response.id());
  CHECK(finding->count() == 3);
  // Who is none any more is not in the digests to come.
  patients::v1::UpdatePatientRequest update;
  *update.mutable_patient() = famous.response;
  update.mutable_patient()->set_vip(false);
  update.mutable_update_mask()->add_paths("vip");
  update.set_request_id(scene.server.RequestId());
  const auto unmarked =
      desk.Call(desk.patients(), &patients::v1::PatientService::Stub::UpdatePatient, update);
  REQUIRE(unmarked.ok());
  CHECK_FALSE(unmarked.response.vip());
  scene.Did({.actor = actor, .patient = "'" + famous.response.id() + "'::uuid"}, 1,
            "2027-05-05 12:00");
  CHECK(scene.Digest(kDay + 1).findings == 0);
}

TEST_CASE("A day is the clinic's, and what was found in it is found once", "[audit][integration]") {
  Scene scene;
  const std::string actor = scene.NewActor();
  const std::string next_day = scene.NewActor();
  scene.Did({.actor = actor, .purpose = "BTG"}, 1, "2027-05-04 00:00");
  scene.Did({.actor = actor, .patient = "NULL", .purpose = "BTG"}, 1, "2027-05-04 23:59:59.999999");
  scene.Did({.actor = next_day, .purpose = "BTG"}, 1, "2027-05-05 00:00");
  scene.Did({.actor = next_day, .purpose = "BTG"}, 1, "2027-05-03 23:59:59.999999");

  CHECK(scene.Digest().findings == 2);
  CHECK(scene.Digest().findings == 0);

  const auto findings = scene.Findings(1);
  CHECK(findings.size() == 2);
  for (const AccessFinding& finding : findings) CHECK(finding.actor_user_id() == actor);
  CHECK(scene.Digest(kDay + 1).findings == 1);
}

TEST_CASE("A server goes through each day once it is over", "[audit][integration]") {
  Scene scene;
  const std::string actor = scene.NewActor();
  scene.Did({.actor = actor, .purpose = "BTG"}, 1, "2027-05-04 12:00");
  scene.Did({.actor = actor, .purpose = "BTG"}, 1, "2027-05-05 12:00");
  absl::TimeZone madrid;
  REQUIRE(absl::LoadTimeZone("Europe/Madrid", &madrid));
  FakeClock clock(absl::FromCivil(absl::CivilMinute(2027, 5, 5, 0, 1), madrid));
  server::DigestJob job(scene.JobParts(clock));
  const auto wait_for = [&](std::size_t count) {
    db::Backoff backoff(absl::Now() + absl::Minutes(1));
    while (scene.Findings().size() < count) REQUIRE(backoff.Wait());
  };

  job.thread().Start();
  wait_for(1);
  CHECK(scene.Findings().front().day().day() == 4);
  clock.Advance(absl::Hours(24));
  wait_for(2);
  job.thread().Stop();

  CHECK(scene.Findings().size() == 2);
}

TEST_CASE("An operator has a day gone through by hand", "[audit][integration]") {
  Scene scene;
  scene.Did({.actor = scene.NewActor(), .purpose = "BTG"}, 1);

  CHECK(scene.RunCommand(scene.clinic().slug, "2027-05-03") == 0);
  CHECK(scene.Findings().empty());
  CHECK(scene.RunCommand(scene.clinic().slug, "2027-05-04") == 0);
  CHECK(scene.RunCommand(scene.clinic().slug, "2027-05-04") == 0);
  CHECK(scene.Findings().size() == 1);
  CHECK(scene.RunCommand("nobody", "2027-05-04") == 1);
  CHECK(scene.RunCommand(scene.clinic().slug, "today") == 1);
}

TEST_CASE("Somebody closes a finding with a note, once", "[audit][integration]") {
  Scene scene;
  const std::string actor = scene.NewActor();
  scene.Did({.actor = actor, .purpose = "BTG"}, 3);
  REQUIRE(scene.Digest().findings == 3);
  const auto open = scene.Findings();
  const Client desk = scene.server.SignedIn(scene.clinic(), {identity::v1::ROLE_RECEPTIONIST});

  CHECK(scene.Close(desk, open[0], "no").reason() == ErrorReason::PERMISSION_MISSING);
  CHECK(scene.Close(scene.owner, open[0], "").reason() == ErrorReason::VALIDATION_FAILED);
  const auto closed = scene.Close(scene.owner, open[0], "the ambulance was here");

  REQUIRE(closed.ok());
  CHECK(closed.response.state() == AccessFinding::STATE_CLOSED);
  CHECK(closed.response.note() == "the ambulance was here");
  CHECK(closed.response.has_close_time());
  CHECK_FALSE(closed.response.closed_by_user_id().empty());
  CHECK(scene.Close(scene.owner, open[0], "again").reason() == ErrorReason::ETAG_MISMATCH);
  const auto again = scene.Close(scene.owner, closed.response, "again");
  REQUIRE(again.ok());
  CHECK(again.response.note() == "the ambulance was here");
  // Open ones come first, over the pages too.
  const auto after = scene.Findings(1);
  REQUIRE(after.size() == 3);
  CHECK(after.back().id() == open[0].id());
  AccessFinding unknown = open[1];
  unknown.set_id(scene.server.RequestId());
  CHECK(scene.Close(scene.owner, unknown, "x").reason() == ErrorReason::AUDIT_FINDING_NOT_FOUND);
}

}  // namespace
}  // namespace clinicd::testing
