// Clients that keep the checkpoint of their clinic's audit log, against a real server, log and
// restored database.
#include <catch2/catch.hpp>
#include <fstream>
#include <iostream>
#include <regex>
#include <sstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "tests/support/front_desk_clinic.h"
#include "tests/support/log_scene.h"

namespace clinicd::testing {
namespace {

// A server whose database can be copied and put back while it runs.
class Clinic final {
 public:
  Clinic() : copy_(absl::StrCat(database().name(), "_copy")) {}
  ~Clinic() { Maintain(absl::StrCat("DROP DATABASE IF EXISTS ", copy_)); }
  Clinic(const Clinic&) = delete;
  Clinic& operator=(const Clinic&) = delete;
  Clinic(Clinic&&) = delete;
  Clinic& operator=(Clinic&&) = delete;

  void Backup() {
    Maintain(absl::StrCat("ALTER DATABASE ", database().name(), " ALLOW_CONNECTIONS false"));
    Maintain(
        absl::StrCat("SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity WHERE "
                     "datname = '",
                     database().name(), "'"));
    Maintain(absl::StrCat("CREATE DATABASE ", copy_, " TEMPLATE ", database().name()));
    Maintain(absl::StrCat("ALTER DATABASE ", database().name(), " ALLOW_CONNECTIONS true"));
  }
  void Restore() {
    Maintain(absl::StrCat("DROP DATABASE ", database().name(), " WITH (FORCE)"));
    Maintain(absl::StrCat("CREATE DATABASE ", database().name(), " TEMPLATE ", copy_));
  }

  void Seal() { LogScene(desk_.server()).SealAll(); }
  // How often the log was sealed, which nobody knows before: what is sealed together depends on
  // what else the cluster does.
  int Seals() const {
    const auto size = database().Connect().QueryValue("SELECT meta_size FROM clinicd.audit_sealer");
    REQUIRE(size.ok());
    return std::stoi(*size);
  }
  // Works and seals until the log has more of both than one with so many seals had.
  void Outgrow(int seals) {
    do {
      Work(40);
      Seal();
    } while (Seals() <= seals);
  }
  std::string Key() const { return LogScene(desk_.server()).trust().log_keys.front().ToText(); }
  // Adds events as somebody's work does.
  void Work(int events) {
    const absl::Status done = database().Connect().Execute(absl::StrCat(
        "INSERT INTO clinicd.audit_events (clinic_id, id, category, action, method, outcome) "
        "SELECT '",
        desk_.clinic().id.ToString(),
        "', (lpad(to_hex((extract(epoch FROM now()) * 1000)::bigint), 12, '0') || '7000' || "
        "substr(md5(random()::text), 1, 16))::uuid, 'record', 'read', 'Method', 'OK' FROM "
        "generate_series(1, ",
        events, ")"));
    INFO(done);
    REQUIRE(done.ok());
  }

  CommandOutput Clinicctl(const std::string& arguments) const {
    return RunCommand(absl::StrCat("HOME=/nonexistent XDG_STATE_HOME='", state_.path(), "' '",
                                   CLINICCTL_PROGRAM, "' ", arguments, " </dev/null"));
  }
  CommandOutput SignIn() const {
    state_.Write("password", kTestPassword);
    return Clinicctl(absl::StrCat("sign-in --server ", desk_.url(), " --ca '", desk_.ca_file(),
                                  "' --clinic ", desk_.clinic().slug, " --email ",
                                  desk_.receptionist().email, " --password-file '",
                                  state_.path("password"), "'"));
  }
  CommandOutput AsOwner(const std::string& arguments) const {
    return Clinicctl(absl::StrCat("--dev '", desk_.directory(), "' --dev-role owner ", arguments));
  }
  std::string state(const std::string& name) const { return state_.path(name); }
  const FrontDeskClinic& desk() const { return desk_; }

 private:
  const TestDatabase& database() const { return desk_.server().database(); }
  void Maintain(const std::string& sql) const {
    auto maintenance = db::AdminConnection::Open(database().superuser() + " dbname=postgres");
    REQUIRE(maintenance.ok());
    const absl::Status done = maintenance->Execute(sql);
    INFO(done);
    REQUIRE(done.ok());
  }

