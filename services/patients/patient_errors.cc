#include "services/patients/patient_errors.h"

#include "common/status/error.h"

namespace clinicd::patients {

using status::ErrorReason;

absl::Status PatientNotFound() {
  return status::Error(absl::StatusCode::kNotFound, ErrorReason::PATIENT_NOT_FOUND,
                       "The clinic has no such patient.");
}

absl::Status FileNumberTaken() {
  return status::Error(absl::StatusCode::kAlreadyExists, ErrorReason::PATIENT_FILE_NUMBER_TAKEN,
                       "Another patient of this clinic has that file number; choose another.")
      .With("field", "patient.file_number");
}

absl::Status ExternalIdTaken(PatientId existing) {
  return status::Error(absl::StatusCode::kAlreadyExists, ErrorReason::PATIENT_EXTERNAL_ID_TAKEN,
                       "A patient of this clinic has that external id already.")
      .With("field", "patient.external_id")
      .With("id", existing.ToString());
}

}  // namespace clinicd::patients
