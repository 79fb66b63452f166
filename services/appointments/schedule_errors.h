// Every error that schedules can cause, by name.
#pragma once

#include <cstddef>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/civil_time.h"
#include "common/base/uuid.h"
#include "services/appointments/schedule.h"

namespace clinicd::appointments {

// FAILED_PRECONDITION, APPOINTMENT_OUTSIDE_HOURS, with what closes.
absl::Status AppointmentOutsideHours(const OutsideHours& why);
// `error`, APPOINTMENT_SLOT_TAKEN or APPOINTMENT_OUTSIDE_HOURS, with when the visit could be
// instead; the same error where `next_free` is empty.
absl::Status WithNextFree(const absl::Status& error,
                          const std::vector<absl::CivilMinute>& next_free);
// FAILED_PRECONDITION, SCHEDULE_HOLDS_APPOINTMENTS, with the first of them.
absl::Status ScheduleHoldsAppointments(const std::vector<AppointmentId>& appointments);
// NOT_FOUND, SCHEDULE_EXCEPTION_NOT_FOUND.
absl::Status ScheduleExceptionNotFound();

}  // namespace clinicd::appointments
