#include "services/server/import/synthea_mapping.h"

#include <catch2/catch.hpp>
#include <numeric>

#include "common/base/text.h"
#include "common/status/error.h"
#include "services/server/import/row_sender.h"

namespace clinicd::importer {
namespace {

MappingOptions InZone(const std::string& zone) {
  MappingOptions options{.today = absl::CivilDay(2024, 6, 1)};
  REQUIRE(absl::LoadTimeZone(zone, &options.time_zone));
  return options;
}

// Each column of the specs in its own place.
ColumnPlaces Places(std::size_t count) {
  ColumnPlaces places(count);
  std::iota(places.begin(), places.end(), 1);
  return places;
}

Mapped<MappedEncounter> EncounterAt(const std::string& start, const std::string& stop,
                                    const MappingOptions& options,
                                    const std::string& description = "") {
  return MapEncounter({.line = 2, .values = {"e1", start, stop, "p1", "d1", description}},
                      Places(kEncounterColumns.size()), options);
}

std::string ReasonOf(const Mapped<MappedEncounter>& mapped) {
  const auto* refusal = std::get_if<Refusal>(&mapped);
  return refusal == nullptr ? "" : refusal->reason;
}

std::string LocalStart(const std::string& start, const MappingOptions& options) {
  const std::string stop = absl::FormatTime(
      absl::RFC3339_full,
      [&] {
        absl::Time time;
        std::string error;
        REQUIRE(absl::ParseTime(absl::RFC3339_full, start, &time, &error));
        return time + absl::Minutes(15);
      }(),
      absl::UTCTimeZone());
  const Mapped<MappedEncounter> mapped = EncounterAt(start, stop, options);
  REQUIRE(ReasonOf(mapped).empty());
  return std::get<MappedEncounter>(mapped).appointment.local_start();
}

TEST_CASE("MapEncounter gives the clinic's local time", "[import][unit]") {
  CHECK(LocalStart("2023-01-27T16:17:47Z", InZone("Europe/Madrid")) == "2023-01-27T17:17");
  CHECK(LocalStart("2023-07-27T16:17:47Z", InZone("Europe/Madrid")) == "2023-07-27T18:17");
  CHECK(LocalStart("2023-01-27T20:17:47Z", InZone("Asia/Kolkata")) == "2023-01-28T01:47");
  CHECK(LocalStart("2023-01-27T16:17:47.25-05:00", InZone("Europe/London")) == "2023-01-27T21:17");
}

TEST_CASE("MapEncounter refuses the second pass of an hour that occurs twice", "[import][unit]") {
  // In Madrid, 03:00 became 02:00 on 2023-10-29 at 01:00 UTC.
  const MappingOptions madrid = InZone("Europe/Madrid");

  CHECK(LocalStart("2023-10-29T00:59:59Z", madrid) == "2023-10-29T02:59");
  CHECK(ReasonOf(EncounterAt("2023-10-29T01:00:00Z", "2023-10-29T01:15:00Z", madrid)) ==
        "LOCAL_TIME_AMBIGUOUS");
  CHECK(ReasonOf(EncounterAt("2023-10-29T01:59:59Z", "2023-10-29T02:15:00Z", madrid)) ==
        "LOCAL_TIME_AMBIGUOUS");
  CHECK(LocalStart("2023-10-29T02:00:00Z", madrid) == "2023-10-29T03:00");
}

TEST_CASE("MapEncounter takes 1 to 1,440 minutes, begun ones counted", "[import][unit]") {
  const MappingOptions options = InZone("UTC");
  const auto [stop, minutes] = GENERATE(table<std::string, int>({
      {"2023-01-01T00:00:00Z", 0},
      {"2022-12-31T23:59:59Z", 0},
      {"2023-01-01T00:00:01Z", 1},
      {"2023-01-01T00:01:00Z", 1},
      {"2023-01-01T00:01:00.001Z", 2},
      {"2023-01-02T00:00:00Z", 1440},
      {"2023-01-02T00:00:01Z", 0},
  }));

  const Mapped<MappedEncounter> mapped = EncounterAt("2023-01-01T00:00:00Z", stop, options);

  CHECK(ReasonOf(mapped) == (minutes == 0 ? "DURATION_OUT_OF_RANGE" : ""));
  if (minutes > 0) {
    CHECK(std::get<MappedEncounter>(mapped).appointment.duration_minutes() == minutes);
  }
}

TEST_CASE("MapEncounter refuses times that are not RFC 3339", "[import][unit]") {
  const auto* const start = GENERATE(
      "", "2023-01-27", "2023-01-27 16:17:47", "2023-01-27T16:17:47", "2023-02-29T16:17:47Z",
      "infinite-past", "2023-01-27T25:17:47Z", "1879-12-31T23:59:59Z", "2200-01-01T00:00:00Z",
      "2023-01-27T16:17:47Zjunk", "+023-01-27T16:17:47Z");
  const std::string reason = ReasonOf(EncounterAt(start, "2023-01-27T16:30:00Z", InZone("UTC")));

  CHECK(reason == (std::string_view(start).empty() ? "VALUE_MISSING" : "TIME_INVALID"));
}

TEST_CASE("MapEncounter cuts the description to 200 characters", "[import][unit]") {
  std::string description;
  for (int i = 0; i < 201; ++i) description += "ñ";

  const Mapped<MappedEncounter> mapped =
      EncounterAt("2023-01-27T16:00:00Z", "2023-01-27T16:30:00Z", InZone("UTC"), description);

  CHECK(CodePoints(std::get<MappedEncounter>(mapped).appointment.reason()) == 200);
}

TEST_CASE("MapProvider splits the name at its last space", "[import][unit]") {
  const auto [name, given, family] = GENERATE(table<std::string, std::string, std::string>({
      {"Ludivina884 Steuber698", "Ludivina", "Steuber"},
      {"María José181  Gómez206", "María José", "Gómez"},
      {"Dr. 2 Pac3", "Dr. 2", "Pac"},
      {"Prince9", "", ""},
  }));

  const Mapped<MappedProvider> mapped =
      MapProvider({.line = 2, .values = {"d1", "", name, "", "DENTISTRY"}},
                  Places(kProviderColumns.size()), InZone("UTC"));

  if (family.empty()) {
    CHECK(std::get<Refusal>(mapped).reason == "NAME_INCOMPLETE");
  } else {
    CHECK(std::get<MappedProvider>(mapped).practitioner.given_name() == given);
    CHECK(std::get<MappedProvider>(mapped).practitioner.family_name() == family);
    CHECK(std::get<MappedProvider>(mapped).practitioner.speciality() == "DENTISTRY");
  }
}

TEST_CASE("MapPatient takes birth dates from 1880 to the clinic's today", "[import][unit]") {
  const auto [born, reason] = GENERATE(table<std::string, std::string>({
      {"1879-12-31", "DATE_OUT_OF_RANGE"},
      {"1880-01-01", ""},
      {"2024-06-01", ""},
      {"2024-06-02", "DATE_OUT_OF_RANGE"},
      {"2024-02-29", ""},
      {"2023-02-29", "DATE_INVALID"},
  }));

  const Mapped<MappedPatient> mapped =
      MapPatient({.line = 2, .values = {"p1", born, "Ana", "Reyes", "", "", "", "", ""}},
                 Places(kPatientColumns.size()), InZone("UTC"));

  const auto* refusal = std::get_if<Refusal>(&mapped);
  CHECK((refusal == nullptr ? "" : refusal->reason) == reason);
}

TEST_CASE("MapPatient knows the ways to write a sex", "[import][unit]") {
  const auto [text, sex] = GENERATE(table<std::string, patients::v1::Sex>({
      {"F", patients::v1::SEX_FEMALE},
      {"m", patients::v1::SEX_MALE},
      {"Female", patients::v1::SEX_FEMALE},
      {"O", patients::v1::SEX_OTHER},
      {"UNKNOWN", patients::v1::SEX_UNKNOWN},
      {"", patients::v1::SEX_UNSPECIFIED},
  }));

  const Mapped<MappedPatient> mapped =
      MapPatient({.line = 2, .values = {"p1", "1970-01-01", "Ana", "Reyes", text, "", "", "", ""}},
                 Places(kPatientColumns.size()), InZone("UTC"));

  CHECK(std::get<MappedPatient>(mapped).patient.sex() == sex);
}

TEST_CASE("FateOf tells what is wrong with a row from what is wrong with all", "[import][unit]") {
  using absl::StatusCode;
  const auto [code, reason, fate] = GENERATE(table<StatusCode, type::v1::ErrorReason, RowFate>({
      {StatusCode::kAlreadyExists, type::v1::PATIENT_EXTERNAL_ID_TAKEN, RowFate::kExisting},
      {StatusCode::kAlreadyExists, type::v1::PATIENT_FILE_NUMBER_TAKEN, RowFate::kRefused},
      {StatusCode::kInvalidArgument, type::v1::VALIDATION_FAILED, RowFate::kRefused},
      {StatusCode::kFailedPrecondition, type::v1::APPOINTMENT_SLOT_TAKEN, RowFate::kRefused},
      {StatusCode::kFailedPrecondition, type::v1::STEP_UP_REQUIRED, RowFate::kStopped},
      {StatusCode::kNotFound, type::v1::PATIENT_NOT_FOUND, RowFate::kRefused},
      {StatusCode::kInternal, type::v1::INTERNAL_DEFECT, RowFate::kRefused},
      {StatusCode::kPermissionDenied, type::v1::PERMISSION_MISSING, RowFate::kStopped},
      {StatusCode::kUnauthenticated, type::v1::SESSION_REVOKED, RowFate::kStopped},
      {StatusCode::kUnavailable, type::v1::DATABASE_UNAVAILABLE, RowFate::kStopped},
  }));

  CHECK(FateOf(status::Error(code, reason, "")) == fate);
  CHECK(FateOf(absl::InternalError("not from the server")) == RowFate::kStopped);
}

TEST_CASE("RefusalOf names the fields that the server refused", "[import][unit]") {
  const Refusal refusal = RefusalOf(status::InvalidField("patient.given_name", "must be short"));

  CHECK(refusal.reason == "VALIDATION_FAILED");
  CHECK(refusal.message.find("patient.given_name must be short.") != std::string::npos);
}

}  // namespace
}  // namespace clinicd::importer
