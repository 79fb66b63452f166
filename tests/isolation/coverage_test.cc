// That the suite leaves nothing out.
#include <catch2/catch.hpp>

#include <algorithm>

#include "absl/strings/str_join.h"
#include "services/server/isolation/requests.h"
#include "tests/isolation/api_methods.h"
#include "tests/isolation/world.h"

namespace clinicd::isolation {
namespace {

std::string Lines(const std::vector<std::string>& lines) { return absl::StrJoin(lines, "\n"); }

TEST_CASE("Every method has a request and every field that identifies something is varied",
          "[isolation]") {
  const std::vector<std::string> missing = MissingCases(ApiMethods(), MethodCases());

  INFO(Lines(missing));
  CHECK(missing.empty());
}

TEST_CASE("A method without a case is missed", "[isolation]") {
  const auto methods = ApiMethods();
  const auto cases = MethodCases();
  REQUIRE(methods.size() == cases.size());

  for (std::size_t left_out = 0; left_out < cases.size(); ++left_out) {
    std::vector<MethodCase> rest(cases.begin(), cases.end());
    rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(left_out));

    CHECK(MissingCases(methods, rest).size() == 1);
  }
}

TEST_CASE("A field that identifies something and has no placeholder is missed", "[isolation]") {
  std::vector<MethodCase> cases(MethodCases().begin(), MethodCases().end());
  const auto create = std::find_if(cases.begin(), cases.end(), [](const MethodCase& c) {
    return c.method == "clinicd.appointments.v1.AppointmentService/CreateAppointment";
  });
  REQUIRE(create != cases.end());
  create->request = R"(appointment { id: "{appointment}" patient_id: "{patient}"
      practitioner_id: "fixed" external_id: "{appointment_external_id}" series_id: "{series}"
      visit_type_id: "{visit_type}" allocations { resource_id: "{resource}" } } hold_id: "{hold}"
      request_id: "{request_id}")";

  const std::vector<std::string> missing = MissingCases(ApiMethods(), cases);

  INFO(Lines(missing));
  REQUIRE(missing.size() == 1);
  CHECK_THAT(missing[0], Catch::EndsWith("appointment.practitioner_id"));
}

TEST_CASE("Every table has rows of every clinic, and every column that can hold a word its canary",
          "[isolation]") {
  World world;

  for (std::size_t clinic = 0; clinic < kClinicCount; ++clinic) {
    const std::vector<std::string> gaps = world.catalog().Gaps(world.marked(clinic));
    INFO(Lines(gaps));
    CHECK(gaps.empty());
  }
}

TEST_CASE("A table, a column or an owner that is not covered is missed", "[isolation]") {
  World world;
  REQUIRE(world.superuser()
              .Execute("CREATE TABLE clinicd.planted (clinic_id uuid, note text);"
                       "CREATE TABLE clinicd.ownerless (id uuid);"
                       "ALTER TABLE clinicd.patients ADD COLUMN planted text;"
                       "ALTER TABLE clinicd.patients ADD COLUMN planted_net inet")
              .ok());

  Catalog catalog(world.superuser());
  catalog.Plant(world.marked(0));
  const std::vector<std::string> gaps = catalog.Gaps(world.marked(0));

  INFO(Lines(gaps));
  REQUIRE(gaps.size() == 4);
  CHECK_THAT(gaps[0], Catch::StartsWith("ownerless"));
  CHECK_THAT(gaps[1], Catch::StartsWith("patients.planted:"));
  CHECK_THAT(gaps[2], Catch::StartsWith("patients.planted_net"));
  CHECK_THAT(gaps[3], Catch::StartsWith("planted"));
}

TEST_CASE("The hash of a clinic's table changes with any row of it and with no other",
          "[isolation]") {
  World world;
  const auto before = world.catalog().Hashes(world.marked(0).clinic);
  const auto others = world.catalog().Hashes(world.marked(1).clinic);

  REQUIRE(world.superuser()
              .Query("UPDATE clinicd.patients SET phone = phone || '1' WHERE clinic_id = $1 "
                     "AND id = $2",
                     {world.marked(0).clinic.ToString(), world.Standing(0, Source::kPatient)})
              .ok());

  auto after = world.catalog().Hashes(world.marked(0).clinic);
  CHECK(after.at("patients") != before.at("patients"));
  after["patients"] = before.at("patients");
  CHECK(after == before);
  CHECK(world.catalog().Hashes(world.marked(1).clinic) == others);
}

}  // namespace
}  // namespace clinicd::isolation
