#include "services/appointments/visit_type_errors.h"

#include "common/status/error.h"

namespace clinicd::appointments {

using status::ErrorReason;

absl::Status VisitTypeNotFound() {
  return status::Error(absl::StatusCode::kNotFound, ErrorReason::VISIT_TYPE_NOT_FOUND,
                       "The clinic has no such visit type.");
}

absl::Status VisitTypeInactive() {
  return status::Error(absl::StatusCode::kFailedPrecondition, ErrorReason::VISIT_TYPE_INACTIVE,
                       "The visit type takes no bookings; choose another.");
}

absl::Status VisitTypeExternalIdTaken(VisitTypeId existing) {
  return status::Error(absl::StatusCode::kAlreadyExists, ErrorReason::VISIT_TYPE_EXTERNAL_ID_TAKEN,
                       "A visit type of this clinic has that external id already.")
      .With("field", "visit_type.external_id")
      .With("id", existing.ToString());
}

}  // namespace clinicd::appointments
