// What makes a patient's particulars acceptable, beyond the rules declared in the API.
#pragma once

#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "clinicd/patients/v1/patient_service.pb.h"
#include "services/patients/patient.h"

namespace clinicd::patients {

// The fields that an update may change.
const std::vector<std::string_view>& UpdatableFields();

// The particulars in `form`, which has passed the declared rules. `today` is the date at the
// clinic. Errors: VALIDATION_FAILED at `patient.birth_date`.
absl::StatusOr<PatientDetails> ParsePatient(const v1::Patient& form, absl::CivilDay today);

// The patient that an update means. `form` names the version that was read as well.
// Errors: VALIDATION_FAILED at `patient.id` and `patient.etag`.
absl::StatusOr<PatientId> ParseUpdateTarget(const v1::Patient& form);

}  // namespace clinicd::patients
