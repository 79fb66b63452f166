#include "services/appointments/appointment_convert.h"

#include "absl/strings/str_format.h"
#include "common/rpc/civil.h"
#include "common/rpc/etag.h"

namespace clinicd::appointments {

v1::Appointment::State ToProto(State state) {
  switch (state) {
    case State::kBooked:
      return v1::Appointment::STATE_BOOKED;
    case State::kArrived:
      return v1::Appointment::STATE_ARRIVED;
    case State::kCancelled:
      return v1::Appointment::STATE_CANCELLED;
  }
  return v1::Appointment::STATE_UNSPECIFIED;
}

v1::CancelledBy ToProto(CancelledBy by) {
  return by == CancelledBy::kPatient ? v1::CANCELLED_BY_PATIENT : v1::CANCELLED_BY_CLINIC;
}

CancelledBy FromProto(v1::CancelledBy by) {
  return by == v1::CANCELLED_BY_PATIENT ? CancelledBy::kPatient : CancelledBy::kClinic;
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
  proto.set_practitioner_id(booking.practitioner_id.ToString());
  proto.set_local_start(FormatLocal(booking.slot.local_start));
  proto.set_duration_minutes(booking.slot.duration_minutes);
  proto.set_reason(booking.reason);
  proto.set_time_zone(booking.slot.time_zone);
  *proto.mutable_start_time() = rpc::ToTimestamp(booking.slot.starts_at);
  *proto.mutable_end_time() = rpc::ToTimestamp(booking.slot.ends_at);
  proto.set_state(ToProto(appointment.state));
  if (appointment.arrived_at) {
    *proto.mutable_arrive_time() = rpc::ToTimestamp(*appointment.arrived_at);
  }
  if (appointment.cancellation) {
    *proto.mutable_cancel_time() = rpc::ToTimestamp(appointment.cancellation->time);
    proto.set_cancelled_by(ToProto(appointment.cancellation->by));
    proto.set_cancel_reason(appointment.cancellation->reason);
  }
  proto.set_patient_given_name(appointment.patient_given_name);
  proto.set_patient_family_name(appointment.patient_family_name);
  proto.set_external_id(booking.external_id);
  *proto.mutable_create_time() = rpc::ToTimestamp(appointment.created_at);
  proto.set_etag(rpc::Etag(appointment.row_version));
  return proto;
}

}  // namespace clinicd::appointments
