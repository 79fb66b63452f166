// clinicctl as a process, against a real server.
#include <catch2/catch.hpp>
#include <regex>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tests/support/front_desk_clinic.h"
#include "tests/support/source_directory.h"

namespace clinicd::testing {
namespace {

// A person at a shell with a state directory of their own.
class Shell final {
 public:
  explicit Shell(const FrontDeskClinic& clinic) : clinic_(clinic) {}

  CommandOutput Run(const std::string& arguments) const {
    return RunCommand(absl::StrCat("HOME=/nonexistent XDG_STATE_HOME='", state_.path(), "' '",
                                   CLINICCTL_PROGRAM, "' ", arguments, " </dev/null"));
  }
  // With the login of dev.json, for one run.
  CommandOutput RunDev(const std::string& arguments) const {
    return Run(absl::StrCat("--dev '", clinic_.directory(), "' ", arguments));
  }
  CommandOutput SignIn() const {
    state_.Write("password", kTestPassword);
    return Run(absl::StrCat("sign-in --server ", clinic_.url(), " --ca '", clinic_.ca_file(),
                            "' --clinic ", clinic_.clinic().slug, " --email ",
                            clinic_.receptionist().email, " --password-file '",
                            state_.path("password"), "'"));
  }
  std::string Session() const { return state_.Read("clinicctl/session.json"); }

