// kill -9 of what tries to get from one clinic into another, in the middle of it.
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <cerrno>
#include <csignal>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "clinicd/audit/v1/audit_log_service.grpc.pb.h"
#include "common/merkle/proof.h"
#include "db/isolation/canary_clinics.h"
#include "tests/isolation/catalog.h"
#include "tests/support/front_desk.h"
#include "tests/support/log_scene.h"
#include "tests/support/run_program.h"
#include "tests/support/server_process.h"

namespace clinicd::testing {
namespace {

using audit::v1::AuditLogService;

constexpr int kKills = 4;
// Fewer than a whole probe leaves.
constexpr int kEventsMax = 250;

// By table.
using Hashes = std::map<std::string, std::string>;

// Two clinics at work, whose rows nobody may touch, and the canaries.
class Scene {
 public:
  Scene()
      : process_(database_),
        server_({.database = &database_, .key_directory = process_.key_directory()}),
        north_(server_, "north"),
        south_(server_, "south"),
        watch_(database_.Connect()) {
    for (const FrontDesk* desk : {&north_, &south_}) {
      desk->Booked(
          AppointmentForm(desk->RegisteredPatient(), desk->AddPractitioner(), "2031-03-03T09:00"));
      AddColleague(desk->clinic());
    }
    before_ = RowsOfClinics();
  }

  // One with the same keys and database, which is not started yet.
  ServerProcess& process() { return process_; }
  const TestServer& server() const { return server_; }
  const TestDatabase& database() const { return database_; }

  // The clinics, in the order in which they are given certificates.
  std::array<ClinicId, 2> clinics() const {
    return {std::min(north_.clinic().id, south_.clinic().id),
            std::max(north_.clinic().id, south_.clinic().id)};
  }

  std::string Value(const std::string& sql) {
    const auto value = watch_.QueryValue(sql);
    INFO(value.status() << " " << sql);
    REQUIRE(value.ok());
    return *value;
  }
  int Count(const std::string& of) { return std::stoi(Value("SELECT count(*) FROM " + of)); }

  // Events of the canaries: how far a probe has come.
  int Progress() { return Count(absl::StrCat("clinicd.audit_events WHERE ", IsCanary())); }

  // Waits until `reached`; false if it takes minutes, or if `ended` first.
  static bool Await(const std::function<bool()>& reached, const std::function<bool()>& ended) {
    const absl::Time deadline = absl::Now() + absl::Minutes(3);
    while (!reached()) {
      if (ended() || absl::Now() > deadline) return false;
      std::this_thread::yield();
    }
    return true;
  }

  // Whether the server's role waits for a lock that somebody else has.
  bool IsBlocked() {
    return Count(
               "pg_stat_activity WHERE datname = current_database() AND usename = 'clinicd_app' "
               "AND wait_event_type = 'Lock'") > 0;
  }

  // Certificates of the night, but for those that each canary has from the beginning.
  int Certificates(const ClinicId& clinic) {
    return Count(absl::StrCat("clinicd.isolation_certificates WHERE probed_on > '2001-01-01' AND ",
                              "clinic_id = '", clinic.ToString(), "'"));
  }

  // What must be so whenever somebody was killed.
  void CheckConsistent() {
    // The connections of who was killed end, and with them what they had not committed.
    CHECK(Await(
        [this] {
          return Count(
                     "pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM "
                     "pg_database WHERE datname = current_database())") == 0;
        },
        [] { return false; }));
    CHECK(Count("clinicd.clinics WHERE state = 'active'") == 2);
    CHECK(Count("clinicd.clinics") - Count("clinicd.clinics WHERE state = 'canary'") == 2);
    // The rows of a canary are made in one transaction.
    CHECK(Count("(SELECT FROM clinicd.clinics AS clinic WHERE state = 'canary' AND "
                "EXISTS (SELECT FROM clinicd.memberships WHERE clinic_id = clinic.id) IS DISTINCT "
                "FROM EXISTS (SELECT FROM clinicd.waitlist_offers WHERE clinic_id = clinic.id)) AS "
                "half") == 0);
    // A change, the answer to it and the event of it came together, or not at all.
    CHECK(Count(absl::StrCat("clinicd.idempotency_keys AS answer WHERE ", IsCanary(),
                             " AND event_id IS NOT NULL AND NOT EXISTS (SELECT FROM "
                             "clinicd.audit_events AS event WHERE event.clinic_id = "
                             "answer.clinic_id AND event.id = answer.event_id)")) == 0);
    CHECK(Count("clinicd.isolation_certificates AS given WHERE probed_on > '2001-01-01' AND NOT "
                "EXISTS (SELECT FROM clinicd.audit_events AS event WHERE event.clinic_id = "
                "given.clinic_id AND event.entity_id = given.id)") == 0);
    CHECK(Count("clinicd.audit_events AS event WHERE method = 'clinicd isolation probe' AND NOT "
                "EXISTS (SELECT FROM clinicd.isolation_certificates AS given WHERE "
                "given.clinic_id = event.clinic_id AND given.id = event.entity_id)") == 0);
    CheckUntouched();
  }

