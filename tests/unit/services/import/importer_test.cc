#include "services/server/import/importer.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/support/fakes.h"
#include "tests/support/temporary_directory.h"
#include "tests/unit/services/import/fake_target.h"

namespace clinicd::importer {
namespace {

using clinicd::testing::FakeClock;
using clinicd::testing::TemporaryDirectory;
using testing::FakeTarget;

constexpr char kOrganizations[] = "Id,NAME\no1,One\n";
constexpr char kProviders[] =
    "Id,ORGANIZATION,NAME,GENDER,SPECIALITY\n"
    "d1,o1,Víctor493 Noriega353,M,GENERAL PRACTICE\n"
    "d2,o1,Ludivina884 Steuber698,F,DENTISTRY\n";
constexpr char kPatients[] =
    "Id,BIRTHDATE,FIRST,LAST,GENDER,ADDRESS,CITY,STATE,ZIP\n"
    "p1,2014-10-06,Maynard46,Mosciski958,M,784 Stamm Lock,Somerville,Massachusetts,02155\n"
    "p2,1968-01-21,Noemí3,Olivo261,F,,,,\n";
constexpr char kEncounters[] =
    "Id,START,STOP,PATIENT,PROVIDER,DESCRIPTION\n"
    "e1,2023-01-27T16:17:47Z,2023-01-27T16:32:47Z,p1,d1,Encounter for symptom\n"
    "e2,2023-07-27T16:17:47Z,2023-07-27T16:32:48Z,p2,d2,Check-up\n";

// An export with one file replaced.
struct Export {
  explicit Export(std::string_view name = "", std::string_view content = "") {
    directory.Write("organizations.csv", kOrganizations);
    directory.Write("providers.csv", kProviders);
    directory.Write("patients.csv", kPatients);
    directory.Write("encounters.csv", kEncounters);
    if (!name.empty()) directory.Write(name, content);
  }
  ImportResult ImportInto(FakeTarget& target, bool dry_run = false,
                          bool keep_digits = false) const {
    const FakeClock clock(absl::FromCivil(absl::CivilDay(2024, 6, 1), absl::UTCTimeZone()));
    std::ostringstream out;
    Progress progress(out, Progress::Style::kNone, clock);
    return ImportSynthea(
        {.directory = directory.path(), .dry_run = dry_run, .keep_digits = keep_digits}, target,
        clock, progress);
  }
  TemporaryDirectory directory;
};

std::string ReasonsOf(const ImportReport& report) {
  std::string text;
  for (const RefusedRow& row : report.refused) {
    absl::StrAppend(&text, text.empty() ? "" : " ", std::string(NameOf(row.file)), ":", row.line,
                    ":", row.refusal.column, ":", row.refusal.reason);
  }
  return text;
}

TEST_CASE("ImportSynthea creates practitioners, patients and appointments", "[import][unit]") {
  FakeTarget target;

  const ImportResult result = Export().ImportInto(target);

  REQUIRE(result.status.ok());
  CHECK(ReasonsOf(result.report).empty());
  CHECK(ExitCodeOf(result.status, result.report) == kExitDone);
  const auto& practitioner = target.practitioners().at("synthea:d1");
  CHECK(practitioner.given_name() == "Víctor");
  CHECK(practitioner.family_name() == "Noriega");
  CHECK(practitioner.speciality() == "GENERAL PRACTICE");
  CHECK(practitioner.active());
  const auto& patient = target.patients().at("synthea:p1");
  CHECK(patient.given_name() == "Maynard");
  CHECK(patient.family_name() == "Mosciski");
  CHECK(patient.birth_date().year() == 2014);
  CHECK(patient.birth_date().month() == 10);
  CHECK(patient.birth_date().day() == 6);
  CHECK(patient.sex() == patients::v1::SEX_MALE);
  CHECK(patient.address() == "784 Stamm Lock\nSomerville, Massachusetts 02155");
  CHECK(target.patients().at("synthea:p2").address().empty());
  const auto& winter = target.appointments().at("synthea:e1");
  CHECK(winter.patient_id() == "id-of-synthea:p1");
  CHECK(winter.practitioner_id() == "id-of-synthea:d1");
  CHECK(winter.local_start() == "2023-01-27T17:17");
  CHECK(winter.duration_minutes() == 15);
  CHECK(winter.reason() == "Encounter for symptom");
  const auto& summer = target.appointments().at("synthea:e2");
  CHECK(summer.local_start() == "2023-07-27T18:17");
  CHECK(summer.duration_minutes() == 16);
}

TEST_CASE("ImportSynthea makes locations of organizations, where their providers work",
          "[import][unit]") {
  FakeTarget target;
  const Export files("organizations.csv",
                     "NAME,Id\nSturdy,o1\n,o2\n" + std::string(101, 'x') + ",o3\n");

  const ImportResult result = files.ImportInto(target);

  REQUIRE(result.status.ok());
  CHECK(ReasonsOf(result.report).empty());
  CHECK(result.report.CountsOf(SyntheaFile::kOrganizations).created == 3);
  const auto& location = target.locations().at("synthea:o1");
  CHECK(location.name() == "Sturdy");
  CHECK(location.time_zone() == "Europe/Madrid");
  CHECK(location.active());
  CHECK(target.locations().at("synthea:o2").name() == "o2");
  CHECK(target.locations().at("synthea:o3").name() == std::string(100, 'x'));
  CHECK(target.places() ==
        std::map<std::string, std::string>{{"id-of-synthea:d1", "id-of-synthea:o1"},
                                           {"id-of-synthea:d2", "id-of-synthea:o1"}});
}

TEST_CASE("ImportSynthea places who was left without a place when it broke off", "[import][unit]") {
  const Export files;
  FakeTarget target;
  target.FailPlacements(absl::UnavailableError("Connection refused."));
  CHECK_FALSE(files.ImportInto(target).status.ok());
  CHECK(target.places().empty());

  target.FailPlacements(std::nullopt);
  const ImportResult again = files.ImportInto(target);

  REQUIRE(again.status.ok());
  CHECK(target.places().size() == 2);
  CHECK(again.report.CountsOf(SyntheaFile::kProviders).refused == 0);
}

TEST_CASE("ImportSynthea changes nothing when it is repeated", "[import][unit]") {
  const Export files("encounters.csv",
                     "Id,START,STOP,PATIENT,PROVIDER\n"
                     "e1,2023-01-27T16:17:47Z,2023-01-27T16:32:47Z,p1,d1\n"
                     "e2,2023-01-27T16:17:47Z,2023-01-27T16:32:47Z,p2,d1\n"
                     "e3,2023-01-27T16:17:47Z,2023-01-27T16:16:47Z,p2,d2\n");
  FakeTarget target;
  const ImportReport first = files.ImportInto(target).report;

  const ImportReport second = files.ImportInto(target).report;

  CHECK(first.CountsOf(SyntheaFile::kEncounters).created == 1);
  CHECK(first.CountsOf(SyntheaFile::kEncounters).existing == 0);
  for (const SyntheaFile file : {SyntheaFile::kOrganizations, SyntheaFile::kProviders,
                                 SyntheaFile::kPatients, SyntheaFile::kEncounters}) {
    CHECK(second.CountsOf(file).created == 0);
    CHECK(second.CountsOf(file).existing == first.CountsOf(file).created);
  }
  CHECK(ReasonsOf(first) ==
        "encounters:3:2:APPOINTMENT_SLOT_TAKEN encounters:4:3:DURATION_OUT_OF_RANGE");
  CHECK(ReasonsOf(second) == ReasonsOf(first));
}

TEST_CASE("ImportSynthea refuses the later of two visits that clash, every time",
          "[import][unit]") {
  std::string encounters = "Id,START,STOP,PATIENT,PROVIDER\n";
  for (int i = 0; i < 200; ++i) {
    absl::StrAppend(&encounters, "e", i, ",2023-01-27T16:00:00Z,2023-01-27T16:15:00Z,p1,d1\n");
  }
  FakeTarget target;

  const ImportResult result = Export("encounters.csv", encounters).ImportInto(target);

  CHECK(target.appointments().size() == 1);
  CHECK(target.appointments().count("synthea:e0") == 1);
  CHECK(result.report.CountsOf(SyntheaFile::kEncounters).refused == 199);
  CHECK(ExitCodeOf(result.status, result.report) == kExitRowsRefused);
}

TEST_CASE("ImportSynthea finds columns by name in any order", "[import][unit]") {
  FakeTarget target;

  const ImportResult result =
      Export("patients.csv",
             "\xEF\xBB\xBF\"LAST\", first "
             ",X,GENDER,BIRTHDATE,ID,Y\r\nOlivo,Noemí,x,F,1968-01-21,p9,\r\n")
          .ImportInto(target);

  CHECK(result.report.CountsOf(SyntheaFile::kPatients).created == 1);
  CHECK(target.patients().at("synthea:p9").given_name() == "Noemí");
}

TEST_CASE("ImportSynthea sends nothing if a file cannot be used", "[import][unit]") {
  const auto [file, content, expected] = GENERATE(table<std::string, std::string, std::string>({
      {"patients.csv", "Id,FIRST,LAST,GENDER\n", "patients:0:0:COLUMN_MISSING"},
      {"patients.csv", "Id,BIRTHDATE,FIRST,LAST,GENDER,last\n", "patients:0:6:COLUMN_REPEATED"},
      {"encounters.csv", "Id,START,STOP,PATIENT\n", "encounters:0:0:COLUMN_MISSING"},
      {"providers.csv", "", "providers:0:0:FILE_EMPTY"},
      {"providers.csv", "\xFF\xFEI", "providers:0:0:ENCODING_UNSUPPORTED"},
      {"organizations.csv", "\"Id", "organizations:0:1:QUOTE_UNTERMINATED"},
  }));
  FakeTarget target;

  const ImportResult result = Export(file, content).ImportInto(target);

  CHECK_FALSE(result.status.ok());
  CHECK(ExitCodeOf(result.status, result.report) == kExitFailed);
  CHECK(ReasonsOf(result.report) == expected);
  CHECK(target.practitioners().empty());
}

TEST_CASE("ImportSynthea names the column that is missing", "[import][unit]") {
  FakeTarget target;

  const ImportResult result = Export("patients.csv", "Id,FIRST,LAST,GENDER\n").ImportInto(target);

  REQUIRE(result.report.refused.size() == 1);
  CHECK(result.report.refused[0].refusal.field == "BIRTHDATE");
}

TEST_CASE("ImportSynthea names every file that is missing", "[import][unit]") {
  const TemporaryDirectory empty;
  FakeTarget target;
  const FakeClock clock(absl::UnixEpoch());
  std::ostringstream out;
  Progress progress(out, Progress::Style::kNone, clock);

  const ImportResult result = ImportSynthea({.directory = empty.path()}, target, clock, progress);

  CHECK_FALSE(result.status.ok());
  REQUIRE(result.report.refused.size() == 4);
  for (const RefusedRow& row : result.report.refused) CHECK(row.refusal.reason == "FILE_MISSING");
}

TEST_CASE("ImportSynthea refuses rows whose references lead nowhere", "[import][unit]") {
  FakeTarget target;

  const ImportResult result = Export("encounters.csv",
                                     "Id,START,STOP,PATIENT,PROVIDER\n"
                                     "e1,2023-01-27T16:00:00Z,2023-01-27T16:15:00Z,nobody,d1\n"
                                     "e2,2023-01-27T16:00:00Z,2023-01-27T16:15:00Z,p1,nobody\n")
                                  .ImportInto(target);

  CHECK(ReasonsOf(result.report) ==
        "encounters:2:4:PATIENT_UNKNOWN encounters:3:5:PROVIDER_UNKNOWN");
}

TEST_CASE("ImportSynthea refuses providers of no organization, and their visits",
          "[import][unit]") {
  FakeTarget target;

  const ImportResult result =
      Export("providers.csv", "Id,ORGANIZATION,NAME\nd1,o9,A B\nd2,,C D\n").ImportInto(target);

  CHECK(ReasonsOf(result.report) ==
        "providers:2:2:ORGANIZATION_UNKNOWN encounters:2:5:PROVIDER_UNKNOWN");
  CHECK(target.practitioners().count("synthea:d2") == 1);
}

TEST_CASE("ImportSynthea sends nothing in a dry run and refuses the same rows", "[import][unit]") {
  const Export files("patients.csv",
                     "Id,BIRTHDATE,FIRST,LAST,GENDER\np1,1968-02-30,A,B,F\np2,1968-01-21,A,B,F\n");
  FakeTarget untouched;
  FakeTarget target;

  const ImportReport dry = files.ImportInto(untouched, /*dry_run=*/true).report;

  CHECK(untouched.practitioners().empty());
  CHECK(untouched.patients().empty());
  CHECK(dry.CountsOf(SyntheaFile::kPatients).created == 0);
  CHECK(dry.CountsOf(SyntheaFile::kPatients).valid == 1);
  CHECK(ReasonsOf(dry) == "patients:2:2:DATE_INVALID encounters:2:4:PATIENT_UNKNOWN");
  CHECK(ReasonsOf(files.ImportInto(target).report) == ReasonsOf(dry));
}

TEST_CASE("ImportSynthea keeps digits in names when asked to", "[import][unit]") {
  FakeTarget target;

  REQUIRE(Export().ImportInto(target, false, /*keep_digits=*/true).status.ok());

  CHECK(target.patients().at("synthea:p1").given_name() == "Maynard46");
  CHECK(target.practitioners().at("synthea:d1").family_name() == "Noriega353");
}

TEST_CASE("ImportSynthea stops when the server does not let it go on", "[import][unit]") {
  const bool answered = GENERATE(true, false);
  FakeTarget target;
  target.FailAppointments(answered ? status::Error(absl::StatusCode::kPermissionDenied,
                                                   type::v1::PERMISSION_MISSING, "No.")
                                         .ToStatus()
                                   : absl::UnavailableError("Connection refused."));

  const ImportResult result = Export().ImportInto(target);

  CHECK_FALSE(result.status.ok());
  CHECK(result.report.CountsOf(SyntheaFile::kPatients).created == 2);
  CHECK(result.report.CountsOf(SyntheaFile::kEncounters).created == 0);
  CHECK(ExitCodeOf(result.status, result.report) == kExitFailed);
}

TEST_CASE("ToJson counts each file and lists each refused row", "[import][unit]") {
  FakeTarget target;
  const ImportResult result =
      Export("patients.csv",
             "Id,BIRTHDATE,FIRST,LAST,GENDER\np1,1968-02-30,A,B,F\np2,1968-01-21,A,B,F\n")
          .ImportInto(target);

  const auto json = nlohmann::json::parse(ToJson(result.report, result.status));

  CHECK(json["files"]["patients"]["read"] == 2);
  CHECK(json["files"]["patients"]["created"] == 1);
  CHECK(json["files"]["patients"]["existing"] == 0);
  CHECK(json["files"]["patients"]["refused"] == 1);
  CHECK(json["files"]["encounters"]["refused"] == 1);
  CHECK(json["error"].is_null());
  REQUIRE(json["refused"].size() == 2);
  CHECK(json["refused"][0]["file"] == "patients.csv");
  CHECK(json["refused"][0]["line"] == 2);
  CHECK(json["refused"][0]["column"] == 2);
  CHECK(json["refused"][0]["field"] == "BIRTHDATE");
  CHECK(json["refused"][0]["reason"] == "DATE_INVALID");
}

}  // namespace
}  // namespace clinicd::importer
