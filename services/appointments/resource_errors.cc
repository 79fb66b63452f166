#include "services/appointments/resource_errors.h"

#include "common/status/error.h"

namespace clinicd::appointments {

using status::ErrorReason;

absl::Status LocationNotFound() {
  return status::Error(absl::StatusCode::kNotFound, ErrorReason::LOCATION_NOT_FOUND,
                       "The clinic has no such location.");
}

absl::Status ResourceNotFound() {
  return status::Error(absl::StatusCode::kNotFound, ErrorReason::RESOURCE_NOT_FOUND,
                       "The clinic has no such resource.");
}

absl::Status LocationInactive() {
  return status::Error(absl::StatusCode::kFailedPrecondition, ErrorReason::LOCATION_INACTIVE,
                       "The location is not in use; choose another.");
}

absl::Status ResourceInactive() {
  return status::Error(absl::StatusCode::kFailedPrecondition, ErrorReason::RESOURCE_INACTIVE,
                       "The resource takes no bookings; choose another.");
}

absl::Status LocationExternalIdTaken(LocationId existing) {
  return status::Error(absl::StatusCode::kAlreadyExists, ErrorReason::LOCATION_EXTERNAL_ID_TAKEN,
                       "A location of this clinic has that external id already.")
      .With("field", "location.external_id")
      .With("id", existing.ToString());
}

absl::Status ResourceExternalIdTaken(ResourceId existing) {
  return status::Error(absl::StatusCode::kAlreadyExists, ErrorReason::RESOURCE_EXTERNAL_ID_TAKEN,
                       "A resource of this clinic has that external id already.")
      .With("field", "resource.external_id")
      .With("id", existing.ToString());
}

}  // namespace clinicd::appointments
