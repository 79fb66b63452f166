// Every error that appointments can cause, by name.
#pragma once

#include <string_view>

#include "absl/status/status.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/base/uuid.h"
#include "services/appointments/appointment.h"

namespace clinicd::appointments {

// NOT_FOUND: APPOINTMENT_NOT_FOUND, PATIENT_NOT_FOUND, PRACTITIONER_NOT_FOUND.
absl::Status AppointmentNotFound();
absl::Status PatientNotFound();
absl::Status PractitionerNotFound();

// FAILED_PRECONDITION, PRACTITIONER_INACTIVE.
absl::Status PractitionerInactive();
// FAILED_PRECONDITION, APPOINTMENT_SLOT_TAKEN. Does not say by what.
absl::Status SlotTaken();
// ALREADY_EXISTS, APPOINTMENT_EXTERNAL_ID_TAKEN, naming the appointment that has it.
absl::Status ExternalIdTaken(AppointmentId existing);
// INVALID_ARGUMENT, NONEXISTENT_LOCAL_TIME, with the first local time that exists.
absl::Status NonexistentLocalTime(absl::CivilMinute suggestion);
// FAILED_PRECONDITION, APPOINTMENT_ILLEGAL_TRANSITION, with the states that may follow `state`.
absl::Status IllegalTransition(State state);
// FAILED_PRECONDITION, APPOINTMENT_OUTSIDE_ARRIVAL_WINDOW.
absl::Status OutsideArrivalWindow(absl::Time earliest, absl::Time latest);
// INVALID_ARGUMENT, RESUME_TOKEN_INVALID.
absl::Status ResumeTokenInvalid();
// ABORTED, CONFLICT_RETRY: the appointment was changed by another call in between.
absl::Status ChangedMeanwhile();

}  // namespace clinicd::appointments
