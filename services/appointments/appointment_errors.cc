#include "services/appointments/appointment_errors.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "clinicd/appointments/v1/appointment_service.pb.h"
#include "common/base/text.h"
#include "common/status/error.h"
#include "services/appointments/appointment_convert.h"
#include "services/appointments/appointment_rules.h"

namespace clinicd::appointments {
namespace {

using status::ErrorReason;

std::string StateName(State state) { return v1::Appointment::State_Name(ToProto(state)); }

std::string Rfc3339(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", time, absl::UTCTimeZone());
}

status::ErrorBuilder WithWindow(status::ErrorBuilder error, const Window& window) {
  if (window.earliest) error.With("earliest_time", Rfc3339(*window.earliest));
  if (window.latest) error.With("latest_time", Rfc3339(*window.latest));
  return error;
}

}  // namespace

absl::Status AppointmentNotFound() {
  return status::Error(absl::StatusCode::kNotFound, ErrorReason::APPOINTMENT_NOT_FOUND,
                       "The clinic has no such appointment.");
}

absl::Status PatientNotFound() {
  return status::Error(absl::StatusCode::kNotFound, ErrorReason::PATIENT_NOT_FOUND,
                       "The clinic has no such patient.");
}

absl::Status PractitionerNotFound() {
  return status::Error(absl::StatusCode::kNotFound, ErrorReason::PRACTITIONER_NOT_FOUND,
                       "The clinic has no such practitioner.");
}

absl::Status PractitionerInactive() {
  return status::Error(absl::StatusCode::kFailedPrecondition, ErrorReason::PRACTITIONER_INACTIVE,
                       "The practitioner takes no bookings; choose another.");
}

absl::Status HoldNotFound() {
  return status::Error(absl::StatusCode::kNotFound, ErrorReason::HOLD_NOT_FOUND,
                       "You have no such hold, or it has expired; hold the time again.");
}

absl::Status SlotTaken(std::string_view taken_kinds) {
  status::ErrorBuilder error =
      status::Error(absl::StatusCode::kFailedPrecondition, ErrorReason::APPOINTMENT_SLOT_TAKEN,
                    "Not everything that the visit needs is available at that time; choose "
                    "another time.");
  if (!taken_kinds.empty()) error.With("taken", taken_kinds);
  return error;
}

absl::Status SlotTaken() { return SlotTaken(""); }

absl::Status OverbookingLimitReached() {
  return status::Error(absl::StatusCode::kFailedPrecondition,
                       ErrorReason::OVERBOOKING_LIMIT_REACHED,
                       "As many appointments as are allowed stand beside each other then; choose "
                       "another time.")
      .With("limit", absl::StrCat(kLaneMax));
}

absl::Status DiariesOverlap() {
  return status::Error(absl::StatusCode::kFailedPrecondition, ErrorReason::DIARIES_OVERLAP,
                       "You have appointments at the same time in clinics that would be linked; "
                       "have one of them moved.");
}

absl::Status ExternalIdTaken(AppointmentId existing) {
  return status::Error(absl::StatusCode::kAlreadyExists, ErrorReason::APPOINTMENT_EXTERNAL_ID_TAKEN,
                       "An appointment of this clinic has that external id already.")
      .With("field", "appointment.external_id")
      .With("id", existing.ToString());
}

absl::Status NonexistentLocalTime(absl::CivilMinute suggestion) {
  return status::Error(absl::StatusCode::kInvalidArgument, ErrorReason::NONEXISTENT_LOCAL_TIME,
                       "Clocks go forward over that local time; choose one that exists.")
      .With("suggestion", FormatLocal(suggestion))
      .Field("appointment.local_start", "must be a local time that exists");
}

absl::Status RruleUnsupported(std::string_view field, std::string_view part,
                              std::string_view supported) {
  return status::Error(absl::StatusCode::kInvalidArgument, ErrorReason::RRULE_UNSUPPORTED,
                       "Series do not recur by that rule; choose another one.")
      .With("part", part)
      .With("supported", supported)
      .Field(field, absl::StrCat(ToAbsl(part), " must be ", ToAbsl(supported)));
}

absl::Status RruleMalformed(std::string_view field, std::size_t offset,
                            std::string_view requirement) {
  return status::Invalid().With("position", std::to_string(offset + 1)).Field(field, requirement);
}

absl::Status StartOutsideRule(std::string_view field, std::optional<absl::CivilMinute> suggestion) {
  status::ErrorBuilder error = status::Invalid();
  error.Field(field, "must be a day on which the series recurs by its rule");
  if (suggestion) error.With("suggestion", FormatLocal(*suggestion));
  return error;
}

absl::Status IllegalTransition(State state) {
  std::string allowed;
  for (const State after : StatesAfter(state)) {
    absl::StrAppend(&allowed, allowed.empty() ? "" : ",", StateName(after));
  }
  return status::Error(absl::StatusCode::kFailedPrecondition,
                       ErrorReason::APPOINTMENT_ILLEGAL_TRANSITION,
                       "The state of the appointment does not allow that.")
      .With("state", StateName(state))
      .With("allowed", allowed);
}

absl::Status OutsideArrivalWindow(const Window& window) {
  return WithWindow(status::Error(absl::StatusCode::kFailedPrecondition,
                                  ErrorReason::APPOINTMENT_OUTSIDE_ARRIVAL_WINDOW,
                                  "Arrival may be noted within the named times only."),
                    window);
}

absl::Status TransitionNotNow(const Window& window) {
  return WithWindow(status::Error(absl::StatusCode::kFailedPrecondition,
                                  ErrorReason::APPOINTMENT_TRANSITION_NOT_NOW,
                                  "That is allowed within the named times only."),
                    window);
}

absl::Status ResumeTokenInvalid() {
  return status::Error(absl::StatusCode::kInvalidArgument, ErrorReason::RESUME_TOKEN_INVALID,
                       "The resume token does not belong to this stream; start without a token.")
      .Field("resume_token", "must be a resume_token of the same user and request");
}

absl::Status ChangedMeanwhile() {
  return status::Error(absl::StatusCode::kAborted, ErrorReason::CONFLICT_RETRY,
                       "The call collided with others; call again with the same request id.");
}

}  // namespace clinicd::appointments
