#include "services/appointments/booking.h"

#include "absl/time/civil_time.h"
#include "common/base/try.h"
#include "services/appointments/appointment_convert.h"
#include "services/appointments/appointment_rules.h"
#include "services/appointments/booking_hours.h"

namespace clinicd::appointments {
namespace {

constexpr char kEntity[] = "appointment";

absl::CivilDay UtcDay(const Appointment& appointment) {
  return absl::ToCivilDay(appointment.booking.plan.slot.starts_at, absl::UTCTimeZone());
}

}  // namespace

absl::StatusOr<Appointment> Book(const Diary& diary, const Booking& booking, rpc::Call& call) {
  const auto id = call.NewId<AppointmentId>();
  call.ExpectChange({.patient = booking.patient_id});
  diary.appointments.ShareDays(call.tx(), DaysOf(booking.plan));
  const BookingHours hours(
      diary.schedules, call,
      {.plan = booking.plan, .patient = booking.patient_id, .holder = id.uuid()});
  absl::StatusOr<Appointment> booked =
      diary.appointments.Insert(call.tx(), id, booking, call.user_id(), call.now());
  if (!booked.ok()) return hours.Explain(booked.status());
  CLINICD_RETURN_IF_ERROR(hours.Check());
  return booked;
}

v1::Appointment Changed(const std::optional<Appointment>& before, const Appointment& after,
                        rpc::Call& call) {
  const std::optional<v1::Appointment> before_proto =
      before ? std::optional(ToProto(*before)) : std::nullopt;
  v1::Appointment after_proto = ToProto(after);
  call.AuditChange(kEntity, after.id.uuid(), before_proto ? &*before_proto : nullptr, &after_proto,
                   after.booking.patient_id);
  call.Announce({.entity_type = kEntity,
                 .entity_id = after.id.uuid(),
                 .row_version = after.row_version,
                 .was_on = before ? std::optional(UtcDay(*before)) : std::nullopt,
                 .is_on = UtcDay(after)});
  return after_proto;
}

}  // namespace clinicd::appointments
