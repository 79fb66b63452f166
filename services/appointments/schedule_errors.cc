#include "services/appointments/schedule_errors.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status/error.h"
#include "services/appointments/appointment_convert.h"

namespace clinicd::appointments {
namespace {

using status::ErrorReason;

constexpr std::size_t kListedMax = 20;

std::string_view NameOf(ClosedBy by) {
  switch (by) {
    case ClosedBy::kHours:
      return "hours";
    case ClosedBy::kResource:
      return "resource";
    case ClosedBy::kLocation:
      return "location";
    case ClosedBy::kClinic:
      return "clinic";
  }
  return "hours";
}

}  // namespace

absl::Status AppointmentOutsideHours(const OutsideHours& why) {
  status::ErrorBuilder error =
      status::Error(absl::StatusCode::kFailedPrecondition, ErrorReason::APPOINTMENT_OUTSIDE_HOURS,
                    "Somebody or something that the visit needs does not work at that time; choose "
                    "another time.");
  error.With("why", NameOf(why.closure.by)).With("resource_id", why.resource.ToString());
  if (!why.closure.reason.empty()) error.With("exception_reason", why.closure.reason);
  return error;
}

absl::Status WithNextFree(const absl::Status& error,
                          const std::vector<absl::CivilMinute>& next_free) {
  if (next_free.empty()) return error;
  const std::string starts = absl::StrJoin(
      next_free, ",",
      [](std::string* out, absl::CivilMinute local) { out->append(FormatLocal(local)); });
  return status::WithMetadata(error, "next_free", starts);
}

absl::Status ScheduleHoldsAppointments(const std::vector<AppointmentId>& appointments) {
  const auto end =
      appointments.begin() + static_cast<std::ptrdiff_t>(std::min(appointments.size(), kListedMax));
  const std::string first =
      absl::StrJoin(appointments.begin(), end, ",",
                    [](std::string* out, AppointmentId id) { out->append(id.ToString()); });
  return status::Error(absl::StatusCode::kFailedPrecondition,
                       ErrorReason::SCHEDULE_HOLDS_APPOINTMENTS,
                       "Appointments are booked at the times that are to be closed; move them, or "
                       "close and keep them.")
      .With("appointments", first)
      .With("count", absl::StrCat(appointments.size()));
}

absl::Status ScheduleExceptionNotFound() {
  return status::Error(absl::StatusCode::kNotFound, ErrorReason::SCHEDULE_EXCEPTION_NOT_FOUND,
                       "The clinic has no such exception.");
}

}  // namespace clinicd::appointments