 private:
  const FrontDeskClinic& clinic_;
  TemporaryDirectory state_;
};

// The first short id that a table of a day shows.
std::string ShortIdIn(const std::string& text) {
  std::smatch match;
  const bool found = std::regex_search(text, match, std::regex(" ([0-9a-f]{8})( |\n)"));
  return found ? match[1].str() : "";
}

TEST_CASE("clinicctl works a front desk in one session", "[clinicctl][integration]") {
  const FrontDeskClinic clinic;
  const Shell shell(clinic);
  CHECK(shell.Run("whoami").exit_code == 3);

  const CommandOutput signed_in = shell.SignIn();
  CAPTURE(signed_in.text);
  REQUIRE(signed_in.exit_code == 0);
  CHECK(shell.Run("whoami").Has(clinic.receptionist().email));
  CHECK(shell.Session().find(kTestPassword) == std::string::npos);

  const CommandOutput found = shell.Run("patients search 'iban leo'");
  CHECK(found.exit_code == 0);
  CHECK(found.Has("Leocadia Ibáñez Zúñiga  1970-02-03"));
  CHECK(shell.Run("patients show 'iban leo'").Has("Leocadia Ibáñez Zúñiga"));
  CHECK(shell.Run("patients show moreno").exit_code == 1);
  CHECK(shell.Run("patients show nobody").exit_code == 5);

  const std::string book = "book --patient 'iban leo' --practitioner nunez --at 2031-01-07T10:00";
  const CommandOutput booked = shell.Run(book);
  CAPTURE(booked.text);
  REQUIRE(booked.exit_code == 0);
  CHECK(booked.Has("Booked: Leocadia Ibáñez Zúñiga, 2031-01-07 10:00 (Europe/Madrid), 30 min"));
  const CommandOutput again = shell.Run(book);
  CHECK(again.exit_code == 6);
  CHECK(again.Has("APPOINTMENT_SLOT_TAKEN"));
  CHECK(again.Has("way out:"));

  const CommandOutput day = shell.Run("day --date 2031-01-07");
  CAPTURE(day.text);
  CHECK(day.Has("Tuesday  7 January 2031 (Europe/Madrid)"));
  CHECK(day.Has("Íñigo Núñez: 1 appointment\n  10:00  30 min  booked  Leocadia Ibáñez Zúñiga"));
  CHECK(day.Has("Íñigo Peña: nothing booked"));
  const std::string id = ShortIdIn(day.text);
  REQUIRE_FALSE(id.empty());
  CHECK(shell.Run("cancel 00000000 --reason x --date 2031-01-07").exit_code == 5);
  CHECK(shell.Run("check-in " + id + " --date 2031-01-07").exit_code == 6);
  CHECK(shell.Run("cancel " + id + " --reason Ill --date 2031-01-07").exit_code == 0);
  CHECK(clinic.Count("appointments WHERE state = 'cancelled'") == 1);
  CHECK(shell.Run("day --date 2031-01-07").Has("Íñigo Núñez: nothing booked"));
  CHECK(shell.Run("day --date 2031-01-07 --cancelled").Has("cancelled"));

  CHECK(shell.Run("sign-out").exit_code == 0);
  CHECK(shell.Session().empty());
  CHECK(shell.Run("day").exit_code == 3);
  CHECK(clinic.Count("sessions WHERE ended_at IS NULL AND user_agent LIKE 'clinicctl%'") == 0);
}

TEST_CASE("clinicctl checks in who has come", "[clinicctl][integration]") {
  const FrontDeskClinic clinic;
  const Shell shell(clinic);
  absl::TimeZone zone;
  REQUIRE(absl::LoadTimeZone(clinic.clinic().time_zone, &zone));
  const absl::Time start = absl::Now() + absl::Minutes(20);
  const std::string at = absl::FormatTime("%Y-%m-%dT%H:%M", start, zone);
  const std::string date = absl::FormatTime("%Y-%m-%d", start, zone);
  REQUIRE(shell.RunDev("book --patient 'iban leo' --practitioner pena --at " + at).exit_code == 0);

  const std::string id = ShortIdIn(shell.RunDev("day --date " + date).text);

  CHECK(shell.RunDev("check-in " + id + " --date " + date).exit_code == 0);
  CHECK(clinic.Count("appointments WHERE state = 'arrived'") == 1);
  // Nothing is kept of a run with --dev.
  CHECK(shell.Session().empty());
}

// Two chairs, and a visit type that needs one of them for half an hour.
void AddChairs(FrontDeskClinic& clinic) {
  using appointments::v1::ResourceKind;
  using appointments::v1::ResourceService;
  using appointments::v1::VisitTypeService;
  const Client owner = clinic.server().SignedIn(clinic.clinic(), {identity::v1::ROLE_OWNER});
  for (const char* name : {"Chair 1", "Chair 10"}) {
    appointments::v1::CreateResourceRequest chair;
    chair.mutable_resource()->set_kind(ResourceKind::RESOURCE_KIND_CHAIR);
    chair.mutable_resource()->set_name(name);
    chair.mutable_resource()->set_active(true);
    chair.set_request_id(clinic.server().RequestId());
    REQUIRE(owner.Call(owner.resources(), &ResourceService::Stub::CreateResource, chair).ok());
  }
  appointments::v1::CreateVisitTypeRequest type;
  type.mutable_visit_type()->set_name("Filling, white");
  type.mutable_visit_type()->set_buffer_after_minutes(10);
  for (const ResourceKind kind :
       {ResourceKind::RESOURCE_KIND_PRACTITIONER, ResourceKind::RESOURCE_KIND_CHAIR}) {
    appointments::v1::VisitTypeSegment& segment = *type.mutable_visit_type()->add_segments();
    segment.set_resource_kind(kind);
    segment.set_duration_minutes(30);
  }
  type.set_request_id(clinic.server().RequestId());
  REQUIRE(owner.Call(owner.visit_types(), &VisitTypeService::Stub::CreateVisitType, type).ok());
}

TEST_CASE("clinicctl books a visit type with whom and where it is said",
          "[clinicctl][integration]") {
  FrontDeskClinic clinic;
  AddChairs(clinic);
  const Shell shell(clinic);
  const std::string book = "--json book --patient 'iban leo' --visit-type filling --at ";

  const CommandOutput named =
      shell.RunDev(book + "2031-01-07T10:07 --practitioner pena --chair 'chair 1'");
  const CommandOutput anybody = shell.RunDev(book + "2031-01-07T11:00");
  const CommandOutput plain = shell.RunDev(
      "book --patient 'iban leo' --practitioner nunez --chair 'chair 10' --minutes 20 "
      "--at 2031-01-07T12:00");
  const CommandOutput day = shell.RunDev("day --date 2031-01-07");

  CAPTURE(named.text, anybody.text, plain.text, day.text);
  REQUIRE(named.exit_code == 0);
  CHECK(named.Has("\"localStart\":\"2031-01-07T10:07\""));
  CHECK(named.Has("\"visitTypeId\":"));
  CHECK(named.Has("\"bufferAfterMinutes\":10"));
  CHECK(named.Has("\"kind\":\"RESOURCE_KIND_CHAIR\""));
  CHECK(anybody.exit_code == 0);
  CHECK(plain.exit_code == 0);
  CHECK(day.Has("Filling, white"));
  const auto in_chair = [&clinic](const std::string& name) {
    return clinic.Count(
        "occupancies WHERE appointment_id IS NOT NULL AND resource_id = "
        "(SELECT id FROM clinicd.resources WHERE name = '" +
        name + "')");
  };
  CHECK(in_chair("Chair 1") + in_chair("Chair 10") == 3);
  CHECK(in_chair("Chair 1") >= 1);
  CHECK(in_chair("Chair 10") >= 1);
}

TEST_CASE("clinicctl says what is free instead of what it cannot book",
          "[clinicctl][integration]") {
  FrontDeskClinic clinic;
  AddChairs(clinic);
  const Shell shell(clinic);
  const std::string day = "2031-01-07";
  REQUIRE(shell.RunDev("book --patient 'iban leo' --practitioner pena --at " + day + "T10:00")
              .exit_code == 0);

  // The patient's and the practitioner's own time, by the details of the server's error.
  const CommandOutput plain =
      shell.RunDev("book --patient 'iban leo' --practitioner pena --at " + day + "T10:15");
  const CommandOutput typed = shell.RunDev(
      "book --patient 'iban leo' --practitioner pena --visit-type filling --at " + day + "T10:15");
  // Nobody could see the patient then.
  const CommandOutput anybody =
      shell.RunDev("book --patient 'iban leo' --visit-type filling --at " + day + "T10:15");
  const CommandOutput nothing = shell.RunDev("book --patient 'iban leo' --at " + day + "T10:15");
  const CommandOutput json =
      shell.RunDev("--json book --patient 'iban leo' --practitioner pena --at " + day + "T10:15");

  CAPTURE(plain.text, typed.text, anybody.text, nothing.text, json.text);
  CHECK(plain.exit_code == 6);
  CHECK(plain.Has("APPOINTMENT_SLOT_TAKEN"));
  CHECK(plain.Has("free next on that day: 2031-01-07 10:30"));
  CHECK(typed.exit_code == 6);
  CHECK(typed.Has("APPOINTMENT_SLOT_TAKEN"));
  CHECK(typed.Has("free next on that day: 2031-01-07 10:30"));
  CHECK(anybody.exit_code == 6);
  CHECK(anybody.Has("free next: 2031-01-07 10:30, 2031-01-07 10:45"));
  CHECK(nothing.exit_code == 1);
  CHECK(json.exit_code == 6);
  CHECK(json.Has("\"next_free\":\"2031-01-07T10:30"));
  CHECK(clinic.Count("appointments") == 1);
}

TEST_CASE("clinicctl finds free times and moves a visit to one", "[clinicctl][integration]") {
  FrontDeskClinic clinic;
  AddChairs(clinic);
  const Shell shell(clinic);
  REQUIRE(shell.RunDev("book --patient 'iban leo' --practitioner pena --at 2031-01-07T10:00")
              .exit_code == 0);
  const std::string id = ShortIdIn(shell.RunDev("day --date 2031-01-07").text);

  const CommandOutput free = shell.RunDev(
      "slots --visit-type filling --practitioner pena --from 2031-01-07 --to 2031-01-08 "
      "--between 09:00-11:15 --limit 3");
  const CommandOutput minutes =
      shell.RunDev("--json slots --minutes 20 --location 'Main site' --from 2031-01-07 --limit 1");
  const CommandOutput moved = shell.RunDev("move " + id +
                                           " --date 2031-01-07 --at 11:00 --minutes 45 "
                                           "--practitioner nunez --chair 'chair 10'");
  const CommandOutput back =
      shell.RunDev("move " + id + " --date 2031-01-07 --at 2031-01-08T09:30");

  CAPTURE(free.text, minutes.text, moved.text, back.text);
  CHECK(free.exit_code == 0);
  CHECK(free.Has("2031-01-07 09:00  30 min  Íñigo Peña  main site  Chair 1"));
  CHECK(minutes.Has("\"localStart\":\"2031-01-07T00:00\""));
  REQUIRE(moved.exit_code == 0);
  CHECK(moved.Has("Moved: Leocadia Ibáñez Zúñiga, 2031-01-07 11:00 (Europe/Madrid), 45 min"));
  CHECK(back.exit_code == 0);
  CHECK(clinic.Count("occupancies WHERE resource_id IS NOT NULL AND duration_minutes = 45 "
                     "AND starts_at = '2031-01-08 08:30Z'") == 1);
  CHECK(shell.RunDev("day --date 2031-01-08").Has("Íñigo Núñez: 1 appointment\n  09:30  45 min"));
  CHECK(shell.RunDev("slots --visit-type nothing").exit_code == 5);
}

TEST_CASE("clinicctl follows a patient through the day", "[clinicctl][integration]") {
  const FrontDeskClinic clinic;
  const Shell shell(clinic);
  absl::TimeZone zone;
  REQUIRE(absl::LoadTimeZone(clinic.clinic().time_zone, &zone));
  const absl::Time start = absl::Now() + absl::Minutes(20);
  const std::string at = absl::FormatTime("%Y-%m-%dT%H:%M", start, zone);
  const std::string date = " --date " + absl::FormatTime("%Y-%m-%d", start, zone);
  REQUIRE(shell.RunDev("book --patient 'iban leo' --practitioner pena --at " + at).exit_code == 0);
  const std::string id = ShortIdIn(shell.RunDev("day" + date).text);
  const auto run = [&](const std::string& verb) {
    return shell.RunDev("--dev-role owner " + verb + " " + id + date);
  };

  const CommandOutput seated_first = run("seat");
  CHECK(seated_first.exit_code == 6);
  CHECK(seated_first.Has("APPOINTMENT_ILLEGAL_TRANSITION"));
  CHECK(run("no-show").exit_code == 6);
  CHECK(run("confirm").Has("Confirmed: Leocadia"));
  CHECK(run("check-in").exit_code == 0);
  CHECK(run("seat").exit_code == 0);
  CHECK(clinic.Count("appointments WHERE state = 'in_chair'") == 1);
  CHECK(run("complete").exit_code == 0);
  CHECK(clinic.Count("appointments WHERE state = 'completed'") == 1);
}

TEST_CASE("clinicctl notes who did not come", "[clinicctl][integration]") {
  const FrontDeskClinic clinic;
  const Shell shell(clinic);
  absl::TimeZone zone;
  REQUIRE(absl::LoadTimeZone(clinic.clinic().time_zone, &zone));
  const absl::Time start = absl::Now() - absl::Minutes(20);
  const std::string at = absl::FormatTime("%Y-%m-%dT%H:%M", start, zone);
  const std::string date = " --date " + absl::FormatTime("%Y-%m-%d", start, zone);
  REQUIRE(shell.RunDev("book --patient 'iban leo' --practitioner pena --at " + at).exit_code == 0);
  const std::string id = ShortIdIn(shell.RunDev("day" + date).text);

  CHECK(shell.RunDev("no-show " + id + date).exit_code == 0);

  CHECK(clinic.Count("appointments WHERE state = 'no_show'") == 1);
}

TEST_CASE("clinicctl shows what to know of a patient first", "[clinicctl][integration]") {
  const FrontDeskClinic clinic;
  const Shell shell(clinic);
  REQUIRE(clinic.server()
              .database()
              .Connect()
              .Execute("UPDATE clinicd.patients SET alert = 'Allergic to latex' "
                       "WHERE given_name = 'Leocadia'")
              .ok());
  REQUIRE(shell
              .RunDev("book --patient 'iban leo' --practitioner pena --at 2031-01-07T10:00 "
                      "--reason Check-up")
              .exit_code == 0);

  const CommandOutput day = shell.RunDev("day --date 2031-01-07 --practitioner pena");

  CAPTURE(day.text);
  CHECK(day.Has("! Allergic to latex; Check-up"));
  CHECK(shell.RunDev("patients show 'iban leo'").Has("Allergic to latex"));
}

TEST_CASE("clinicctl books once under one request id", "[clinicctl][integration]") {
  const FrontDeskClinic clinic;
  const Shell shell(clinic);
  const std::string book =
      "--json book --patient 'iban leo' --practitioner pena --at 2031-01-07T10:00 "
      "--request-id 3f0e3c1e-5b0c-4b7e-9a45-0a52a8a9f0d1";

  const CommandOutput first = shell.RunDev(book);
  const CommandOutput second = shell.RunDev(book);

  CHECK(first.exit_code == 0);
  CHECK(first.Has("\"localStart\":\"2031-01-07T10:00\""));
  CHECK(second.text == first.text);
  CHECK(clinic.Count("appointments") == 1);
}

TEST_CASE("clinicctl says what is wrong, and the way out", "[clinicctl][integration]") {
  const FrontDeskClinic clinic;
  const Shell shell(clinic);

  CHECK(shell.Run("").exit_code == 2);
  CHECK(shell.Run("book --at 10:00").exit_code == 2);
  CHECK(shell.Run("sign-in --password secret").exit_code == 2);
  CHECK(shell.Run("sign-in --server x").exit_code == 1);
  const CommandOutput nobody = shell.Run("day");
  CHECK(nobody.exit_code == 3);
  CHECK(nobody.Has("sign-in"));
  const CommandOutput invalid = shell.RunDev(
      "book --patient 'iban leo' --practitioner pena --at 2031-01-07T10:00 "
      "--request-id not-an-id");
  CHECK(invalid.exit_code == 1);
  CHECK(invalid.Has("request_id"));
  const CommandOutput json = shell.RunDev("--json patients show nobody");
  CHECK(json.exit_code == 5);
  CHECK(json.Has("\"error\":{"));
  const CommandOutput role = shell.RunDev("--dev-role hygienist whoami");
  CHECK(role.exit_code == 5);
  CHECK(role.Has("dev.json"));
}

TEST_CASE("clinicctl takes a server that is away for one that may come back",
          "[clinicctl][integration]") {
  const FrontDeskClinic clinic;
  const Shell shell(clinic);
  REQUIRE(shell.SignIn().exit_code == 0);
  const std::string session = shell.Session();

  const CommandOutput away =
      shell.Run("sign-in --server https://127.0.0.1:1 --clinic x --email y --ca '" +
                clinic.ca_file() + "' --password-file '" + clinic.dev_file() + "'");

  CHECK(away.exit_code == 4);
  CHECK(away.Has("way out:"));
  // Who is signed in stays so.
  CHECK(shell.Session() == session);
}

TEST_CASE("clinicctl shows a day as it changes", "[clinicctl][integration]") {
  const FrontDeskClinic clinic;
  const std::string script = (SourceDirectory() / "tests/integration/clinicctl_watch.sh").string();

  const CommandOutput output = RunCommand(absl::StrCat(
      "timeout 60 '", script, "' '", CLINICCTL_PROGRAM, "' '", clinic.directory(), "' 2031-01-07"));

  CAPTURE(output.text);
  CHECK(output.exit_code == 0);
  CHECK(output.Has("\"upsert\":{"));
  CHECK(output.Has("\"localStart\":\"2031-01-07T10:00\""));
  CHECK(output.Has("ended with 0"));
}

TEST_CASE("clinicctl hides a password and keeps a table up to date on a terminal",
          "[clinicctl][integration]") {
  const FrontDeskClinic clinic;
  const std::string script =
      (SourceDirectory() / "tests/integration/clinicctl_terminal.py").string();

  const CommandOutput output = RunCommand(absl::StrCat(
      "/usr/bin/python3 -B '", script, "' '", CLINICCTL_PROGRAM, "' '", clinic.directory(), "'"));

  CAPTURE(output.text);
  CHECK(output.exit_code == 0);
  CHECK(output.Has("Ran 5 tests"));
}

TEST_CASE("clinicctl completes its own commands", "[clinicctl][integration]") {
  const FrontDeskClinic clinic;
  const Shell shell(clinic);

  const CommandOutput words = RunCommand(
      absl::StrCat("bash -c 'source <(\"", CLINICCTL_PROGRAM,
                   "\" completion bash); COMP_WORDS=(clinicctl patients s); COMP_CWORD=2; "
                   "_clinicctl; echo \"${COMPREPLY[@]}\"'"));

  CHECK(words.text == "search show\n");
  CHECK(shell.Run("completion zsh").Has("#compdef clinicctl"));
  CHECK(shell.Run("completion fish").Has("complete -c clinicctl"));
}

}  // namespace
}  // namespace clinicd::testing