  // That no clinic but the canaries has rows that it had not, but for its certificates, and lacks
  // none.
  void CheckUntouched() {
    std::vector<std::string> touched;
    for (const auto& [table, rows] : RowsOfClinics()) {
      if (before_.at(table) != rows) touched.push_back(absl::StrCat(table, ": ", rows));
    }
    CHECK(touched == std::vector<std::string>());
  }

  // That every certificate has an event, which is proven to the owner of the clinic.
  void CheckSealed() {
    for (const FrontDesk* desk : {&north_, &south_}) {
      const Client owner = server_.SignedIn(desk->clinic(), {identity::v1::ROLE_OWNER});
      audit::v1::GetInclusionProofRequest request;
      request.set_event_id(Value(absl::StrCat(
          "SELECT id FROM clinicd.audit_events WHERE method = 'clinicd isolation probe' AND "
          "clinic_id = '",
          desk->clinic().id.ToString(), "' ORDER BY id DESC LIMIT 1")));
      const auto proof =
          owner.Call(owner.audit_log(), &AuditLogService::Stub::GetInclusionProof, request);
      REQUIRE(proof.ok());
      const audit::v1::Checkpoint& checkpoint = proof.response.checkpoint();
      MustHold(checkpoint, LogScene(server_).trust());
      const auto leaf = merkle::ToHash(proof.response.leaf_hash());
      REQUIRE(leaf);
      CHECK(merkle::InclusionHolds(static_cast<std::uint64_t>(proof.response.leaf_index()),
                                   static_cast<std::uint64_t>(checkpoint.tree_size()), *leaf,
                                   HashesIn(proof.response.proof()), checkpoint.root_hash()));
    }
    CHECK(Unsealed() == 0);
  }

  // Events of certificates that are not in the log.
  int Unsealed() {
    return Count(
        "clinicd.audit_events AS event WHERE method = 'clinicd isolation probe' AND NOT "
        "EXISTS (SELECT FROM clinicd.audit_leaves AS leaf WHERE leaf.clinic_id = "
        "event.clinic_id AND leaf.event_id = event.id)");
  }

  // Makes whoever gives the clinic a certificate wait, until the connection is gone.
  db::AdminConnection HoldBack(const ClinicId& clinic) {
    return Holding(absl::StrCat("SELECT FROM clinicd.clinics WHERE id = '", clinic.ToString(),
                                "' FOR UPDATE"));
  }
  db::AdminConnection Holding(const std::string& sql) {
    db::AdminConnection holder = database_.Connect();
    // It waits for longer than servers may.
    REQUIRE(holder.Execute("SET idle_in_transaction_session_timeout = 0").ok());
    REQUIRE(holder.Execute("BEGIN").ok());
    REQUIRE(holder.Execute(sql).ok());
    return holder;
  }

 private:
  static std::string IsCanary() {
    const auto canaries = db::CanaryClinicIds();
    return absl::StrCat("clinic_id IN ('", canaries[0].ToString(), "', '", canaries[1].ToString(),
                        "')");
  }

  // A change that is about no patient, so that the clinic has the key that seals its certificates.
  void AddColleague(const TestClinic& clinic) {
    const Client owner = server_.SignedIn(clinic, {identity::v1::ROLE_OWNER});
    identity::v1::CreatePractitionerRequest request;
    request.set_request_id(server_.RequestId());
    request.mutable_practitioner()->set_given_name("Ana");
    request.mutable_practitioner()->set_family_name("Ruiz");
    request.mutable_practitioner()->set_active(true);
    REQUIRE(owner
                .Call(owner.practitioners(),
                      &identity::v1::PractitionerService::Stub::CreatePractitioner, request)
                .ok());
  }

