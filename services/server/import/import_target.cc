#include "services/server/import/import_target.h"

#include "absl/strings/str_cat.h"
#include "common/base/try.h"

namespace clinicd::importer {

ApiTarget::ApiTarget(sdk::Session& session)
    : session_(session),
      resources_(appointments::v1::ResourceService::NewStub(session.channel())),
      schedules_(appointments::v1::ScheduleService::NewStub(session.channel())),
      practitioners_(identity::v1::PractitionerService::NewStub(session.channel())),
      patients_(patients::v1::PatientService::NewStub(session.channel())),
      appointments_(appointments::v1::AppointmentService::NewStub(session.channel())) {}

absl::StatusOr<absl::TimeZone> ApiTarget::ClinicTimeZone() {
  CLINICD_ASSIGN_OR_RETURN(const identity::v1::WhoAmIResponse me, session_.WhoAmI());
  absl::TimeZone zone;
  if (!absl::LoadTimeZone(me.clinic().time_zone(), &zone)) {
    return absl::FailedPreconditionError(
        absl::StrCat("This machine does not know the clinic's time zone ", me.clinic().time_zone(),
                     "; install the package tzdata."));
  }
  return zone;
}

absl::StatusOr<std::string> ApiTarget::Create(const appointments::v1::Location& location) {
  appointments::v1::CreateLocationRequest request;
  *request.mutable_location() = location;
  CLINICD_ASSIGN_OR_RETURN(
      const appointments::v1::Location created,
      session_.Call(*resources_, &appointments::v1::ResourceService::Stub::CreateLocation,
                    request));
  return created.id();
}

absl::Status ApiTarget::PlaceAt(const std::string& location_id,
                                const std::string& practitioner_id) {
  using appointments::v1::ScheduleService;
  appointments::v1::GetWorkingHoursRequest read;
  read.mutable_owner()->set_kind(appointments::v1::ScheduleOwner::KIND_PRACTITIONER);
  read.mutable_owner()->set_id(practitioner_id);
  CLINICD_ASSIGN_OR_RETURN(
      const appointments::v1::WorkingHours before,
      session_.Call(*schedules_, &ScheduleService::Stub::GetWorkingHours, read));
  if (!before.hours().empty()) return absl::OkStatus();
  appointments::v1::SetWorkingHoursRequest request;
  *request.mutable_owner() = read.owner();
  request.set_etag(before.etag());
  for (int weekday = 1; weekday <= 7; ++weekday) {
    appointments::v1::WeeklyHours& day = *request.add_hours();
    day.set_location_id(location_id);
    day.set_weekday(weekday);
    day.set_local_from("00:00");
    day.set_local_to("24:00");
  }
  return session_.Call(*schedules_, &ScheduleService::Stub::SetWorkingHours, request).status();
}

absl::StatusOr<std::string> ApiTarget::Create(const identity::v1::Practitioner& practitioner) {
  identity::v1::CreatePractitionerRequest request;
  *request.mutable_practitioner() = practitioner;
  CLINICD_ASSIGN_OR_RETURN(
      const identity::v1::Practitioner created,
      session_.Call(*practitioners_, &identity::v1::PractitionerService::Stub::CreatePractitioner,
                    request));
  return created.id();
}

absl::StatusOr<std::string> ApiTarget::Create(const patients::v1::Patient& patient) {
  patients::v1::CreatePatientRequest request;
  *request.mutable_patient() = patient;
  CLINICD_ASSIGN_OR_RETURN(
      const patients::v1::Patient created,
      session_.Call(*patients_, &patients::v1::PatientService::Stub::CreatePatient, request));
  return created.id();
}

absl::StatusOr<std::string> ApiTarget::Create(const appointments::v1::Appointment& appointment) {
  appointments::v1::CreateAppointmentRequest request;
  *request.mutable_appointment() = appointment;
  CLINICD_ASSIGN_OR_RETURN(
      const appointments::v1::Appointment created,
      session_.Call(*appointments_, &appointments::v1::AppointmentService::Stub::CreateAppointment,
                    request));
  return created.id();
}

}  // namespace clinicd::importer
