#include <catch2/catch.hpp>

#include "clinicd/appointments/v1/diary_service.grpc.pb.h"
#include "common/status/error.h"
#include "tests/integration/import_fixture.h"
#include "tests/support/synthea_export.h"

namespace clinicd::testing {
namespace {

using importer::ImportResult;
using importer::SyntheaFile;

TEST_CASE("An import creates what the files hold and refuses a clash, complaint 1",
          "[import][integration]") {
  ImportFixture fixture;
  const auto owner = fixture.SignIn(identity::v1::ROLE_OWNER);

  const ImportResult result = fixture.Import(*owner, SyntheaExport().path());

  REQUIRE(result.status.ok());
  CHECK(ReasonsOf(result.report) ==
        std::map<std::string, int>{{"encounters APPOINTMENT_SLOT_TAKEN", 1}});
  CHECK(fixture.Counts() == std::vector<std::string>{"1", "2", "2", "2"});
  patients::v1::SearchPatientsRequest search;
  search.set_query("olivo noe");
  const auto patients = patients::v1::PatientService::NewStub(owner->channel());
  const auto found =
      owner->Call(*patients, &patients::v1::PatientService::Stub::SearchPatients, search);
  REQUIRE(found.ok());
  REQUIRE(found->patients_size() == 1);
  CHECK(found->patients(0).external_id() == "synthea:p2");
  CHECK(found->patients(0).given_name() == "Noemí");
}

TEST_CASE("An import's appointments begin when the encounters did", "[import][integration]") {
  ImportFixture fixture;
  const auto owner = fixture.SignIn(identity::v1::ROLE_OWNER);
  REQUIRE(fixture.Import(*owner, SyntheaExport().path()).status.ok());
  appointments::v1::ListAppointmentsRequest request;
  request.mutable_date()->set_year(2023);
  request.mutable_date()->set_month(1);
  request.mutable_date()->set_day(27);
  const auto appointments = appointments::v1::AppointmentService::NewStub(owner->channel());

  const auto day = owner->Call(
      *appointments, &appointments::v1::AppointmentService::Stub::ListAppointments, request);

  REQUIRE(day.ok());
  REQUIRE(day->appointments_size() == 2);
  for (const auto& appointment : day->appointments()) {
    CHECK(appointment.local_start() == "2023-01-27T17:17");
    // 16:17 UTC.
    CHECK(appointment.start_time().seconds() == 1'674'836'220);
    CHECK(appointment.duration_minutes() == 15);
  }
}

TEST_CASE("An import's visits are at the location of their provider's organization",
          "[import][integration]") {
  ImportFixture fixture;
  const auto owner = fixture.SignIn(identity::v1::ROLE_OWNER);
  REQUIRE(fixture.Import(*owner, SyntheaExport().path()).status.ok());
  const auto resources = appointments::v1::ResourceService::NewStub(owner->channel());
  const auto locations =
      owner->Call(*resources, &appointments::v1::ResourceService::Stub::ListLocations,
                  appointments::v1::ListLocationsRequest());
  REQUIRE(locations.ok());
  REQUIRE(locations->locations_size() == 1);
  appointments::v1::GetDiaryRequest request;
  request.mutable_first_date()->set_year(2023);
  request.mutable_first_date()->set_month(1);
  request.mutable_first_date()->set_day(27);
  request.set_grouping(appointments::v1::GetDiaryRequest::GROUPING_LOCATION);
  const auto diaries = appointments::v1::DiaryService::NewStub(owner->channel());

  const auto diary =
      owner->Call(*diaries, &appointments::v1::DiaryService::Stub::GetDiary, request);

  REQUIRE(diary.ok());
  CHECK(locations->locations(0).external_id() == "synthea:o1");
  REQUIRE(diary->visits_size() == 2);
  for (const auto& visit : diary->visits()) {
    CHECK(visit.location_id() == locations->locations(0).id());
  }
}

TEST_CASE("An import that is repeated changes nothing", "[import][integration]") {
  ImportFixture fixture;
  const auto owner = fixture.SignIn(identity::v1::ROLE_OWNER);
  const SyntheaExport files;
  const ImportResult first = fixture.Import(*owner, files.path());
  const std::vector<std::string> counts = fixture.Counts();

  const ImportResult second = fixture.Import(*owner, files.path());

  REQUIRE(second.status.ok());
  CHECK(fixture.Counts() == counts);
  CHECK(second.report.CountsOf(SyntheaFile::kOrganizations).created == 0);
  CHECK(second.report.CountsOf(SyntheaFile::kOrganizations).existing == 1);
  CHECK(second.report.CountsOf(SyntheaFile::kPatients).created == 0);
  CHECK(second.report.CountsOf(SyntheaFile::kPatients).existing == 2);
  CHECK(second.report.CountsOf(SyntheaFile::kEncounters).existing == 2);
  CHECK(ReasonsOf(second.report) == ReasonsOf(first.report));
}

TEST_CASE("A dry run of an import writes nothing", "[import][integration]") {
  ImportFixture fixture;
  const auto owner = fixture.SignIn(identity::v1::ROLE_OWNER);

  const ImportResult result = fixture.Import(*owner, SyntheaExport().path(), /*dry_run=*/true);

  REQUIRE(result.status.ok());
  CHECK(result.report.CountsOf(SyntheaFile::kEncounters).valid == 3);
  CHECK(fixture.Counts() == std::vector<std::string>{"0", "0", "0", "0"});
}

TEST_CASE("An import by somebody who may not add locations stops", "[import][integration]") {
  ImportFixture fixture;
  const auto clerk = fixture.SignIn(identity::v1::ROLE_BILLING_CLERK);

  const ImportResult result = fixture.Import(*clerk, SyntheaExport().path());

  CHECK(result.status.code() == absl::StatusCode::kPermissionDenied);
  CHECK(status::ReasonOf(result.status) == ErrorReason::PERMISSION_MISSING);
  CHECK(fixture.Counts() == std::vector<std::string>{"0", "0", "0", "0"});
}

}  // namespace
}  // namespace clinicd::testing
