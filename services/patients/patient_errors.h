// Every error that patients can cause, by name.
#pragma once

#include "absl/status/status.h"
#include "common/base/uuid.h"

namespace clinicd::patients {

// NOT_FOUND, PATIENT_NOT_FOUND.
absl::Status PatientNotFound();
// ALREADY_EXISTS, PATIENT_FILE_NUMBER_TAKEN.
absl::Status FileNumberTaken();
// ALREADY_EXISTS, PATIENT_EXTERNAL_ID_TAKEN, naming the patient who has it.
absl::Status ExternalIdTaken(PatientId existing);

}  // namespace clinicd::patients
