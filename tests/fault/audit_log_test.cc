// What somebody does to the audit log who may do everything to the database, and what the log is
// like after its sealer was killed again and again.
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/audit/log/log_keys.h"
#include "tests/support/front_desk.h"
#include "tests/support/log_scene.h"
#include "tests/support/run_program.h"
#include "tests/support/temporary_directory.h"

extern char** environ;

namespace clinicd::testing {
namespace {

constexpr int kOk = 0;
constexpr int kTampered = 2;
constexpr int kIncomplete = 3;
constexpr int kStale = 4;

std::string Program() { return CLINICD_TEST_BINARY_DIR "/clinicd"; }

// A clinic with a log, its owner, and an auditor with the server's key and nothing else of it.
class Auditor final {
 public:
  Auditor(TestServer& server, const LogScene& log, const std::string& slug)
      : server_(server), log_(log), clinic_(server.AddClinic(slug)), slug_(slug) {
    server.AddUserWithPassword(clinic_, Email(), {identity::v1::ROLE_OWNER});
    directory_.Write("password", kTestPassword);
  }

  const TestClinic& clinic() const { return clinic_; }

  // Events of the clinic, sealed in their order.
  void AddEvents(int count) {
    for (int i = 0; i < count; ++i) {
      Execute(absl::StrCat(
          "INSERT INTO clinicd.audit_events (clinic_id, id, category, action, method, outcome, "
          "client_address) VALUES ('",
          clinic_.id.ToString(), "', '", server_.RequestId(), "', 'record', 'read', 'Method ", i,
          "', 'OK', '10.0.0.", i, "')"));
    }
    log_.SealAll();
  }

  // As superuser, past the triggers.
  void Execute(const std::string& sql) {
    auto superuser = server_.database().Connect();
    REQUIRE(superuser.Execute("SET session_replication_role = replica").ok());
    const absl::Status status = superuser.Execute(sql);
    INFO(sql);
    INFO(status);
    REQUIRE(status.ok());
  }

  // Takes the log out of the server; `since` and `keep` name checkpoints.
  ProgramResult Export(const std::string& file, const std::string& since = "",
                       const std::string& keep = "") {
    std::vector<std::string> arguments = {
        Program(), "audit",   "export", "--server",        server_.target(),           "--clinic",
        slug_,     "--email", Email(),  "--password-file", directory_.path("password")};
    if (!since.empty()) arguments.insert(arguments.end(), {"--since", directory_.path(since)});
    if (!keep.empty()) arguments.insert(arguments.end(), {"--checkpoint", directory_.path(keep)});
    arguments.push_back(directory_.path(file));
    return RunProgram(arguments);
  }
  void MustExport(const std::string& file, const std::string& since = "",
                  const std::string& keep = "") {
    const ProgramResult result = Export(file, since, keep);
    INFO(result.output);
    REQUIRE(result.exit_code == 0);
  }

  ProgramResult Verify(const std::string& file, const std::string& since = "") {
    std::vector<std::string> arguments = {Program(),
                                          "audit",
                                          "verify",
                                          "--origin",
                                          kLogOrigin,
                                          "--key",
                                          log_.trust().log_keys.front().ToText()};
    if (!since.empty()) arguments.insert(arguments.end(), {"--since", directory_.path(since)});
    arguments.push_back(directory_.path(file));
    return RunProgram(arguments);
  }

  std::string Event(int index) {
    return server_.database()
        .Connect()
        .QueryValue(absl::StrCat("SELECT event_id FROM clinicd.audit_leaves WHERE clinic_id = '",
                                 clinic_.id.ToString(), "' AND leaf_index = ", index))
        .value();
  }
  std::string Where(int index) { return absl::StrCat(" WHERE id = '", Event(index), "'"); }

 private:
  std::string Email() const { return absl::StrCat("owner@", slug_, ".example"); }

