#include "tests/support/front_desk.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <utility>

#include "tests/support/trail.h"

namespace clinicd::testing {

using appointments::v1::Appointment;
using appointments::v1::AppointmentService;
using audit::v1::AuditService;
using patients::v1::Patient;
using patients::v1::PatientService;

Patient PatientForm(const std::string& given_name, const std::string& family_name) {
  Patient form;
  form.set_given_name(given_name);
  form.set_family_name(family_name);
  form.mutable_birth_date()->set_year(1985);
  form.mutable_birth_date()->set_month(3);
  form.mutable_birth_date()->set_day(2);
  return form;
}

Appointment AppointmentForm(const std::string& patient_id, const std::string& practitioner_id,
                            const std::string& local_start) {
  Appointment form;
  form.set_patient_id(patient_id);
  form.set_practitioner_id(practitioner_id);
  form.set_local_start(local_start);
  form.set_duration_minutes(30);
  return form;
}

FrontDesk::FrontDesk(TestServer& server, const std::string& slug, const std::string& time_zone)
    : server_(server),
      clinic_(server.AddClinic(slug, time_zone)),
      client_(server.SignedIn(clinic_, {identity::v1::ROLE_RECEPTIONIST})),
      owner_(server.SignedIn(clinic_, {identity::v1::ROLE_OWNER})) {}

Reply<Patient> FrontDesk::Register(const Patient& form) const {
  patients::v1::CreatePatientRequest request;
  *request.mutable_patient() = form;
  request.set_request_id(server_.RequestId());
  return client_.Call(client_.patients(), &PatientService::Stub::CreatePatient, request);
}

std::string FrontDesk::RegisteredPatient(const std::string& given_name,
                                         const std::string& family_name) const {
  const Reply<Patient> reply = Register(PatientForm(given_name, family_name));
  REQUIRE(reply.ok());
  return reply.response.id();
}

Reply<Patient> FrontDesk::GetPatient(const std::string& id) const {
  patients::v1::GetPatientRequest request;
  request.set_id(id);
  return client_.Call(client_.patients(), &PatientService::Stub::GetPatient, request);
}

Reply<Patient> FrontDesk::Update(const Patient& patient,
                                 const std::vector<std::string>& fields) const {
  patients::v1::UpdatePatientRequest request;
  *request.mutable_patient() = patient;
  for (const std::string& field : fields) request.mutable_update_mask()->add_paths(field);
  request.set_request_id(server_.RequestId());
  return client_.Call(client_.patients(), &PatientService::Stub::UpdatePatient, request);
}

std::vector<std::string> FrontDesk::Found(const std::string& query) const {
  patients::v1::SearchPatientsRequest request;
  request.set_query(query);
  const auto reply =
      client_.Call(client_.patients(), &PatientService::Stub::SearchPatients, request);
  REQUIRE(reply.ok());
  std::vector<std::string> names;
  for (const Patient& patient : reply.response.patients()) names.push_back(patient.family_name());
  return names;
}

std::string FrontDesk::AddPractitioner(bool active) const {
  const std::string id = server_.NewUuid().ToString();
  const auto added = server_.database().Connect().Query(
      "INSERT INTO clinicd.practitioners (clinic_id, id, given_name, family_name, active) "
      "VALUES ($1, $2, 'Pau', 'Vidal', $3)",
      {clinic_.id.ToString(), id, active ? "t" : "f"});
  REQUIRE(added.ok());
  return id;
}

Reply<Appointment> FrontDesk::Book(const Appointment& form) const {
  appointments::v1::CreateAppointmentRequest request;
  *request.mutable_appointment() = form;
  request.set_request_id(server_.RequestId());
  return client_.Call(client_.appointments(), &AppointmentService::Stub::CreateAppointment,
                      request);
}

Appointment FrontDesk::Booked(const Appointment& form) const {
  const Reply<Appointment> reply = Book(form);
  REQUIRE(reply.ok());
  return reply.response;
}

Reply<Appointment> FrontDesk::GetAppointment(const std::string& id) const {
  appointments::v1::GetAppointmentRequest request;
  request.set_id(id);
  return client_.Call(client_.appointments(), &AppointmentService::Stub::GetAppointment, request);
}

Reply<Appointment> FrontDesk::Cancel(const std::string& id, const std::string& etag) const {
  appointments::v1::CancelAppointmentRequest request;
  request.set_id(id);
  request.set_etag(etag);
  request.set_cancelled_by(appointments::v1::CANCELLED_BY_PATIENT);
  request.set_reason("has a cold");
  request.set_request_id(server_.RequestId());
  return client_.Call(client_.appointments(), &AppointmentService::Stub::CancelAppointment,
                      request);
}

Reply<Appointment> FrontDesk::CheckIn(const std::string& id, const std::string& etag) const {
  appointments::v1::CheckInAppointmentRequest request;
  request.set_id(id);
  request.set_etag(etag);
  request.set_request_id(server_.RequestId());
  return client_.Call(client_.appointments(), &AppointmentService::Stub::CheckInAppointment,
                      request);
}

Reply<appointments::v1::ListAppointmentsResponse> FrontDesk::Day(int year, int month, int day,
                                                                 const std::string& practitioner_id,
                                                                 bool show_cancelled) const {
  appointments::v1::ListAppointmentsRequest request;
  request.mutable_date()->set_year(year);
  request.mutable_date()->set_month(month);
  request.mutable_date()->set_day(day);
  request.set_practitioner_id(practitioner_id);
  request.set_show_cancelled(show_cancelled);
  return client_.Call(client_.appointments(), &AppointmentService::Stub::ListAppointments, request);
}

std::vector<audit::v1::Event> FrontDesk::Trail(audit::v1::ListEventsRequest request) const {
  std::vector<audit::v1::Event> trail = TrailOf(owner_, "", std::move(request));
  std::ranges::reverse(trail);
  return trail;
}

}  // namespace clinicd::testing
