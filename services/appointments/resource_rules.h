// Decisions about locations and resources. Pure.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "clinicd/appointments/v1/resource_service.pb.h"
#include "services/appointments/resource.h"

namespace clinicd::appointments {

// The fields that UpdateLocation and UpdateResource may change.
const std::vector<std::string_view>& UpdatableLocationFields();
const std::vector<std::string_view>& UpdatableResourceFields();

// Whether a location may be as it is wanted, where `before` is what it is now. Errors:
// VALIDATION_FAILED at `location.time_zone`.
absl::Status CheckLocation(const Location& wanted, const std::optional<Location>& before);

// Whether a resource may be put where `found` is what the clinic has under the location's id.
// Errors: LOCATION_NOT_FOUND, LOCATION_INACTIVE.
absl::Status CheckTakesResources(const std::optional<Location>& found);

// Errors: VALIDATION_FAILED at `location_id` and `main_site`, which contradict each other.
absl::Status CheckResourceFilter(const v1::ListResourcesRequest& request);

}  // namespace clinicd::appointments