  TestServer& server_;
  const LogScene& log_;
  const TestClinic clinic_;
  const std::string slug_;
  const TemporaryDirectory directory_;
};

TEST_CASE("What a superuser does to sealed events is named", "[audit][fault]") {
  TestServer server;
  const LogScene log(server);
  struct Case {
    const char* slug;
    int code;
    std::function<void(Auditor&)> tamper;
  };
  const std::vector<Case> cases = {
      {"nothing", kOk, [](Auditor&) {}},
      {"edit", kTampered,
       [](Auditor& auditor) {
         auditor.Execute("UPDATE clinicd.audit_events SET client_address = '10.9.9.9'" +
                         auditor.Where(3));
       }},
      {"back-date", kTampered,
       [](Auditor& auditor) {
         auditor.Execute(
             "UPDATE clinicd.audit_events SET recorded_at = recorded_at - interval '1 day', "
             "occurred_at = occurred_at - interval '1 day'" +
             auditor.Where(4));
       }},
      {"delete", kIncomplete,
       [](Auditor& auditor) {
         auditor.Execute("DELETE FROM clinicd.audit_events" + auditor.Where(2));
       }},
      {"reorder", kTampered,
       [](Auditor& auditor) {
         const std::string second = auditor.Event(2);
         const std::string fifth = auditor.Event(5);
         const std::string nobody = "00000000-0000-7000-8000-000000000000";
         for (const auto& [from, to] :
              {std::pair(second, nobody), {fifth, second}, {nobody, fifth}}) {
           auditor.Execute("UPDATE clinicd.audit_leaves SET event_id = '" + to +
                           "' WHERE event_id = '" + from + "'");
         }
       }},
      {"insert", kTampered,
       [](Auditor& auditor) {
         const std::string clinic = auditor.clinic().id.ToString();
         const std::string made_up = "018f0000-0000-7000-8000-00000000beef";
         auditor.Execute(
             "INSERT INTO clinicd.audit_events (clinic_id, id, category, action, "
             "method, outcome) VALUES ('" +
             clinic + "', '" + made_up + "', 'record', 'read', 'Method', 'OK')");
         auditor.Execute("UPDATE clinicd.audit_leaves SET event_id = '" + made_up +
                         "' WHERE clinic_id = '" + clinic + "' AND leaf_index = 1");
       }},
      {"delete-leaf", kTampered,
       [](Auditor& auditor) {
         auditor.Execute("DELETE FROM clinicd.audit_leaves WHERE clinic_id = '" +
                         auditor.clinic().id.ToString() + "' AND leaf_index = 2");
       }},
      {"other-root", kTampered,
       [](Auditor& auditor) {
         auditor.Execute(
             "UPDATE clinicd.audit_heads SET root_hash = sha256('x') WHERE clinic_id = '" +
             auditor.clinic().id.ToString() + "'");
       }},
  };

  for (const Case& each : cases) {
    INFO(each.slug);
    Auditor auditor(server, log, each.slug);
    auditor.AddEvents(8);
    auditor.MustExport("before", "", "kept");
    REQUIRE(auditor.Verify("before", "kept").exit_code == kOk);

    each.tamper(auditor);

    const ProgramResult exported = auditor.Export("after", "kept");
    INFO(exported.output);
    // A log that has become shorter cannot even be taken out.
    const bool detected_at_export = each.code != kOk && exported.exit_code != 0;
    if (detected_at_export) continue;
    REQUIRE(exported.exit_code == 0);
    const ProgramResult verdict = auditor.Verify("after", "kept");
    INFO(verdict.output);
    CHECK(verdict.exit_code == each.code);
  }
}

TEST_CASE("A log that has lost its tail is older than the checkpoint that was kept",
          "[audit][fault]") {
  TestServer server;
  const LogScene log(server);
  Auditor auditor(server, log, "north");
  auditor.AddEvents(5);
  auditor.MustExport("yesterday", "", "old");
  auditor.AddEvents(3);
  auditor.MustExport("today", "old", "new");
  REQUIRE(auditor.Verify("today", "old").exit_code == kOk);

  // As after a restore of yesterday's backup.
  const std::string clinic = auditor.clinic().id.ToString();
  auditor.Execute("DELETE FROM clinicd.audit_leaves WHERE leaf_index >= 5");
  auditor.Execute("DELETE FROM clinicd.audit_heads WHERE tree_size > 5");
  auditor.Execute("DELETE FROM clinicd.audit_checkpoints WHERE meta_size > 1");
  auditor.Execute("DELETE FROM clinicd.audit_meta_leaves WHERE meta_index >= 1");

  CHECK(auditor.Export("after", "new").exit_code == 1);
  auditor.MustExport("after");
  CHECK(auditor.Verify("after", "new").exit_code == kStale);
}

TEST_CASE("A checkpoint that another key signed is not believed", "[audit][fault]") {
  TestServer server;
  const LogScene log(server);
  TestServer other;
  const LogScene others_log(other);
  Auditor auditor(server, log, "north");
  auditor.AddEvents(3);
  const std::string note =
      server.database().Connect().QueryValue("SELECT note FROM clinicd.audit_checkpoints").value();
  // The same head, signed by who has another installation's key.
  const auto head = merkle::OpenCheckpoint(note, log.trust());
  REQUIRE(head.ok());
  const auto signers = audit::LoadLogSigners(other.key_directory().string(), kLogOrigin);
  REQUIRE(signers.ok());
  const auto forged = merkle::SignTreeHead(head->head, {&signers->front()}, absl::Now());
  REQUIRE(forged.ok());
  auditor.Execute(
      absl::StrCat("UPDATE clinicd.audit_checkpoints SET note = $note$", *forged, "$note$"));

  auditor.MustExport("forged");
  CHECK(auditor.Verify("forged").exit_code == kTampered);
}

// A sealer as a process of its own.
class SealProcess final {
 public:
  explicit SealProcess(const TestServer& server) {
    const std::vector<std::string> arguments = {
        Program(),
        "--set",
        "db.sealer_conninfo=" + server.database().ConninfoWithoutPassword("clinicd_sealer"),
        "--set",
        "db.sealer_password_file=" + server.database().PasswordFile("clinicd_sealer").string(),
        "--set",
        "keys.directory=" + server.key_directory().string(),
        "--set",
        "db.conninfo=" + server.database().ConninfoWithoutPassword("clinicd_app"),
        "--set",
        "db.password_file=" + server.database().PasswordFile("clinicd_app").string(),
        "--set",
        absl::StrCat("audit.origin=", kLogOrigin),
        "audit",
        "seal"};
    std::vector<char*> raw;
    for (const std::string& argument : arguments)
      raw.push_back(const_cast<char*>(argument.c_str()));
    raw.push_back(nullptr);
    REQUIRE(posix_spawn(&pid_, raw[0], nullptr, nullptr, raw.data(), environ) == 0);
  }
  void Kill() const {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }

