// Decisions about visit types. Pure.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "services/appointments/visit_type.h"

namespace clinicd::appointments {

// The fields that UpdateVisitType may change.
const std::vector<std::string_view>& UpdatableVisitTypeFields();

// From the start of the visit to the end of its last segment, without buffers; 0 where there are no
// segments.
std::int32_t DurationMinutes(const std::vector<Segment>& segments);

// What the declared rules cannot say, because it concerns several fields. Errors: VALIDATION_FAILED
// at every field of `visit_type` that is wrong.
absl::Status CheckVisitType(const VisitType& visit_type);

}  // namespace clinicd::appointments
