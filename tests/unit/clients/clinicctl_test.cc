#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "clients/clinicctl/appointment_text.h"
#include "clients/clinicctl/day_board.h"
#include "clients/clinicctl/dev_login.h"
#include "clients/clinicctl/find.h"
#include "clients/clinicctl/output.h"
#include "clients/clinicctl/session_file.h"
#include "clients/clinicctl/text.h"
#include "clients/clinicctl/visit_form.h"
#include "tests/support/temporary_directory.h"

namespace clinicd::clinicctl {
namespace {

using appointments::v1::Appointment;
using appointments::v1::WatchDayEvent;
using testing::TemporaryDirectory;

TEST_CASE("Printable leaves nothing that a terminal takes for a command", "[clinicctl][unit]") {
  CHECK(Printable("Ana\x1b[2J\x07 Núñez\n") == "Ana [2J  Núñez ");
  CHECK(Printable("\xc2\x9b"
                  "31mred") == " 31mred");
  CHECK(Printable("a\xe2\x80\xae"
                  "b\xe2\x80\xa8") == "a b ");
  CHECK(Printable("Ñandú अनिल 王") == "Ñandú अनिल 王");
}

TEST_CASE("Aligned lines up what terminals show, not bytes", "[clinicctl][unit]") {
  CHECK(Width("Núñez") == 5);
  CHECK(Width("n\xcc\x83") == 1);
  CHECK(Width("王") == 2);
  CHECK(Aligned({{"Núñez", "x"}, {"王", "", "y"}}, " ") == " Núñez  x\n 王        y\n");
}

TEST_CASE("Folded takes accents and case away", "[clinicctl][unit]") {
  CHECK(Folded("ÍÑIGO Núñez") == "inigo nunez");
  CHECK(Folded("Straße") == "straße");
}

TEST_CASE("ParseDay knows dates as people type them", "[clinicctl][unit]") {
  const absl::CivilDay today(2026, 11, 30);
  CHECK(*ParseDay("", today) == today);
  CHECK(*ParseDay("today", today) == today);
  CHECK(*ParseDay("tomorrow", today) == absl::CivilDay(2026, 12, 1));
  CHECK(*ParseDay("+31", today) == absl::CivilDay(2026, 12, 31));
  CHECK(*ParseDay("2027-02-28", today) == absl::CivilDay(2027, 2, 28));
  const auto wrong = GENERATE(as<std::string>(), "2027-02-30", "monday", "+", "+x");
  CHECK(absl::IsInvalidArgument(ParseDay(wrong, today).status()));
}

Appointment At(const std::string& id, const std::string& practitioner, int hour,
               Appointment::State state = Appointment::STATE_BOOKED) {
  Appointment appointment;
  appointment.set_id(id);
  appointment.set_practitioner_id(practitioner);
  appointment.set_duration_minutes(30);
  appointment.set_state(state);
  appointment.set_patient_given_name("Leocadia");
  appointment.set_patient_family_name("Ibáñez");
  // 2026-11-23 in UTC.
  appointment.mutable_start_time()->set_seconds(1'795'392'000 + hour * 3600);
  return appointment;
}

DayBoard Board() {
  std::vector<identity::v1::Practitioner> practitioners(2);
  practitioners[0].set_id("p1");
  practitioners[0].set_given_name("Zoe");
  practitioners[0].set_family_name("Peña");
  practitioners[0].set_active(true);
  practitioners[1].set_id("p2");
  practitioners[1].set_given_name("Íñigo");
  practitioners[1].set_family_name("Núñez");
  practitioners[1].set_active(true);
  absl::TimeZone madrid;
  REQUIRE(absl::LoadTimeZone("Europe/Madrid", &madrid));
  return DayBoard({.clinic = "Sol", .day = absl::CivilDay(2026, 11, 23), .zone = madrid},
                  practitioners);
}

TEST_CASE("A day is shown by practitioner, in the clinic's time", "[clinicctl][unit]") {
  DayBoard board = Board();
  board.Put(At("11111111-bbbbbbbb", "p1", 10));
  board.Put(At("11111111-aaaaaaaa", "p1", 8, Appointment::STATE_ARRIVED));

  CHECK(board.Table() ==
        "Sol, Monday 23 November 2026 (Europe/Madrid)\n"
        "\nÍñigo Núñez: nothing booked\n"
        "\nZoe Peña: 2 appointments\n"
        "  09:00  30 min  arrived  Leocadia Ibáñez  aaaaaaaa\n"
        "  11:00  30 min  booked   Leocadia Ibáñez  bbbbbbbb\n");
}

TEST_CASE("A day shows what to know of patients first, or that it is not shown",
          "[clinicctl][unit]") {
  DayBoard board = Board();
  Appointment appointment = At("11111111-bbbbbbbb", "p1", 10);
  appointment.set_reason("Check-up");
  board.Put(appointment);
  board.Put(At("11111111-aaaaaaaa", "p1", 8));

  board.SetAlerts({{{"11111111-bbbbbbbb", "Allergic to\x1b latex"}}});
  CHECK(absl::StrContains(board.Table(), "bbbbbbbb  ! Allergic to  latex; Check-up\n"));
  CHECK(absl::StrContains(board.Table(), "aaaaaaaa\n"));
  board.SetAlerts(std::nullopt);
  CHECK(absl::StrContains(board.Table(), "Alerts of patients are not shown"));
  CHECK(absl::StrContains(board.Table(), "bbbbbbbb  Check-up\n"));
}

TEST_CASE("A day shows what kind of visit each is, where it is known", "[clinicctl][unit]") {
  DayBoard board = Board();
  Appointment appointment = At("11111111-bbbbbbbb", "p1", 10);
  appointment.set_visit_type_id("filling");
  board.Put(appointment);
  board.Put(At("11111111-aaaaaaaa", "p1", 8));
  CHECK(absl::StrContains(board.Table(), "bbbbbbbb\n"));

  board.SetVisitTypes({{"filling", "Filling"}});
  CHECK(absl::StrContains(board.Table(), "bbbbbbbb  Filling\n"));
  CHECK(absl::StrContains(board.Table(), "aaaaaaaa\n"));
}

TEST_CASE("A chair takes the place of the one before, or is there from start to end",
          "[clinicctl][unit]") {
  appointments::v1::Resource chair;
  chair.set_id("new");
  Appointment visit;
  for (const char* id : {"p", "a", "b", "a"}) {
    appointments::v1::Allocation& part = *visit.add_allocations();
    part.set_kind(std::string(id) == "p" ? appointments::v1::RESOURCE_KIND_PRACTITIONER
                                         : appointments::v1::RESOURCE_KIND_CHAIR);
    part.set_resource_id(id);
  }
  Appointment bare;

  PutChair(chair, *visit.mutable_allocations());
  PutChair(chair, *bare.mutable_allocations());

  std::vector<std::string> ids;
  for (const auto& part : visit.allocations()) ids.push_back(part.resource_id());
  CHECK(ids == std::vector<std::string>{"p", "new", "b", "new"});
  REQUIRE(bare.allocations_size() == 1);
  CHECK(bare.allocations(0).kind() == appointments::v1::RESOURCE_KIND_CHAIR);
  CHECK(bare.allocations(0).duration_minutes() == 0);
}

TEST_CASE("A time is one of the day that is meant, or says its day", "[clinicctl][unit]") {
  const absl::CivilDay day(2026, 11, 23);
  CHECK(*LocalStart("09:30", day) == "2026-11-23T09:30");
  CHECK(*LocalStart("2026-11-24 09:30", day) == "2026-11-24T09:30");
  const auto wrong = GENERATE(as<std::string>(), "9:30", "25:00", "soon", "2026-11-31T09:30", "");
  CHECK(absl::IsInvalidArgument(LocalStart(wrong, day).status()));
}

TEST_CASE("What clinicctl itself finds in conflict ends as one", "[clinicctl][unit]") {
  CHECK(ExitOf(Conflict("Nobody is free.")) == Exit::kConflict);
  CHECK(ExitOf(absl::FailedPreconditionError("No time zone.")) == Exit::kError);
}

TEST_CASE("A day follows the events of a watch", "[clinicctl][unit]") {
  DayBoard board = Board();
  WatchDayEvent part;
  part.mutable_snapshot()->set_first(true);
  *part.mutable_snapshot()->add_appointments() = At("a", "p1", 8);
  WatchDayEvent rest;
  rest.mutable_snapshot()->set_last(true);
  *rest.mutable_snapshot()->add_appointments() = At("b", "p1", 9);
  WatchDayEvent removal;
  removal.mutable_remove()->set_id("a");
  WatchDayEvent change;
  *change.mutable_upsert() = At("b", "p2", 9, Appointment::STATE_ARRIVED);
  WatchDayEvent beat;
  beat.mutable_heartbeat();

  // Nothing is shown of a day that is not complete.
  CHECK_FALSE(board.Apply(part));
  CHECK_FALSE(absl::StrContains(board.Table(), "08:"));
  CHECK(board.Apply(rest));
  CHECK(absl::StrContains(board.Table(), "Zoe Peña: 2 appointments"));
  CHECK(board.Apply(removal));
  CHECK_FALSE(board.Apply(removal));
  CHECK(board.Apply(change));
  CHECK_FALSE(board.Apply(beat));
  CHECK(absl::StrContains(board.Table(), "Íñigo Núñez: 1 appointment\n"));
  CHECK(absl::StrContains(board.Table(), "Zoe Peña: nothing booked"));
  CHECK(absl::StrContains(board.Line(change), "10:00  Íñigo Núñez  30 min  arrived"));
  CHECK(board.Line(beat).empty());

  // A new snapshot takes the place of what was known.
  WatchDayEvent empty;
  empty.mutable_snapshot()->set_first(true);
  empty.mutable_snapshot()->set_last(true);
  CHECK(board.Apply(empty));
  CHECK(absl::StrContains(board.Table(), "Íñigo Núñez: nothing booked"));
}

TEST_CASE("The session's file is nobody else's", "[clinicctl][unit]") {
  const TemporaryDirectory directory;
  const std::string path = directory.path("state/clinicctl/session.json");
  SessionFile file(path);
  CHECK(absl::IsNotFound(file.Read().status()));

  REQUIRE(file.Write({.url = "https://a",
                      .clinic = "sol",
                      .tokens = {.access_token = "t", .refresh_token = "r"}})
              .ok());

  struct stat info = {};
  REQUIRE(::stat(path.c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0600);
  REQUIRE(::stat(directory.path("state/clinicctl").c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0700);
  CHECK(file.Read()->clinic == "sol");
  CHECK(file.Load()->refresh_token == "r");

  REQUIRE(::chmod(path.c_str(), 0644) == 0);
  CHECK_FALSE(file.Read().ok());
  REQUIRE(file.Remove().ok());
  CHECK(file.Remove().ok());
  CHECK(absl::IsNotFound(file.Read().status()));
}

TEST_CASE("Changes of a session's tokens wait for each other", "[clinicctl][unit]") {
  const TemporaryDirectory directory;
  const std::string path = directory.path("clinicctl/session.json");
  REQUIRE(SessionFile(path)
              .Write({.url = "https://a", .tokens = {.access_token = "t", .refresh_token = "0"}})
              .ok());
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    // Files of their own, as processes have them.
    threads.emplace_back([path] {
      SessionFile file(path);
      for (int k = 0; k < 5; ++k) {
        static_cast<void>(file.Update([](const sdk::Tokens& tokens) {
          sdk::Tokens next = tokens;
          next.refresh_token = absl::StrCat(std::stoi(tokens.refresh_token) + 1);
          return next;
        }));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();

  CHECK(SessionFile(path).Load()->refresh_token == "20");
}

TEST_CASE("A change of tokens that fails leaves them as they are", "[clinicctl][unit]") {
  const TemporaryDirectory directory;
  SessionFile file(directory.path("clinicctl/session.json"));
  REQUIRE(
      file.Write({.url = "https://a", .tokens = {.access_token = "t", .refresh_token = "r"}}).ok());

  const auto changed =
      file.Update([](const sdk::Tokens&) { return absl::UnavailableError("away"); });

  CHECK(absl::IsUnavailable(changed.status()));
  CHECK(file.Load()->refresh_token == "r");
}

TEST_CASE("A development server's login is found by clinic and role", "[clinicctl][unit]") {
  const TemporaryDirectory directory;
  CHECK(absl::IsNotFound(ReadDevLogin(directory.path(), "", "owner").status()));
  directory.Write("dev.json", R"({"url": "https://127.0.0.1:1", "ca": "/ca.pem", "logins": [
      {"clinic": "sol", "email": "a@sol", "password": "x", "role": "owner"},
      {"clinic": "luna", "email": "b@luna", "password": "y", "role": "receptionist"}, 7]})");

  const auto login = ReadDevLogin(directory.path(), "", "receptionist");

  REQUIRE(login.ok());
  CHECK(login->url == "https://127.0.0.1:1");
  CHECK(login->ca_file == "/ca.pem");
  CHECK(login->credentials.clinic_slug == "luna");
  CHECK(login->credentials.password == "y");
  CHECK(absl::IsNotFound(ReadDevLogin(directory.path(), "sol", "receptionist").status()));
  directory.Write("dev.json", "[]");
  CHECK(absl::IsFailedPrecondition(ReadDevLogin(directory.path(), "", "owner").status()));
}

}  // namespace
}  // namespace clinicd::clinicctl