  Hashes RowsOfClinics() {
    isolation::Catalog catalog(watch_);
    Hashes rows;
    for (const ClinicId& clinic : clinics()) {
      for (const auto& [table, hash] : catalog.Hashes(clinic)) {
        // The certificates, the log that they are sealed in, and what a server notes of the time
        // zones that it has read.
        const bool is_expected = table == "isolation_certificates" ||
                                 table == "time_zone_versions" ||
                                 (absl::StartsWith(table, "audit_") && table != "audit_findings" &&
                                  table != "audit_legal_holds");
        if (!is_expected) rows.emplace(absl::StrCat(clinic.ToString(), " ", table), hash);
      }
      rows.emplace(absl::StrCat(clinic.ToString(), " events"),
                   Value(absl::StrCat("SELECT count(*) || ' ' || sum(hashtextextended(event::text, "
                                      "0)) FROM clinicd.audit_events AS event WHERE clinic_id = '",
                                      clinic.ToString(), "' AND method NOT LIKE 'clinicd %'")));
    }
    return rows;
  }

  const TestDatabase database_;
  ServerProcess process_;
  TestServer server_;
  const FrontDesk north_;
  const FrontDesk south_;
  db::AdminConnection watch_;
  Hashes before_;
};

std::vector<std::string> ProbeCommand(const Scene& scene) {
  std::vector<std::string> command = {CLINICD_TEST_BINARY_DIR "/clinicd"};
  const auto set = [&command](const std::string& key, const std::string& value) {
    command.insert(command.end(), {"--set", absl::StrCat(key, "=", value)});
  };
  for (const auto& [prefix, role] :
       {std::pair("db.", "clinicd_app"), std::pair("db.auth_", "clinicd_auth"),
        std::pair("db.jobs_", "clinicd_jobs")}) {
    set(absl::StrCat(prefix, "conninfo"), scene.database().ConninfoWithoutPassword(role));
    set(absl::StrCat(prefix, "password_file"), scene.database().PasswordFile(role).string());
  }
  set("keys.directory", scene.server().key_directory().string());
  command.insert(command.end(), {"isolation", "probe", "--json"});
  return command;
}

// A probe as a process of its own.
class ProbeProcess final {
 public:
  explicit ProbeProcess(const Scene& scene) {
    std::vector<std::string> arguments = ProbeCommand(scene);
    std::vector<char*> raw;
    for (std::string& argument : arguments) raw.push_back(argument.data());
    raw.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    for (const int standard : {STDOUT_FILENO, STDERR_FILENO}) {
      posix_spawn_file_actions_addopen(&actions, standard, "/dev/null", O_WRONLY, 0);
    }
    const int error = posix_spawn(&pid_, raw[0], &actions, nullptr, raw.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    REQUIRE(error == 0);
  }
  ~ProbeProcess() { Kill(); }
  ProbeProcess(const ProbeProcess&) = delete;
  ProbeProcess& operator=(const ProbeProcess&) = delete;
  ProbeProcess(ProbeProcess&&) = delete;
  ProbeProcess& operator=(ProbeProcess&&) = delete;

  // Whether it came to its end by itself.
  bool Ended() {
    if (pid_ != 0 && waitpid(pid_, nullptr, WNOHANG) == pid_) pid_ = 0;
    return pid_ == 0;
  }
  void Kill() {
    if (pid_ == 0) return;
    kill(pid_, SIGKILL);
    while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
    }
    pid_ = 0;
  }

