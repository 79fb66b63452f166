#include "services/appointments/resource_rules.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "common/status/error.h"
#include "services/appointments/resource_convert.h"
#include "services/appointments/resource_errors.h"
#include "services/appointments/visit_type_errors.h"
#include "tests/unit/services/details.h"

namespace clinicd::appointments {
namespace {

using status::ErrorReason;
using status::ReasonOf;
using testing::FieldsOf;

TEST_CASE("A location is in a time zone that exists", "[appointments][unit]") {
  CHECK(CheckLocation({.time_zone = "Atlantic/Canary"}, std::nullopt).ok());

  const absl::Status refused = CheckLocation({.time_zone = "Atlantic/Atlantis"}, std::nullopt);

  CHECK(ReasonOf(refused) == ErrorReason::VALIDATION_FAILED);
  CHECK(FieldsOf(refused) == std::vector<std::string>{"location.time_zone"});
}

TEST_CASE("A location keeps a time zone that has been dropped, but does not get one",
          "[appointments][unit]") {
  const Location dropped{.name = "Pier", .time_zone = "Atlantic/Atlantis"};
  const Location sound{.name = "Pier", .time_zone = "Europe/Madrid"};

  CHECK(CheckLocation({.name = "Quay", .time_zone = "Atlantic/Atlantis"}, dropped).ok());
  CHECK(CheckLocation({.name = "Quay", .time_zone = "Europe/Lisbon"}, dropped).ok());
  CHECK_FALSE(CheckLocation({.name = "Quay", .time_zone = "Atlantic/Atlantis"}, sound).ok());
}

TEST_CASE("Only an active location of the clinic takes resources", "[appointments][unit]") {
  CHECK(CheckTakesResources(Location{.active = true}).ok());
  CHECK(ReasonOf(CheckTakesResources(Location{.active = false})) == ErrorReason::LOCATION_INACTIVE);
  CHECK(ReasonOf(CheckTakesResources(std::nullopt)) == ErrorReason::LOCATION_NOT_FOUND);
}

TEST_CASE("A list is of one location or of the main site, not of both", "[appointments][unit]") {
  v1::ListResourcesRequest request;
  CHECK(CheckResourceFilter(request).ok());
  request.set_main_site(true);
  CHECK(CheckResourceFilter(request).ok());
  request.set_location_id("018f0000-0000-7000-8000-000000000001");

  const absl::Status refused = CheckResourceFilter(request);

  CHECK(ReasonOf(refused) == ErrorReason::VALIDATION_FAILED);
  CHECK(FieldsOf(refused) == std::vector<std::string>{"location_id", "main_site"});
  request.set_main_site(false);
  CHECK(CheckResourceFilter(request).ok());
}

TEST_CASE("Every kind of resource stays what it is between the API and the server",
          "[appointments][unit]") {
  for (int number = v1::RESOURCE_KIND_PRACTITIONER; number <= v1::ResourceKind_MAX; ++number) {
    const auto kind = static_cast<v1::ResourceKind>(number);
    CAPTURE(number);

    CHECK(ToProto(FromProto(kind)) == kind);
  }
}

TEST_CASE("The errors of resources and visit types carry code and reason", "[appointments][unit]") {
  constexpr auto kNotFound = absl::StatusCode::kNotFound;
  constexpr auto kPrecondition = absl::StatusCode::kFailedPrecondition;
  constexpr auto kExists = absl::StatusCode::kAlreadyExists;
  const auto [status, code, reason] =
      GENERATE_COPY(table<absl::Status, absl::StatusCode, ErrorReason>({
          {LocationNotFound(), kNotFound, ErrorReason::LOCATION_NOT_FOUND},
          {LocationInactive(), kPrecondition, ErrorReason::LOCATION_INACTIVE},
          {LocationExternalIdTaken({}), kExists, ErrorReason::LOCATION_EXTERNAL_ID_TAKEN},
          {ResourceNotFound(), kNotFound, ErrorReason::RESOURCE_NOT_FOUND},
          {ResourceInactive(), kPrecondition, ErrorReason::RESOURCE_INACTIVE},
          {ResourceExternalIdTaken({}), kExists, ErrorReason::RESOURCE_EXTERNAL_ID_TAKEN},
          {VisitTypeNotFound(), kNotFound, ErrorReason::VISIT_TYPE_NOT_FOUND},
          {VisitTypeInactive(), kPrecondition, ErrorReason::VISIT_TYPE_INACTIVE},
          {VisitTypeExternalIdTaken({}), kExists, ErrorReason::VISIT_TYPE_EXTERNAL_ID_TAKEN},
      }));

  CHECK(status.code() == code);
  CHECK(ReasonOf(status) == reason);
}

}  // namespace
}  // namespace clinicd::appointments
