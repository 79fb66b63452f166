// Whether the nightly probe finds what it is for, and who learns of it.
#include <algorithm>
#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "clinicd/audit/v1/isolation_certificate_service.grpc.pb.h"
#include "db/isolation/canary_clinics.h"
#include "services/identity/identity_admin.h"
#include "services/server/isolation/method_cases.h"
#include "services/server/isolation_job.h"
#include "tests/isolation/api_methods.h"
#include "tests/isolation/guards.h"
#include "tests/support/run_program.h"
#include "tests/support/test_server.h"

namespace clinicd::testing {
namespace {

using audit::v1::GetIsolationCertificateRequest;
using audit::v1::IsolationCertificate;
using audit::v1::ListIsolationCertificatesRequest;
using Service = audit::v1::IsolationCertificateService;
using server::IsolationJob;
using Findings = std::vector<std::string>;

bool GoOn(std::string_view, std::size_t) { return true; }

// A server with two clinics.
class Scene {
 public:
  explicit Scene(const std::function<void(server::ApplicationOptions&)>& adjust = {})
      : server_({.adjust =
                     [this, &adjust](server::ApplicationOptions& application) {
                       application.jobs_conninfo = database.jobs();
                       if (adjust) adjust(application);
                     },
                 .database = &database}),
        north(server_.AddClinic("north")),
        south(server_.AddClinic("south")) {}

  TestServer& server() { return server_; }

  audit::Certificate Run() {
    const auto report = server_.application().isolation()->RunNow(GoOn);
    INFO(report.status());
    REQUIRE(report.ok());
    issued = report->issued;
    return report->certificate;
  }

  std::vector<IsolationCertificate> Certificates(const TestClinic& clinic,
                                                 std::int32_t page_size = 0) {
    const Client owner = server_.SignedIn(clinic, {identity::v1::ROLE_OWNER});
    const auto stub = Service::NewStub(owner.channel());
    std::vector<IsolationCertificate> all;
    ListIsolationCertificatesRequest request;
    request.set_page_size(page_size);
    do {
      const auto page = owner.Call(*stub, &Service::Stub::ListIsolationCertificates, request);
      REQUIRE(page.ok());
      all.insert(all.end(), page.response.certificates().begin(),
                 page.response.certificates().end());
      request.set_page_token(page.response.next_page_token());
    } while (!request.page_token().empty());
    return all;
  }

  void Execute(const std::string& sql) {
    const absl::Status status = database.Connect().Execute(sql);
    INFO(status << " " << sql);
    REQUIRE(status.ok());
  }
  std::string Value(const std::string& sql) {
    const auto value = database.Connect().QueryValue(sql);
    INFO(value.status() << " " << sql);
    REQUIRE(value.ok());
    return *value;
  }

  const TestDatabase database;

 private:
  TestServer server_;