 private:
  pid_t pid_ = 0;
};

// Starts a probe and kills it as soon as `reached`. One that ended before, as when a busy machine
// lets its transactions wait for too long, is started again; false if that was in vain.
bool KillProbeAt(const Scene& scene, const std::function<bool()>& reached) {
  constexpr int kAttempts = 3;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    ProbeProcess probe(scene);
    if (Scene::Await(reached, [&probe] { return probe.Ended(); })) return true;
  }
  return false;
}

TEST_CASE("A probe that was killed leaves nothing half done, and the next one is whole",
          "[isolation][fault]") {
  Scene scene;
  const auto canaries = db::CanaryClinicIds();
  {
    // While it makes the canaries.
    const auto lock = scene.Holding("LOCK TABLE clinicd.waitlist_offers");
    CHECK(KillProbeAt(scene, [&scene] { return scene.IsBlocked(); }));
  }
  scene.CheckConsistent();
  CHECK(scene.Count("clinicd.memberships WHERE clinic_id NOT IN (SELECT id FROM clinicd.clinics "
                    "WHERE state = 'active')") == 0);

  // While it calls.
  std::mt19937 random(20270322);  // NOLINT(cert-msc51-cpp): the same moments each time.
  std::uniform_int_distribution<int> events(1, kEventsMax);
  for (int i = 0; i < kKills; ++i) {
    const int until = scene.Progress() + events(random);
    CAPTURE(i, until);
    CHECK(KillProbeAt(scene, [&scene, until] { return scene.Progress() >= until; }));
    scene.CheckConsistent();
    CHECK(scene.Certificates(canaries[0]) == 0);
  }
  {
    // While it gives out certificates.
    const auto lock = scene.HoldBack(scene.clinics()[1]);
    CHECK(KillProbeAt(scene, [&scene] { return scene.IsBlocked(); }));
  }
  scene.CheckConsistent();
  CHECK(scene.Certificates(canaries[0]) == 1);
  CHECK(scene.Certificates(scene.clinics()[0]) == 1);
  CHECK(scene.Certificates(scene.clinics()[1]) == 0);
  CHECK(scene.Certificates(canaries[1]) == 0);

  const ProgramResult whole = RunProgram(ProbeCommand(scene));
  INFO(whole.output);
  REQUIRE(whole.exit_code == 0);
  scene.CheckConsistent();
  // Nothing of the canaries keeps everybody's events.
  CHECK(scene.Count("clinicd.audit_legal_holds WHERE state = 'in_force'") == 0);
  const auto report = nlohmann::json::parse(whole.output.substr(whole.output.find("{\n")));
  CHECK(report["findings"] == nlohmann::json::array());
  CHECK(scene.Count(absl::StrCat("clinicd.isolation_certificates WHERE digest = '\\x",
                                 report["digest"].get<std::string>(), "'")) == 4);
  LogScene(scene.server()).SealAll();
  scene.CheckSealed();
}

TEST_CASE("A server that was killed in its nightly probe ends the night when it is back",
          "[isolation][fault]") {
  Scene scene;
  const auto canaries = db::CanaryClinicIds();
  ServerProcess& server = scene.process();
  for (const auto& [prefix, role] :
       {std::pair("DB__JOBS_", "clinicd_jobs"), std::pair("DB__SEALER_", "clinicd_sealer")}) {
    server.Set(absl::StrCat(prefix, "CONNINFO"), scene.database().ConninfoWithoutPassword(role));
    server.Set(absl::StrCat(prefix, "PASSWORD_FILE"), scene.database().PasswordFile(role).string());
  }
  server.Set("AUDIT__ORIGIN", kLogOrigin);
  server.Set("ISOLATION__PROBE_HOUR",
             absl::StrCat(absl::ToCivilHour(absl::Now(), absl::UTCTimeZone()).hour()));
  const auto never = [] { return false; };

  std::mt19937 random(20270323);  // NOLINT(cert-msc51-cpp): the same moments each time.
  std::uniform_int_distribution<int> events(1, kEventsMax);
  for (int i = 0; i < kKills; ++i) {
    const int until = scene.Progress() + events(random);
    CAPTURE(i, until);
    server.Start();
    CHECK(Scene::Await([&] { return scene.Progress() >= until; }, never));
    server.Kill();
    scene.CheckConsistent();
    CHECK(scene.Certificates(canaries[0]) == 0);
  }
  {
    const auto lock = scene.HoldBack(scene.clinics()[1]);
    server.Start();
    CHECK(Scene::Await([&scene] { return scene.IsBlocked(); }, never));
    server.Kill();
  }
  scene.CheckConsistent();
  CHECK(scene.Certificates(scene.clinics()[0]) == 1);
  CHECK(scene.Certificates(scene.clinics()[1]) == 0);
  CHECK(scene.Certificates(canaries[1]) == 0);

  server.Start();
  CHECK(Scene::Await([&] { return scene.Certificates(canaries[1]) > 0 && scene.Unsealed() == 0; },
                     never));
  CHECK(server.Stop(SIGTERM) == 0);
  scene.CheckConsistent();
  // The same for everybody: it was not tried again.
  CHECK(scene.Value("SELECT count(*) || ' ' || count(DISTINCT digest) || ' ' || "
                    "max(array_to_string(findings, ',')) FROM clinicd.isolation_certificates "
                    "WHERE probed_on > '2001-01-01'") == "4 1 ");
  scene.CheckSealed();
}

}  // namespace
}  // namespace clinicd::testing
