// Every error that visit types can cause, by name.
#pragma once

#include "absl/status/status.h"
#include "common/base/uuid.h"

namespace clinicd::appointments {

// NOT_FOUND, VISIT_TYPE_NOT_FOUND.
absl::Status VisitTypeNotFound();
// FAILED_PRECONDITION, VISIT_TYPE_INACTIVE.
absl::Status VisitTypeInactive();
// ALREADY_EXISTS, VISIT_TYPE_EXTERNAL_ID_TAKEN, naming the visit type that has it.
absl::Status VisitTypeExternalIdTaken(VisitTypeId existing);

}  // namespace clinicd::appointments
