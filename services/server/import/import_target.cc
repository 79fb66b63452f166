#include "services/server/import/import_target.h"

#include "absl/strings/str_cat.h"
#include "common/base/try.h"

namespace clinicd::importer {

ApiTarget::ApiTarget(sdk::Session& session)
    : session_(session),
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