 private:
  pid_t pid_ = 0;
};

TEST_CASE("A sealer that is killed 200 times leaves no gap and seals nothing twice",
          "[audit][fault]") {
  constexpr int kKills = 200;
  // So that each sealer finds something to seal, and not all that two writers can write.
  constexpr int kEventsPerKill = 200;
  TestServer server;
  const LogScene log(server);
  Auditor auditor(server, log, "north");
  const std::string add = absl::StrCat(
      "INSERT INTO clinicd.audit_events (clinic_id, id, category, action, method, outcome) SELECT "
      "'",
      auditor.clinic().id.ToString(),
      "', (lpad(to_hex((extract(epoch FROM now()) * 1000)::bigint), 12, '0') || '7000' || "
      "substr(md5(random()::text), 1, 16))::uuid, 'record', 'read', 'Method', 'OK' "
      "FROM generate_series(1, 10)");
  std::atomic<bool> done = false;
  std::atomic<int> written = 0;
  std::atomic<int> allowed = 0;
  std::vector<std::thread> writers;
  for (int i = 0; i < 2; ++i) {
    writers.emplace_back([&] {
      auto connection = server.database().Connect();
      while (!done) {
        if (written >= allowed) {
          std::this_thread::yield();
          continue;
        }
        if (connection.Execute(add).ok()) written += 10;
      }
    });
  }
  auto watch = server.database().Connect();
  const std::string sealed = "SELECT count(*) FROM clinicd.audit_checkpoints";
  for (int i = 0; i < kKills; ++i) {
    allowed += kEventsPerKill;
    const SealProcess sealer(server);
    // Some at once, others once they have sealed something.
    const int batches = std::stoi(watch.QueryValue(sealed).value()) + i % 2;
    while (std::stoi(watch.QueryValue(sealed).value()) < batches) {
      std::this_thread::yield();
    }
    sealer.Kill();
  }
  done = true;
  for (std::thread& writer : writers) writer.join();

  log.SealAll();

  const std::string count = absl::StrCat(written.load());
  CHECK(watch
            .QueryValue("SELECT count(*) || ' ' || count(DISTINCT event_id) || ' ' || "
                        "max(leaf_index) + 1 FROM clinicd.audit_leaves")
            .value() == absl::StrCat(count, " ", count, " ", count));
  auditor.MustExport("all");
  const ProgramResult verdict = auditor.Verify("all");
  INFO(verdict.output);
  CHECK(verdict.exit_code == kOk);
}

}  // namespace
}  // namespace clinicd::testing