  FrontDeskClinic desk_;
  TemporaryDirectory state_;
  const std::string copy_;
};

constexpr char kBook[] = "book --patient 'iban leo' --practitioner nunez --at 2031-01-07T10:00";

TEST_CASE("clinicctl names a log that was rolled back, and one that went another way",
          "[clinicctl][audit][integration]") {
  Clinic clinic;
  REQUIRE(clinic.SignIn().exit_code == 0);
  clinic.Seal();
  const std::string check = absl::StrCat("audit checkpoint --key '", clinic.Key(), "'");
  REQUIRE(clinic.Clinicctl(check).exit_code == 0);
  clinic.Backup();
  REQUIRE(clinic.Clinicctl(kBook).exit_code == 0);
  clinic.Work(3);
  clinic.Seal();
  const CommandOutput grown = clinic.Clinicctl(check);
  CAPTURE(grown.text);
  REQUIRE(grown.exit_code == 0);
  CHECK(grown.Has("It continues the"));

  const int seals = clinic.Seals();
  clinic.Restore();

  const CommandOutput rolled_back = clinic.Clinicctl(check);
  CAPTURE(rolled_back.text);
  CHECK(rolled_back.exit_code == 7);
  CHECK(rolled_back.Has("alarm:   rollback"));
  CHECK(rolled_back.Has(".json.refused-"));
  const CommandOutput signed_in = clinic.SignIn();
  CHECK(signed_in.exit_code == 7);
  CHECK(signed_in.Has("Signed in:"));
  clinic.Outgrow(seals);
  const CommandOutput forked = clinic.Clinicctl("--json audit checkpoint");
  CAPTURE(forked.text);
  CHECK(forked.exit_code == 7);
  CHECK(forked.Has("\"alarm\":\"fork\""));

  CHECK(clinic.Clinicctl(check + " --trust-anew").exit_code == 0);
  CHECK(clinic.Clinicctl(check).exit_code == 0);
}

TEST_CASE("clinicctl shows the keys that the server states", "[clinicctl][audit][integration]") {
  Clinic clinic;
  REQUIRE(clinic.SignIn().exit_code == 0);
  clinic.Seal();

  const CommandOutput keys = clinic.Clinicctl("audit keys");
  const CommandOutput json = clinic.Clinicctl("--json audit keys");

  CAPTURE(keys.text, json.text);
  CHECK(keys.exit_code == 0);
  CHECK(keys.Has(clinic.Key()));
  CHECK(keys.Has(kLogOrigin));
  CHECK(json.Has(absl::StrCat("\"logKeys\":[\"", clinic.Key(), "\"]")));
}

TEST_CASE("Receipts of clinicctl are proven, until the event is gone",
          "[clinicctl][audit][integration]") {
  Clinic clinic;
  const std::string file = clinic.state("receipts");
  const std::string verify = absl::StrCat("audit receipts verify '", file, "'");
  REQUIRE(clinic.SignIn().exit_code == 0);
  clinic.Seal();
  clinic.Backup();
  const CommandOutput booked = clinic.Clinicctl(absl::StrCat("--receipts '", file, "' ", kBook));
  CAPTURE(booked.text);
  REQUIRE(booked.exit_code == 0);
  REQUIRE(clinic.Clinicctl(absl::StrCat("--receipts '", file, "' day")).exit_code == 0);
  CHECK(clinic.AsOwner(verify).Has("not sealed yet"));
  clinic.Seal();
  const CommandOutput proven = clinic.AsOwner(verify);
  CAPTURE(proven.text);
  CHECK(proven.exit_code == 0);
  CHECK(proven.Has("1 of 1 events are proven."));

  clinic.Restore();
  // As a minute later.
  std::stringstream receipts;
  receipts << std::ifstream(file).rdbuf();
  std::ofstream(file) << std::regex_replace(receipts.str(), std::regex("\"recordTime\":\"[^\"]*\""),
                                            "\"recordTime\":\"2026-01-01T00:00:00Z\"");

  const CommandOutput lost = clinic.AsOwner(verify);
  CAPTURE(lost.text);
  CHECK(lost.exit_code == 7);
  CHECK(lost.Has("missing: event"));
}

TEST_CASE("A tablet names a log that was rolled back, and one that went another way",
          "[typescript][audit][integration]") {
  const std::string package = CLINICD_TYPESCRIPT_PACKAGE;
  if (package.empty()) {
    std::cout << "skipped: there is no Node.js 20 to run the TypeScript SDK with\n";
    return;
  }
  Clinic clinic;
  const auto tablet = [&](const std::string& file, const std::string& key) {
    const CommandOutput output = RunCommand(
        absl::StrCat("CLINICD_DEV_JSON='", clinic.desk().dev_file(), "' CLINICD_KEPT_FILE='",
                     clinic.state(file), "' CLINICD_LOG_KEY='", key, "' node --no-warnings '",
                     package, "/dist/test/tools/keep_checkpoint.js'"));
    CAPTURE(output.text);
    CHECK(output.exit_code == 0);
    return output.text;
  };
  const auto says = [&](const std::string& pattern) {
    for (const std::string& key : {clinic.Key(), std::string()}) {
      const std::string text = tablet(key.empty() ? "trusting" : "pinned", key);
      CAPTURE(key, text, pattern);
      CHECK(std::regex_match(text, std::regex(pattern + "\n")));
    }
  };
  clinic.Seal();
  says("kept [0-9]+");
  clinic.Backup();
  clinic.Work(5);
  clinic.Seal();
  says("kept [0-9]+");

  const int seals = clinic.Seals();
  clinic.Restore();

  says("alarm rollback [0-9]+ [0-9]+");
  clinic.Outgrow(seals);
  says("alarm fork [0-9]+ [0-9]+");
}

}  // namespace
}  // namespace clinicd::testing
