// Who starts an update of time zones: the server by itself, and the operator.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "services/appointments/time_zone_version.h"
#include "tests/integration/time_zone_scene.h"
#include "tests/support/run_program.h"
#include "tests/support/temporary_directory.h"

namespace clinicd::testing {
namespace {

using appointments::v1::Appointment;

// A server that knows how to list clinics.
TestServer::Options WithJobs(const TestDatabase& database) {
  TestServer::Options options;
  options.database = &database;
  options.adjust = [&database](server::ApplicationOptions& application) {
    application.jobs_conninfo = database.jobs();
  };
  return options;
}

std::string MachineVersion() {
  const auto version =
      appointments::ReadTimeZoneVersion(appointments::TimeZoneDirectory(std::getenv("TZDIR")));
  REQUIRE(version.ok());
  return *version;
}

// Whether the server logs `event` within a minute.
bool Logs(const TestServer& server, const std::string& event) {
  const absl::Time deadline = absl::Now() + absl::Minutes(1);
  while (absl::Now() < deadline) {
    if (server.Log().find(event) != std::string::npos) return true;
  }
  return false;
}

TEST_CASE("A server updates the clinics that were last updated by an older database",
          "[timezones][integration]") {
  const TestDatabase database;
  TestServer server(WithJobs(database));
  const TimeZoneDesk unknown(server, "a");
  const TimeZoneDesk older(server, "b");
  const TimeZoneDesk same(server, "c");
  const TimeZoneDesk newer(server, "d");
  for (const TimeZoneDesk* desk : {&unknown, &older, &same, &newer}) {
    desk->Book("2027-07-01T09:00");
    desk->File(60);
  }
  const auto updated_by = [](const TimeZoneDesk& desk, const std::string& version) {
    desk.Execute(
        absl::StrCat("INSERT INTO clinicd.time_zone_versions (clinic_id, version) "
                     "VALUES ('",
                     desk.desk().clinic().id.ToString(), "', '", version, "')"));
  };
  updated_by(older, "1999a");
  updated_by(same, MachineVersion());
  updated_by(newer, "9999z");
  const std::string same_times = same.Times();
  const std::string newer_times = newer.Times();

  server.application().StartJobs();

  REQUIRE(Logs(server, "time_zones_updated"));
  CHECK(unknown.Version() == MachineVersion());
  CHECK(older.Version() == MachineVersion());
  CHECK(newer.Version() == "9999z");
  const std::string moved =
      "SELECT count(*) FROM clinicd.appointment_events WHERE kind = "
      "'clock_changed'";
  CHECK(unknown.QueryValue(moved) == "2");
  CHECK(same.Times() == same_times);
  CHECK(newer.Times() == newer_times);
  CHECK(server.metrics().Exposition().find("clinicd_time_zone_moved_total 2") != std::string::npos);
}

TEST_CASE("A server names in its log what it had to leave, by ids alone",
          "[timezones][integration]") {
  const TestDatabase database;
  TestServer server(WithJobs(database));
  const TimeZoneDesk desk(server, "a");
  const Appointment left = desk.Book("2027-07-01T09:00");
  desk.File(60);
  desk.Book("2027-07-01T09:00");

  server.application().StartJobs();

  REQUIRE(Logs(server, "time_zones_updated"));
  CHECK(Logs(server, left.id()));
  CHECK(server.Log().find("time_zone_visit_left") != std::string::npos);
  CHECK(server.Log().find(left.patient_family_name()) == std::string::npos);
  CHECK(server.metrics().Exposition().find("clinicd_time_zone_left_total 1") != std::string::npos);
}

// A machine on which Spain stays on standard time.
class OtherZones final {
 public:
  OtherZones() {
    directory_.Write("tzdata.zi", "# version 2098b\n");
    const std::string rules = directory_.Write("rules", "Zone Europe/Madrid 1:00 - CET\n");
    REQUIRE(RunProgram({"/usr/sbin/zic", "-d", directory_.path(), rules}).exit_code == 0);
  }
  std::string variable() const { return absl::StrCat("TZDIR=", directory_.path()); }

