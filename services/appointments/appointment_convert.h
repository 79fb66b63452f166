// Between the structs of the area and the messages of the API.
#pragma once

#include <string>

#include "absl/time/civil_time.h"
#include "clinicd/appointments/v1/appointment_service.pb.h"
#include "clinicd/appointments/v1/waitlist_service.pb.h"
#include "services/appointments/appointment.h"

namespace clinicd::appointments {

v1::Appointment::State ToProto(State state);
v1::CancelledBy ToProto(CancelledBy by);
// Anything but the patient is the clinic.
CancelledBy FromProto(v1::CancelledBy by);

// "YYYY-MM-DDTHH:MM".
std::string FormatLocal(absl::CivilMinute local);

v1::Allocation ToProto(const Allocation& part);
v1::Appointment ToProto(const Appointment& appointment);
v1::Hold ToProto(const Hold& hold);
v1::WaitlistTime ToProto(const Plan& plan);
v1::AppointmentEvent ToProto(const AppointmentEvent& event);
v1::PatientAttendance ToProto(const Attendance& attendance);

}  // namespace clinicd::appointments
