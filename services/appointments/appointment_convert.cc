#include "services/appointments/appointment_convert.h"

#include "absl/strings/str_format.h"
#include "common/rpc/civil.h"
#include "common/rpc/etag.h"
#include "services/appointments/resource_convert.h"

namespace clinicd::appointments {

namespace {

v1::AppointmentEvent::Kind ToProto(EventKind kind) {
  switch (kind) {
    case EventKind::kBooked:
      return v1::AppointmentEvent::KIND_BOOKED;
    case EventKind::kConfirmed:
      return v1::AppointmentEvent::KIND_CONFIRMED;
    case EventKind::kArrived:
      return v1::AppointmentEvent::KIND_ARRIVED;
    case EventKind::kSeated:
      return v1::AppointmentEvent::KIND_SEATED;
    case EventKind::kCompleted:
      return v1::AppointmentEvent::KIND_COMPLETED;
    case EventKind::kReopened:
      return v1::AppointmentEvent::KIND_REOPENED;
    case EventKind::kNoShow:
      return v1::AppointmentEvent::KIND_NO_SHOW;
    case EventKind::kCancelled:
      return v1::AppointmentEvent::KIND_CANCELLED;
    case EventKind::kRescheduled:
      return v1::AppointmentEvent::KIND_RESCHEDULED;
    case EventKind::kEnteredInError:
      return v1::AppointmentEvent::KIND_ENTERED_IN_ERROR;
    case EventKind::kClockChanged:
      return v1::AppointmentEvent::KIND_CLOCK_CHANGED;
  }
  return v1::AppointmentEvent::KIND_UNSPECIFIED;
}

// What appointments, holds and times have in common.
template <typename Form>
void SetPlan(const Plan& plan, Form& proto) {
  proto.set_practitioner_id(plan.practitioner_id.ToString());
  proto.set_local_start(FormatLocal(plan.slot.local_start));
  proto.set_duration_minutes(plan.slot.duration_minutes);
  *proto.mutable_start_time() = rpc::ToTimestamp(plan.slot.starts_at);
  *proto.mutable_end_time() = rpc::ToTimestamp(plan.slot.ends_at);
  proto.set_buffer_before_minutes(plan.buffers.before_minutes);
  proto.set_buffer_after_minutes(plan.buffers.after_minutes);
  for (const Allocation& part : plan.allocations) *proto.add_allocations() = ToProto(part);
}

void SetProgress(const Progress& progress, v1::Appointment& proto) {
  proto.set_state(ToProto(progress.state));
  const auto set = [](const std::optional<absl::Time>& time, auto mutable_field) {
    if (time) *mutable_field() = rpc::ToTimestamp(*time);
  };
  set(progress.confirmed_at, [&proto] { return proto.mutable_confirm_time(); });
  set(progress.arrived_at, [&proto] { return proto.mutable_arrive_time(); });
  set(progress.seated_at, [&proto] { return proto.mutable_seat_time(); });
  set(progress.completed_at, [&proto] { return proto.mutable_complete_time(); });
  set(progress.no_show_at, [&proto] { return proto.mutable_no_show_time(); });
  if (!progress.cancellation) return;
  *proto.mutable_cancel_time() = rpc::ToTimestamp(progress.cancellation->time);
  proto.set_cancelled_by(ToProto(progress.cancellation->by));
  proto.set_cancel_reason(progress.cancellation->reason);
  proto.set_cancelled_late(progress.cancellation->late);
}

}  // namespace

v1::Appointment::State ToProto(State state) {
  switch (state) {
    case State::kBooked:
      return v1::Appointment::STATE_BOOKED;
    case State::kConfirmed:
      return v1::Appointment::STATE_CONFIRMED;
    case State::kArrived:
      return v1::Appointment::STATE_ARRIVED;
    case State::kInChair:
      return v1::Appointment::STATE_IN_CHAIR;
    case State::kCompleted:
      return v1::Appointment::STATE_COMPLETED;
    case State::kNoShow:
      return v1::Appointment::STATE_NO_SHOW;
    case State::kCancelled:
      return v1::Appointment::STATE_CANCELLED;
    case State::kEnteredInError:
      return v1::Appointment::STATE_ENTERED_IN_ERROR;
  }
  return v1::Appointment::STATE_UNSPECIFIED;
}

v1::CancelledBy ToProto(CancelledBy by) {
  return by == CancelledBy::kPatient ? v1::CANCELLED_BY_PATIENT : v1::CANCELLED_BY_CLINIC;
}

CancelledBy FromProto(v1::CancelledBy by) {
  return by == v1::CANCELLED_BY_PATIENT ? CancelledBy::kPatient : CancelledBy::kClinic;
}

v1::Allocation ToProto(const Allocation& part) {
  v1::Allocation allocation;
  allocation.set_kind(ToProto(part.kind));
  allocation.set_resource_id(part.resource.ToString());
  allocation.set_offset_minutes(part.offset_minutes);
  allocation.set_duration_minutes(part.duration_minutes);
  return allocation;
}

std::string FormatLocal(absl::CivilMinute local) {
  return absl::StrFormat("%04d-%02d-%02dT%02d:%02d", local.year(), local.month(), local.day(),
                         local.hour(), local.minute());
}

v1::Appointment ToProto(const Appointment& appointment) {
  const Booking& booking = appointment.booking;
  v1::Appointment proto;
  proto.set_id(appointment.id.ToString());
  proto.set_patient_id(booking.patient_id.ToString());
  SetPlan(booking.plan, proto);
  proto.set_time_zone(booking.plan.slot.time_zone);
  proto.set_lane(booking.lane);
  proto.set_overbook_reason(booking.overbook_reason);
  proto.set_reason(booking.reason);
  SetProgress(appointment.progress, proto);
  proto.set_patient_given_name(appointment.patient_given_name);
  proto.set_patient_family_name(appointment.patient_family_name);
  proto.set_external_id(booking.external_id);
  if (booking.visit_type) proto.set_visit_type_id(booking.visit_type->ToString());
  if (appointment.place.series) proto.set_series_id(appointment.place.series->ToString());
  proto.set_series_ordinal(appointment.place.ordinal);
  proto.set_series_exception(appointment.place.exception);
  *proto.mutable_create_time() = rpc::ToTimestamp(appointment.created_at);
  proto.set_etag(rpc::Etag(appointment.row_version));
  return proto;
}

v1::Hold ToProto(const Hold& hold) {
  v1::Hold proto;
  proto.set_id(hold.id.ToString());
  SetPlan(hold.plan, proto);
  *proto.mutable_expire_time() = rpc::ToTimestamp(hold.expires_at);
  return proto;
}

v1::WaitlistTime ToProto(const Plan& plan) {
  v1::WaitlistTime proto;
  SetPlan(plan, proto);
  return proto;
}

v1::AppointmentEvent ToProto(const AppointmentEvent& event) {
  v1::AppointmentEvent proto;
  proto.set_kind(ToProto(event.kind));
  *proto.mutable_event_time() = rpc::ToTimestamp(event.occurred_at);
  if (event.caused_by) proto.set_user_id(event.caused_by->ToString());
  proto.set_reason(event.reason);
  proto.set_state(ToProto(event.state));
  proto.set_practitioner_id(event.practitioner_id.ToString());
  proto.set_local_start(FormatLocal(event.local_start));
  proto.set_time_zone(event.time_zone);
  proto.set_duration_minutes(event.duration_minutes);
  return proto;
}

v1::PatientAttendance ToProto(const Attendance& attendance) {
  v1::PatientAttendance proto;
  proto.set_completed_count(attendance.completed);
  proto.set_no_show_count(attendance.no_show);
  proto.set_cancelled_by_patient_count(attendance.cancelled_by_patient);
  proto.set_cancelled_late_by_patient_count(attendance.cancelled_late_by_patient);
  proto.set_cancelled_by_clinic_count(attendance.cancelled_by_clinic);
  proto.set_upcoming_count(attendance.upcoming);
  if (attendance.last_completed_at) {
    *proto.mutable_last_completed_time() = rpc::ToTimestamp(*attendance.last_completed_at);
  }
  return proto;
}

}  // namespace clinicd::appointments
