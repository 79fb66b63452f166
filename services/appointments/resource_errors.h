// Every error that locations and resources can cause, by name.
#pragma once

#include "absl/status/status.h"
#include "common/base/uuid.h"

namespace clinicd::appointments {

// NOT_FOUND: LOCATION_NOT_FOUND, RESOURCE_NOT_FOUND.
absl::Status LocationNotFound();
absl::Status ResourceNotFound();

// FAILED_PRECONDITION: LOCATION_INACTIVE, RESOURCE_INACTIVE.
absl::Status LocationInactive();
absl::Status ResourceInactive();

// ALREADY_EXISTS, LOCATION_EXTERNAL_ID_TAKEN, naming the location that has it.
absl::Status LocationExternalIdTaken(LocationId existing);
// ALREADY_EXISTS, RESOURCE_EXTERNAL_ID_TAKEN, naming the resource that has it.
absl::Status ResourceExternalIdTaken(ResourceId existing);

}  // namespace clinicd::appointments
