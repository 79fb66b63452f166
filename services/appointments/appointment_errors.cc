#include "services/appointments/appointment_errors.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "clinicd/appointments/v1/appointment_service.pb.h"
#include "common/base/text.h"
#include "common/status/error.h"
#include "services/appointments/appointment_convert.h"

namespace clinicd::appointments {
namespace {

using status::ErrorReason;

std::string StateName(State state) { return v1::Appointment::State_Name(ToProto(state)); }

std::string StatesAfter(State state) {
  switch (state) {
    case State::kBooked:
      return absl::StrCat(StateName(State::kArrived), ",", StateName(State::kCancelled));
    case State::kArrived:
      return StateName(State::kCancelled);
    case State::kCancelled:
      return "";
  }
  return "";
}

std::string Rfc3339(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", time, absl::UTCTimeZone());
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

absl::Status SlotTaken() {
  return status::Error(absl::StatusCode::kFailedPrecondition, ErrorReason::APPOINTMENT_SLOT_TAKEN,
                       "The practitioner is not available at that time; choose another time.");
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
  return status::Invalid()
      .With("position", std::to_string(offset + 1))
      .Field(field, requirement);
}

absl::Status StartOutsideRule(std::string_view field, std::optional<absl::CivilMinute> suggestion) {
  status::ErrorBuilder error = status::Invalid();
  error.Field(field, "must be a day on which the series recurs by its rule");
  if (suggestion) error.With("suggestion", FormatLocal(*suggestion));
  return error;
}

absl::Status IllegalTransition(State state) {
  return status::Error(absl::StatusCode::kFailedPrecondition,
                       ErrorReason::APPOINTMENT_ILLEGAL_TRANSITION,
                       "The state of the appointment does not allow that.")
      .With("state", StateName(state))
      .With("allowed", StatesAfter(state));
}

absl::Status OutsideArrivalWindow(absl::Time earliest, absl::Time latest) {
  return status::Error(absl::StatusCode::kFailedPrecondition,
                       ErrorReason::APPOINTMENT_OUTSIDE_ARRIVAL_WINDOW,
                       "Arrival may be noted from 120 minutes before the start until the end only.")
      .With("earliest_time", Rfc3339(earliest))
      .With("latest_time", Rfc3339(latest));
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
