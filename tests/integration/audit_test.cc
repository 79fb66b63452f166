#include <catch2/catch.hpp>

#include "tests/support/front_desk.h"

namespace clinicd::testing {
namespace {

using audit::v1::AuditService;
using audit::v1::Event;
using audit::v1::ListEventsRequest;

constexpr char kPatients[] = "clinicd.patients.v1.PatientService/";

// The events of one method, newest first.
std::vector<Event> Of(const std::vector<Event>& trail, const std::string& method) {
  std::vector<Event> events;
  for (const Event& event : trail) {
    if (event.method() == method) events.push_back(event);
  }
  return events;
}

TEST_CASE("A change leaves who, what, before and after", "[audit][integration]") {
  TestServer server;
  const FrontDesk desk(server, "a");
  patients::v1::Patient patient = desk.Register(PatientForm("Ana", "Li")).response;
  patient.set_family_name("Zubiri");
  REQUIRE(desk.Update(patient, {"family_name"}).ok());

  const std::vector<Event> trail = desk.Trail();
  const std::vector<Event> created = Of(trail, std::string(kPatients) + "CreatePatient");
  const std::vector<Event> updated = Of(trail, std::string(kPatients) + "UpdatePatient");

  REQUIRE(created.size() == 1);
  CHECK(created[0].action() == Event::ACTION_CREATE);
  CHECK(created[0].category() == Event::CATEGORY_RECORD);
  CHECK(created[0].outcome() == "OK");
  CHECK_FALSE(created[0].has_before());
  CHECK(created[0].after().fields().at("family_name").string_value() == "Li");
  REQUIRE(updated.size() == 1);
  CHECK(updated[0].before().fields().at("family_name").string_value() == "Li");
  CHECK(updated[0].after().fields().at("family_name").string_value() == "Zubiri");
  CHECK(updated[0].entity_version() == 2);
  REQUIRE(updated[0].changed_fields_size() == 2);
  CHECK(updated[0].changed_fields(0) == "family_name");
  CHECK(updated[0].changed_fields(1) == "update_time");
  CHECK(updated[0].entity_type() == "patient");
  CHECK(updated[0].entity_id() == patient.id());
  CHECK(updated[0].patient_id() == patient.id());
  CHECK_FALSE(updated[0].actor_user_id().empty());
  CHECK_FALSE(updated[0].session_id().empty());
  CHECK_FALSE(updated[0].request_id().empty());
  CHECK(updated[0].actor_roles_size() == 1);
  CHECK(updated[0].event_time().seconds() >= created[0].event_time().seconds());
}

TEST_CASE("A change of an appointment leaves how it was before", "[audit][integration]") {
  TestServer server;
  const FrontDesk desk(server, "a");
  const std::string patient = desk.RegisteredPatient();
  const auto booked =
      desk.Booked(AppointmentForm(patient, desk.AddPractitioner(), "2027-03-29T09:00"));
  REQUIRE(desk.Cancel(booked.id()).ok());

  const std::vector<Event> cancelled =
      Of(desk.Trail(), "clinicd.appointments.v1.AppointmentService/CancelAppointment");

  REQUIRE(cancelled.size() == 1);
  CHECK(cancelled[0].before().fields().at("state").string_value() == "STATE_BOOKED");
  CHECK(cancelled[0].before().fields().at("etag").string_value() == "\"1\"");
  CHECK(cancelled[0].after().fields().at("state").string_value() == "STATE_CANCELLED");
  CHECK(cancelled[0].after().fields().at("etag").string_value() == "\"2\"");
  CHECK(cancelled[0].patient_id() == patient);
}

TEST_CASE("A read leaves a trace, of a patient who does not exist as well",
          "[audit][integration]") {
  TestServer server;
  const FrontDesk desk(server, "a");
  const std::string patient = desk.RegisteredPatient();
  const std::string nobody = server.RequestId();
  REQUIRE(desk.GetPatient(patient).ok());
  REQUIRE_FALSE(desk.GetPatient(nobody).ok());
  desk.Found("ana");

  const std::vector<Event> trail = desk.Trail();
  const std::vector<Event> reads = Of(trail, std::string(kPatients) + "GetPatient");
  const std::vector<Event> searches = Of(trail, std::string(kPatients) + "SearchPatients");

  REQUIRE(reads.size() == 2);
  CHECK(reads[0].outcome() == "PATIENT_NOT_FOUND");
  CHECK(reads[0].entity_id() == nobody);
  CHECK(reads[0].patient_id().empty());
  CHECK(reads[1].action() == Event::ACTION_READ);
  CHECK(reads[1].outcome() == "OK");
  CHECK(reads[1].patient_id() == patient);
  REQUIRE(searches.size() == 1);
  CHECK(searches[0].action() == Event::ACTION_READ);
  CHECK(searches[0].entity_type() == "patient");
}

TEST_CASE("A refused change names what it was about", "[audit][integration]") {
  TestServer server;
  const FrontDesk desk(server, "a");
  patients::v1::Patient patient = desk.Register(PatientForm()).response;
  patient.set_etag("\"9\"");
  REQUIRE_FALSE(desk.Update(patient, {"phone"}).ok());

  const std::vector<Event> refused = Of(desk.Trail(), std::string(kPatients) + "UpdatePatient");

  REQUIRE(refused.size() == 1);
  CHECK(refused[0].action() == Event::ACTION_UPDATE);
  CHECK(refused[0].outcome() == "ETAG_MISMATCH");
  CHECK(refused[0].entity_id() == patient.id());
  CHECK(refused[0].patient_id() == patient.id());
  CHECK_FALSE(refused[0].has_before());
  CHECK_FALSE(refused[0].has_after());
}

TEST_CASE("The trail is filtered by patient, actor and period", "[audit][integration]") {
  TestServer server;
  const FrontDesk desk(server, "a");
  const std::string first = desk.RegisteredPatient();
  const std::string second = desk.RegisteredPatient();
  REQUIRE(desk.GetPatient(first).ok());
  const std::vector<Event> all = desk.Trail();
  // Newest first: the read of the first patient, then the two registrations.
  REQUIRE(all.size() == 3);
  const std::string actor = all[0].actor_user_id();

  ListEventsRequest of_first;
  of_first.set_patient_id(first);
  CHECK(desk.Trail(of_first).size() == 2);
  ListEventsRequest of_thing;
  of_thing.set_entity_id(first);
  CHECK(desk.Trail(of_thing).size() == 2);
  of_thing.set_patient_id(second);
  CHECK(desk.Trail(of_thing).empty());
  ListEventsRequest of_actor;
  of_actor.set_actor_user_id(actor);
  CHECK(desk.Trail(of_actor).size() == 3);
  ListEventsRequest of_both = of_first;
  of_both.set_actor_user_id(actor);
  CHECK(desk.Trail(of_both).size() == 2);
  of_both.set_actor_user_id(server.RequestId());
  CHECK(desk.Trail(of_both).empty());
  ListEventsRequest period;
  period.set_actor_user_id(actor);
  *period.mutable_start_time() = all[1].event_time();
  *period.mutable_end_time() = all[0].event_time();
  const std::vector<Event> of_period = desk.Trail(period);
  REQUIRE(of_period.size() == 1);
  CHECK(of_period[0].id() == all[1].id());
}

TEST_CASE("The trail comes newest first, page by page", "[audit][integration]") {
  TestServer server;
  const FrontDesk desk(server, "a");
  for (int i = 0; i < 5; ++i) desk.RegisteredPatient();
  const Client owner = server.SignedIn(desk.clinic(), {identity::v1::ROLE_OWNER});
  ListEventsRequest request;
  request.set_page_size(2);
  request.set_actor_user_id(desk.Trail()[0].actor_user_id());

  std::vector<std::string> ids;
  do {
    const auto page = owner.Call(owner.audit(), &AuditService::Stub::ListEvents, request);
    REQUIRE(page.ok());
    for (const Event& event : page.response.events()) ids.push_back(event.id());
    request.set_page_token(page.response.next_page_token());
  } while (!request.page_token().empty());
  request.set_page_token("nonsense");
  const auto refused = owner.Call(owner.audit(), &AuditService::Stub::ListEvents, request);

  CHECK(ids.size() == 5);
  CHECK(std::is_sorted(ids.rbegin(), ids.rend()));
  CHECK(refused.code() == grpc::StatusCode::INVALID_ARGUMENT);
  CHECK(refused.reason() == ErrorReason::PAGE_TOKEN_INVALID);
}

TEST_CASE("A period that ends before it starts is refused", "[audit][integration]") {
  TestServer server;
  const FrontDesk desk(server, "a");
  const Client owner = server.SignedIn(desk.clinic(), {identity::v1::ROLE_OWNER});
  ListEventsRequest request;
  request.mutable_start_time()->set_seconds(10);
  request.mutable_end_time()->set_seconds(10);

  const auto reply = owner.Call(owner.audit(), &AuditService::Stub::ListEvents, request);

  CHECK(reply.code() == grpc::StatusCode::INVALID_ARGUMENT);
  CHECK(reply.reason() == ErrorReason::VALIDATION_FAILED);
  CHECK(reply.fields() == std::vector<std::string>{"end_time"});
}

TEST_CASE("The trail of a clinic is for its owner, and for nobody else's", "[audit][integration]") {
  TestServer server;
  const FrontDesk desk(server, "a");
  const FrontDesk other(server, "b");
  desk.RegisteredPatient();
  const Client& receptionist = desk.client();

  const auto refused =
      receptionist.Call(receptionist.audit(), &AuditService::Stub::ListEvents, ListEventsRequest());

  CHECK(refused.code() == grpc::StatusCode::PERMISSION_DENIED);
  CHECK(other.Trail().empty());
}

}  // namespace
}  // namespace clinicd::testing
