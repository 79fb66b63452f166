// A clinic's day at the front desk, end to end through the API.
#include <catch2/catch.hpp>

#include "absl/strings/str_format.h"
#include "tests/support/test_server.h"

namespace clinicd::testing {
namespace {

using appointments::v1::Appointment;
using appointments::v1::AppointmentService;
using identity::v1::PractitionerService;
using identity::v1::SessionService;
using patients::v1::PatientService;

patients::v1::CreatePatientRequest NewPatient(const TestServer& server, const std::string& given,
                                              const std::string& family) {
  patients::v1::CreatePatientRequest request;
  request.set_request_id(server.RequestId());
  request.mutable_patient()->set_given_name(given);
  request.mutable_patient()->set_family_name(family);
  request.mutable_patient()->mutable_birth_date()->set_year(1980);
  request.mutable_patient()->mutable_birth_date()->set_month(2);
  request.mutable_patient()->mutable_birth_date()->set_day(3);
  return request;
}

TEST_CASE("A front desk signs in, finds a patient, books, checks in and cancels",
          "[server][integration]") {
  TestServer server;
  const TestClinic clinic = server.AddClinic("sol");
  const Client owner = server.SignedIn(clinic, {identity::v1::ROLE_OWNER});
  server.AddUserWithPassword(clinic, "desk@sol.example", {identity::v1::ROLE_RECEPTIONIST});

  identity::v1::SignInRequest sign_in;
  sign_in.set_clinic_slug("sol");
  sign_in.set_email("Desk@Sol.example");
  sign_in.set_password(kTestPassword);
  const Client anonymous = server.Anonymous();
  const auto signed_in = anonymous.Call(anonymous.sessions(), &SessionService::Stub::SignIn, sign_in);
  REQUIRE(signed_in.ok());
  const Client desk(server.Channel(), signed_in.response.tokens().access_token());

  const auto patient = desk.Call(desk.patients(), &PatientService::Stub::CreatePatient,
                                 NewPatient(server, "José", "Núñez"));
  REQUIRE(patient.ok());
  patients::v1::SearchPatientsRequest search;
  search.set_query("nun jos");
  const auto found = desk.Call(desk.patients(), &PatientService::Stub::SearchPatients, search);
  REQUIRE(found.ok());
  REQUIRE(found.response.patients_size() == 1);
  CHECK(found.response.patients(0).id() == patient.response.id());

  identity::v1::CreatePractitionerRequest new_practitioner;
  new_practitioner.set_request_id(server.RequestId());
  new_practitioner.mutable_practitioner()->set_given_name("Ana");
  new_practitioner.mutable_practitioner()->set_family_name("Gil");
  new_practitioner.mutable_practitioner()->set_active(true);
  const auto practitioner = owner.Call(
      owner.practitioners(), &PractitionerService::Stub::CreatePractitioner, new_practitioner);
  REQUIRE(practitioner.ok());

  absl::TimeZone zone;
  REQUIRE(absl::LoadTimeZone("Europe/Madrid", &zone));
  const absl::CivilMinute start = absl::ToCivilMinute(absl::Now() + absl::Minutes(30), zone);
  appointments::v1::CreateAppointmentRequest book;
  book.set_request_id(server.RequestId());
  Appointment& wanted = *book.mutable_appointment();
  wanted.set_patient_id(patient.response.id());
  wanted.set_practitioner_id(practitioner.response.id());
  wanted.set_local_start(absl::StrFormat("%04d-%02d-%02dT%02d:%02d", start.year(), start.month(),
                                         start.day(), start.hour(), start.minute()));
  wanted.set_duration_minutes(30);
  const auto booked =
      desk.Call(desk.appointments(), &AppointmentService::Stub::CreateAppointment, book);
  REQUIRE(booked.ok());
  CHECK(booked.response.patient_family_name() == "Núñez");
  const auto replayed =
      desk.Call(desk.appointments(), &AppointmentService::Stub::CreateAppointment, book);
  CHECK(replayed.response.SerializeAsString() == booked.response.SerializeAsString());

  appointments::v1::CreateAppointmentRequest again = book;
  again.set_request_id(server.RequestId());
  CHECK(desk.Call(desk.appointments(), &AppointmentService::Stub::CreateAppointment, again)
            .reason() == ErrorReason::APPOINTMENT_SLOT_TAKEN);

  appointments::v1::CheckInAppointmentRequest check_in;
  check_in.set_id(booked.response.id());
  check_in.set_request_id(server.RequestId());
  const auto arrived =
      desk.Call(desk.appointments(), &AppointmentService::Stub::CheckInAppointment, check_in);
  REQUIRE(arrived.ok());
  CHECK(arrived.response.state() == Appointment::STATE_ARRIVED);

  appointments::v1::CancelAppointmentRequest cancel;
  cancel.set_id(booked.response.id());
  cancel.set_request_id(server.RequestId());
  cancel.set_cancelled_by(appointments::v1::CANCELLED_BY_CLINIC);
  cancel.set_reason("practitioner ill");
  const auto cancelled =
      desk.Call(desk.appointments(), &AppointmentService::Stub::CancelAppointment, cancel);
  REQUIRE(cancelled.ok());
  CHECK(cancelled.response.state() == Appointment::STATE_CANCELLED);

  audit::v1::ListEventsRequest events_request;
  events_request.set_patient_id(patient.response.id());
  // Those of keys, which were made on the way, are not what the desk did.
  events_request.set_category(audit::v1::Event::CATEGORY_RECORD);
  const auto events =
      owner.Call(owner.audit(), &audit::v1::AuditService::Stub::ListEvents, events_request);
  REQUIRE(events.ok());
  // Registered, booked, arrived, cancelled.
  CHECK(events.response.events_size() == 4);
}

}  // namespace
}  // namespace clinicd::testing
