// Every error that appointments can cause, by name.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/base/uuid.h"
#include "services/appointments/appointment.h"
#include "services/appointments/appointment_states.h"

namespace clinicd::appointments {

// NOT_FOUND: APPOINTMENT_NOT_FOUND, PATIENT_NOT_FOUND, PRACTITIONER_NOT_FOUND.
absl::Status AppointmentNotFound();
absl::Status PatientNotFound();
absl::Status PractitionerNotFound();

// FAILED_PRECONDITION, PRACTITIONER_INACTIVE.
absl::Status PractitionerInactive();
// NOT_FOUND, HOLD_NOT_FOUND.
absl::Status HoldNotFound();
// FAILED_PRECONDITION, APPOINTMENT_SLOT_TAKEN. Does not say by what; says what kinds of resources
// are taken, separated by commas, unless that is empty.
absl::Status SlotTaken(std::string_view taken_kinds);
// The same where it is not known what is taken.
absl::Status SlotTaken();
// FAILED_PRECONDITION, OVERBOOKING_LIMIT_REACHED.
absl::Status OverbookingLimitReached();
// FAILED_PRECONDITION, DIARIES_OVERLAP. Does not say where.
absl::Status DiariesOverlap();
// ALREADY_EXISTS, APPOINTMENT_EXTERNAL_ID_TAKEN, naming the appointment that has it.
absl::Status ExternalIdTaken(AppointmentId existing);
// INVALID_ARGUMENT, NONEXISTENT_LOCAL_TIME, with the first local time that exists.
absl::Status NonexistentLocalTime(absl::CivilMinute suggestion);
// INVALID_ARGUMENT, RRULE_UNSUPPORTED: `part` of the recurrence rule in `field` is none that is
// taken; `supported` says which are.
absl::Status RruleUnsupported(std::string_view field, std::string_view part,
                              std::string_view supported);
// INVALID_ARGUMENT, VALIDATION_FAILED: what `field` holds is no recurrence rule. `offset` is that
// of the part that is wrong; clients get its position, counted from 1.
absl::Status RruleMalformed(std::string_view field, std::size_t offset,
                            std::string_view requirement);
// INVALID_ARGUMENT, VALIDATION_FAILED at `field`: the rule of a series does not have its start,
// but, where there is a suggestion, that time after it.
absl::Status StartOutsideRule(std::string_view field, std::optional<absl::CivilMinute> suggestion);
// FAILED_PRECONDITION, APPOINTMENT_ILLEGAL_TRANSITION, with the states that may follow `state`.
absl::Status IllegalTransition(State state);
// FAILED_PRECONDITION, APPOINTMENT_OUTSIDE_ARRIVAL_WINDOW, with the window.
absl::Status OutsideArrivalWindow(const Window& window);
// FAILED_PRECONDITION, APPOINTMENT_TRANSITION_NOT_NOW, with the window.
absl::Status TransitionNotNow(const Window& window);
// INVALID_ARGUMENT, RESUME_TOKEN_INVALID.
absl::Status ResumeTokenInvalid();
// ABORTED, CONFLICT_RETRY: the appointment was changed by another call in between.
absl::Status ChangedMeanwhile();

}  // namespace clinicd::appointments