 private:
  TemporaryDirectory directory_;
};

struct Ran {
  int exit_code = 0;
  nlohmann::json report;
};

// `clinicd timezones update`, configured for that server's database and keys.
Ran Update(const TestServer& server, std::vector<std::string> flags,
           std::vector<std::string> environment = {}) {
  const TestDatabase& database = server.database();
  environment.push_back(absl::StrCat("CLINICD_KEYS__DIRECTORY=", server.key_directory().string()));
  const auto use = [&](const std::string& prefix, const std::string& role) {
    environment.push_back(
        absl::StrCat("CLINICD_DB__", prefix, "CONNINFO=", database.ConninfoWithoutPassword(role)));
    environment.push_back(absl::StrCat("CLINICD_DB__", prefix,
                                       "PASSWORD_FILE=", database.PasswordFile(role).string()));
  };
  use("", "clinicd_app");
  use("AUTH_", "clinicd_auth");
  use("JOBS_", "clinicd_jobs");
  std::vector<std::string> command = {CLINICD_TEST_BINARY_DIR "/clinicd", "timezones", "update",
                                      "--json"};
  command.insert(command.end(), flags.begin(), flags.end());
  const ProgramResult result = RunProgram(command, environment);
  INFO(result.output);
  Ran ran{.exit_code = result.exit_code,
          .report = nlohmann::json::parse(result.output, nullptr, false)};
  REQUIRE(ran.report.is_object());
  return ran;
}

TEST_CASE("The operator takes a clinic to other zones and back", "[timezones][integration]") {
  TestServer server;
  const OtherZones zones;
  const TimeZoneDesk desk(server, "a");
  const TimeZoneDesk other(server, "b");
  const Appointment winter = desk.Book("2027-03-01T09:00");
  const Appointment summer = desk.Book("2027-07-01T09:00");
  const Appointment next = desk.Book("2027-07-01T09:30");
  other.Book("2027-07-01T09:00");
  const std::string times = desk.Times();
  const std::string other_times = other.Times();

  const Ran dry = Update(server, {"--clinic", "a", "--dry-run"}, {zones.variable()});
  CHECK(dry.exit_code == 0);
  CHECK(dry.report["dry_run"] == true);
  CHECK(dry.report["clinics"][0]["moved"] == 2);
  CHECK(desk.Times() == times);

  const Ran there = Update(server, {"--clinic", "a"}, {zones.variable()});
  CHECK(there.exit_code == 0);
  CHECK(there.report["version"] == "2098b");
  REQUIRE(there.report["clinics"].size() == 1);
  CHECK(there.report["clinics"][0]["looked_at"] == 3);
  CHECK(there.report["clinics"][0]["moved"] == 2);
  CHECK(desk.Get(winter.id()).start_time().seconds() == winter.start_time().seconds());
  CHECK(desk.Get(summer.id()).start_time().seconds() == summer.start_time().seconds() + 3600);
  CHECK(desk.Get(summer.id()).local_start() == "2027-07-01T09:00");
  CHECK(desk.Get(next.id()).start_time().seconds() == next.start_time().seconds() + 3600);
  CHECK(desk.Version() == "2098b");
  CHECK(other.Times() == other_times);

  const Ran back = Update(server, {});
  CHECK(back.exit_code == 0);
  CHECK(back.report["clinics"].size() == 2);
  CHECK(desk.Times() == times);
  CHECK(other.Times() == other_times);
  CHECK(desk.Version() == MachineVersion());
  CHECK(other.Version() == MachineVersion());
}

TEST_CASE("The operator hears of visits that had to stay", "[timezones][integration]") {
  TestServer server;
  const TimeZoneDesk desk(server, "a");
  const Appointment left = desk.Book("2027-07-01T09:00");
  desk.File(60);
  desk.Book("2027-07-01T09:00");

  const Ran ran = Update(server, {"--clinic", "a"});

  CHECK(ran.exit_code == 2);
  REQUIRE(ran.report["clinics"][0]["left"].size() == 1);
  CHECK(ran.report["clinics"][0]["left"][0] == left.id());
}

}  // namespace
}  // namespace clinicd::testing
