// Decisions about clinics. Pure.
#pragma once

#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "services/identity/clinic.h"

namespace clinicd::identity {

// The fields of a clinic that UpdateClinic may change.
const std::vector<std::string_view>& UpdatableClinicFields();

// Errors: VALIDATION_FAILED at `clinic.time_zone`.
absl::Status CheckClinicUpdate(const Clinic& clinic);

// A clinic as the operator gives it. Errors: VALIDATION_FAILED at the fields, as the operator calls
// them: slug, name, country, time_zone, currency, locale.
absl::Status CheckNewClinic(const Clinic& clinic);

}  // namespace clinicd::identity
