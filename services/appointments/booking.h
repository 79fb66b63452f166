// Books a visit, however it came about, and leaves its trace.
#pragma once

#include <optional>

#include "absl/status/statusor.h"
#include "clinicd/appointments/v1/appointment_service.pb.h"
#include "common/rpc/call.h"
#include "services/appointments/appointment.h"
#include "services/appointments/appointment_store.h"
#include "services/appointments/schedule_store.h"

namespace clinicd::appointments {

// Where visits are booked.
struct Diary {
  const AppointmentStore& appointments;
  const ScheduleStore& schedules;
};

// Books `booking` within working hours, unless something stands against it. Errors: those of
// AppointmentStore::Insert() and BookingHours::Check(), with what is free instead. After an error
// nothing of the transaction may be kept.
absl::StatusOr<Appointment> Book(const Diary& diary, const Booking& booking, rpc::Call& call);

// The answer of a change of an appointment, with its audit row, told to those who watch. Every
// change ends here. `before` is absent where it is new.
v1::Appointment Changed(const std::optional<Appointment>& before, const Appointment& after,
                        rpc::Call& call);

}  // namespace clinicd::appointments