 public:
  const TestClinic north;
  const TestClinic south;
  std::int64_t issued = 0;
};

std::string Lines(const Findings& findings) {
  std::string text;
  for (const std::string& finding : findings) absl::StrAppend(&text, finding, "\n");
  return text;
}

bool Has(const Findings& findings, const std::string& finding) {
  return std::find(findings.begin(), findings.end(), finding) != findings.end();
}

TEST_CASE("A probe of a sound server finds nothing and covers every table and method",
          "[isolation]") {
  Scene scene;

  const audit::Certificate certificate = scene.Run();

  INFO(Lines(certificate.findings));
  CHECK(certificate.finding_count == 0);
  CHECK(certificate.method_count == static_cast<int>(isolation::ApiMethods().size()));
  CHECK(std::to_string(certificate.table_count) ==
        scene.Value("SELECT count(*) FROM pg_class WHERE relnamespace = 'clinicd'::regnamespace "
                    "AND relkind IN ('r', 'p') AND relname NOT IN ('users', 'schema_migrations', "
                    "'audit_meta_leaves', 'audit_meta_tiles', 'audit_checkpoints', "
                    "'audit_cosignatures', 'audit_epochs', 'audit_sealer')"));
  // Nothing is sealed on this server.
  CHECK(certificate.empty_table_count == 4);
  CHECK(certificate.schema_version ==
        std::stoi(scene.Value("SELECT max(version)::text FROM clinicd.schema_migrations")));
}

TEST_CASE("Every clinic gets the certificate and an event of it, once a day for the same result",
          "[isolation]") {
  Scene scene;

  scene.Run();
  CHECK(scene.issued == 2);
  const audit::Certificate again = scene.Run();
  INFO(Lines(again.findings) << again.empty_table_count);
  CHECK(scene.issued == 0);

  for (const TestClinic& clinic : {scene.north, scene.south}) {
    const std::vector<IsolationCertificate> certificates = scene.Certificates(clinic);
    REQUIRE(certificates.size() == 1);
    CHECK(certificates[0].finding_count() == 0);
    CHECK(certificates[0].method_count() > 0);
    CHECK(certificates[0].digest().size() == 64);
    CHECK(scene.Value(absl::StrCat(
              "SELECT count(*) FROM clinicd.audit_events WHERE clinic_id = '", clinic.id.ToString(),
              "' AND method = 'clinicd isolation probe' AND entity_type = 'isolation_certificate' "
              "AND after_sealed IS NOT NULL AND entity_id = '",
              certificates[0].id(), "'")) == "1");
  }
  CHECK(scene.Certificates(scene.north)[0].id() != scene.Certificates(scene.south)[0].id());
}

TEST_CASE("Probes of the same day do not stand in each other's way", "[isolation]") {
  Scene scene;
  scene.Run();
  // As after many runs: each tries a wrong password.
  scene.Execute(
      "UPDATE clinicd.memberships SET failed_sign_ins = 60, last_failed_at = now() WHERE clinic_id "
      "IN (SELECT id FROM clinicd.clinics WHERE state = 'canary') AND failed_sign_ins > 0");

  const audit::Certificate again = scene.Run();

  INFO(Lines(again.findings));
  CHECK(again.finding_count == 0);
}

TEST_CASE("A clinic finds its own certificates one by one and no other's", "[isolation]") {
  Scene scene;
  scene.Run();
  scene.Execute("CREATE TABLE clinicd.planted (id uuid)");
  scene.Run();
  const std::vector<IsolationCertificate> certificates = scene.Certificates(scene.north, 1);
  REQUIRE(certificates.size() == 2);
  const Client owner = scene.server().SignedIn(scene.north, {identity::v1::ROLE_OWNER});
  const auto stub = Service::NewStub(owner.channel());
  GetIsolationCertificateRequest request;

  request.set_id(certificates[0].id());
  const auto found = owner.Call(*stub, &Service::Stub::GetIsolationCertificate, request);
  request.set_id(scene.Certificates(scene.south)[0].id());
  const auto foreign = owner.Call(*stub, &Service::Stub::GetIsolationCertificate, request);

  REQUIRE(found.ok());
  CHECK(found.response.SerializeAsString() == certificates[0].SerializeAsString());
  CHECK(scene.Value(absl::StrCat(
            "SELECT string_agg(entity_type || ' ' || outcome, ', ' ORDER BY id) FROM "
            "clinicd.audit_events WHERE method LIKE '%/GetIsolationCertificate' AND clinic_id = '",
            scene.north.id.ToString(), "'")) ==
        "isolation_certificate OK, isolation_certificate ISOLATION_CERTIFICATE_NOT_FOUND");
  CHECK(foreign.code() == grpc::StatusCode::NOT_FOUND);
  CHECK(foreign.reason() == ErrorReason::ISOLATION_CERTIFICATE_NOT_FOUND);
}

TEST_CASE("A fault of the database is found and named", "[isolation]") {
  struct Fault {
    const char* sql;
    std::vector<std::string> findings;
  };
  const Fault fault = GENERATE(
      Fault{"DROP POLICY patients_clinic_isolation_restrictive ON clinicd.patients;"
            "CREATE POLICY planted ON clinicd.patients FOR ALL TO clinicd_app USING (true) "
            "WITH CHECK (true)",
            {"GUARD_UNKNOWN table patients", "GUARD_MISSING table patients",
             "FOREIGN_ROWS_SEEN table patients", "FOREIGN_ROWS_UPDATED table patients",
             "FOREIGN_ROWS_INSERTED table patients", "ROWS_SEEN_WITHOUT_CLINIC table patients"}},
      Fault{"ALTER TABLE clinicd.holds DISABLE ROW LEVEL SECURITY",
            {"GUARD_UNKNOWN table holds", "FOREIGN_ROWS_SEEN table holds",
             "FOREIGN_ROWS_DELETED table holds", "ROWS_SEEN_WITHOUT_CLINIC table holds"}},
      Fault{"DROP POLICY locations_clinic_isolation ON clinicd.locations",
            {"GUARD_MISSING table locations", "OWN_ROWS_NOT_SEEN table locations"}},
      Fault{"GRANT UPDATE (clinic_id) ON clinicd.patients TO clinicd_app",
            {"GUARD_UNKNOWN table patients"}},
      Fault{"GRANT SELECT ON clinicd_partitions.audit_events_default TO clinicd_app",
            {"GUARD_UNKNOWN partition audit_events_default"}},
      Fault{"CREATE TABLE clinicd.planted (id uuid)",
            {"GUARD_UNKNOWN table planted", "TABLE_WITHOUT_CLINIC table planted"}},
      Fault{"CREATE TABLE clinicd.planted (clinic_id uuid, note text);"
            "GRANT SELECT, INSERT ON clinicd.planted TO clinicd_app",
            {"GUARD_UNKNOWN table planted", "OWN_ROWS_NOT_SEEN table planted"}},
      Fault{"ALTER TABLE clinicd.audit_heads NO FORCE ROW LEVEL SECURITY",
            {"GUARD_UNKNOWN table audit_heads"}});
  Scene scene;
  scene.Execute(fault.sql);

  const audit::Certificate certificate = scene.Run();

  INFO(fault.sql << "\n" << Lines(certificate.findings));
  for (const std::string& finding : fault.findings) CHECK(Has(certificate.findings, finding));
  CHECK(scene.Certificates(scene.north)[0].finding_count() == certificate.finding_count);
  CHECK(absl::StrContains(scene.server().Log(), fault.findings[0]));
  CHECK(absl::StrContains(scene.server().metrics().Exposition(),
                          absl::StrCat("clinicd_isolation_findings ", certificate.finding_count)));
}

TEST_CASE("A role that row-level security does not bind is found", "[isolation]") {
  const TestDatabase database;
  const isolation::BypassRole role(database);
  const TestServer::Options options{.adjust =
                                        [&](server::ApplicationOptions& application) {
                                          application.app_conninfo = role.conninfo();
                                          application.jobs_conninfo = database.jobs();
                                          application.check_database_role = false;
                                        },
                                    .database = &database};
  TestServer server(options);

  const auto report = server.application().isolation()->RunNow(GoOn);

  REQUIRE(report.ok());
  const Findings& findings = report->certificate.findings;
  INFO(Lines(findings));
  CHECK(std::any_of(findings.begin(), findings.end(), [](const std::string& finding) {
    return absl::StartsWith(finding, "ROLE_NOT_BOUND role ");
  }));
  CHECK(Has(findings, "FOREIGN_ROWS_SEEN table patients"));
  // Statements still name the clinic.
  CHECK_FALSE(
      Has(findings, "FOREIGN_DATA_IN_ANSWER method clinicd.patients.v1.PatientService/GetPatient"));
}

TEST_CASE("A method whose statements forget the clinic is found where nothing else stops it",
          "[isolation]") {
  const TestDatabase database;
  const isolation::BypassRole role(database);
  isolation::PredicateRemover remover;
  const auto forget = [&remover](std::string_view sql) {
    const bool about_patients = absl::StrContains(std::string(sql), "clinicd.patients") &&
                                !absl::StrContains(std::string(sql), "clinicd.appointments");
    return about_patients ? remover.Rewrite(sql) : std::string(sql);
  };
  const TestServer::Options options{.adjust =
                                        [&](server::ApplicationOptions& application) {
                                          application.app_conninfo = role.conninfo();
                                          application.jobs_conninfo = database.jobs();
                                          application.check_database_role = false;
                                          application.rewrite_sql = forget;
                                        },
                                    .database = &database};
  TestServer server(options);

  const auto report = server.application().isolation()->RunNow(GoOn);

  REQUIRE(report.ok());
  const Findings& findings = report->certificate.findings;
  INFO(Lines(findings));
  const std::string get = "method clinicd.patients.v1.PatientService/GetPatient";
  const std::string update = "method clinicd.patients.v1.PatientService/UpdatePatient";
  CHECK(Has(findings, absl::StrCat("FOREIGN_DATA_IN_ANSWER ", get)));
  CHECK(Has(findings, absl::StrCat("ANSWER_DIFFERS ", get)));
  CHECK(Has(findings, absl::StrCat("ANSWER_DIFFERS ", update)));
  CHECK_FALSE(
      Has(findings, "ANSWER_DIFFERS method clinicd.appointments.v1.ResourceService/GetLocation"));
}

TEST_CASE("Canary clinics are in no list, by no name and let nobody in", "[isolation]") {
  Scene scene;
  scene.Run();
  auto connection = scene.database.Connect();
  db::CanaryClinic canary(connection, db::CanaryClinicIds()[0]);
  const TestClinic clinic{canary.id(), canary.slug(), "Europe/Lisbon"};
  scene.server().AddUserWithPassword(clinic, "planted@canary.example", {identity::v1::ROLE_OWNER});
  const Client anonymous = scene.server().Anonymous();
  identity::v1::SignInRequest request;
  request.set_clinic_slug(clinic.slug);
  request.set_email("planted@canary.example");
  request.set_password(kTestPassword);

  const auto reply =
      anonymous.Call(anonymous.sessions(), &identity::v1::SessionService::Stub::SignIn, request);

  CHECK(reply.code() == grpc::StatusCode::UNAUTHENTICATED);
  CHECK_FALSE(scene.server().application().identity_admin().FindClinic(clinic.slug).ok());
  CHECK(scene.Value("SELECT count(*) FROM clinicd.clinics WHERE state = 'canary'") == "2");
  CHECK(scene.Value("SELECT count(*) FROM clinicd.clinics WHERE state = 'active'") == "2");
  // None of theirs keeps a month of everybody's events.
  CHECK(scene.Value("SELECT count(*) FROM clinicd.audit_legal_holds WHERE state = 'in_force'") ==
        "0");
}

TEST_CASE("A server probes by itself in its hour, and one of two servers does", "[isolation]") {
  const TestDatabase database;
  const auto in_this_hour = [&database](server::ApplicationOptions& application) {
    application.jobs_conninfo = database.jobs();
    application.isolation_hour =
        static_cast<int>(absl::ToCivilHour(absl::Now(), absl::UTCTimeZone()).hour());
  };
  TestServer first({.adjust = in_this_hour, .database = &database});
  const TestClinic clinic = first.AddClinic("north");
  TestServer second(
      {.adjust = in_this_hour, .database = &database, .key_directory = first.key_directory()});
  auto superuser = database.Connect();
  const auto certificates = [&] {
    const auto count = superuser.QueryValue(
        "SELECT count(*) FROM clinicd.isolation_certificates WHERE clinic_id = $1",
        {clinic.id.ToString()});
    REQUIRE(count.ok());
    return *count;
  };

  first.application().StartJobs();
  second.application().StartJobs();
  const absl::Time deadline = absl::Now() + absl::Minutes(2);
  while (certificates() == "0" && absl::Now() < deadline) {
  }

  CHECK(certificates() == "1");
  const auto probes = superuser.QueryValue(
      "SELECT count(*) FROM clinicd.audit_events WHERE clinic_id = $1 "
      "AND method = 'clinicd isolation probe'",
      {clinic.id.ToString()});
  REQUIRE(probes.ok());
  CHECK(*probes == "1");
}

TEST_CASE("clinicd isolation probe tells by its exit code and names what it found", "[isolation]") {
  Scene scene;
  const auto probe = [&scene] {
    return RunProgram(
        {CLINICD_TEST_BINARY_DIR "/clinicd", "--set",
         absl::StrCat("db.conninfo=", scene.database.ConninfoWithoutPassword("clinicd_app")),
         "--set",
         absl::StrCat("db.password_file=", scene.database.PasswordFile("clinicd_app").string()),
         "--set",
         absl::StrCat("db.auth_conninfo=", scene.database.ConninfoWithoutPassword("clinicd_auth")),
         "--set",
         absl::StrCat("db.auth_password_file=",
                      scene.database.PasswordFile("clinicd_auth").string()),
         "--set",
         absl::StrCat("db.jobs_conninfo=", scene.database.ConninfoWithoutPassword("clinicd_jobs")),
         "--set",
         absl::StrCat("db.jobs_password_file=",
                      scene.database.PasswordFile("clinicd_jobs").string()),
         "--set", absl::StrCat("keys.directory=", scene.server().key_directory().string()),
         "isolation", "probe"});
  };

  const ProgramResult clean = probe();
  auto holder = scene.database.Connect("clinicd_app");
  REQUIRE(holder
              .QueryValue("SELECT pg_advisory_lock(hashtextextended("
                          "'clinicd isolation probe', 0))::text")
              .ok());
  const ProgramResult busy = probe();
  REQUIRE(holder.QueryValue("SELECT pg_advisory_unlock_all()::text").ok());
  scene.Execute("ALTER TABLE clinicd.holds DISABLE ROW LEVEL SECURITY");
  const ProgramResult found = probe();

  INFO(clean.output << busy.output << found.output);
  CHECK(clean.exit_code == 0);
  CHECK(busy.exit_code == 3);
  CHECK(found.exit_code == 2);
  CHECK(absl::StrContains(found.output, "FOREIGN_ROWS_SEEN table holds"));
  CHECK(scene.Certificates(scene.south).size() == 2);
}

}  // namespace
}  // namespace clinicd::testing
