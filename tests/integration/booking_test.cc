#include <catch2/catch.hpp>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/crypto/digest.h"
#include "tests/support/fakes.h"
#include "tests/support/front_desk.h"
#include "tests/support/local_time.h"

namespace clinicd::testing {
namespace {

using appointments::v1::Allocation;
using appointments::v1::Appointment;
using appointments::v1::AppointmentEvent;
using appointments::v1::AppointmentService;
using appointments::v1::Hold;

constexpr char kMorning[] = "2027-03-29T09:00";
// As short as a hold may be.
constexpr int kHoldSeconds = 10;

void Need(Appointment& form, appointments::v1::ResourceKind kind, const std::string& resource,
          int offset = 0, int duration = 0) {
  Allocation& part = *form.add_allocations();
  part.set_kind(kind);
  part.set_resource_id(resource);
  part.set_offset_minutes(offset);
  part.set_duration_minutes(duration);
}

Reply<Appointment> Overbook(TestServer& server, const FrontDesk& desk, const Appointment& form) {
  appointments::v1::OverbookAppointmentRequest request;
  *request.mutable_appointment() = form;
  request.set_overbook_reason("pain");
  request.set_request_id(server.RequestId());
  return desk.client().Call(desk.client().appointments(),
                            &AppointmentService::Stub::OverbookAppointment, request);
}

// A desk, and somebody for everything.
struct Clinic {
  explicit Clinic(const std::string& zone = "Europe/Madrid", const Clock* clock = nullptr)
      : server({.clock = clock}), desk(server, "a", zone) {}

  template <typename Request, typename Response>
  Reply<Response> Call(grpc::Status (AppointmentService::Stub::*method)(grpc::ClientContext*,
                                                                        const Request&, Response*),
                       Request request, const Client& client) {
    if constexpr (requires { request.set_request_id(""); }) {
      request.set_request_id(server.RequestId());
    }
    return client.Call(client.appointments(), method, request);
  }
  template <typename Request, typename Response>
  Reply<Response> Call(grpc::Status (AppointmentService::Stub::*method)(grpc::ClientContext*,
                                                                        const Request&, Response*),
                       const Request& request) {
    return Call(method, request, desk.client());
  }
  template <typename Request>
  Reply<Appointment> Change(grpc::Status (AppointmentService::Stub::*method)(grpc::ClientContext*,
                                                                             const Request&,
                                                                             Appointment*),
                            const std::string& id, const Client& client) {
    Request request;
    request.set_id(id);
    if constexpr (requires { request.set_reason(""); }) request.set_reason("because");
    return Call(method, request, client);
  }

  std::string AddResource(const std::string& kind, bool active = true) {
    const std::string id = server.NewUuid().ToString();
    const auto added = server.database().Connect().Query(
        "INSERT INTO clinicd.resources (clinic_id, id, kind, name, active) "
        "VALUES ($1, $2, $3, 'One', $4)",
        {desk.clinic().id.ToString(), id, kind, active ? "t" : "f"});
    REQUIRE(added.ok());
    return id;
  }
  Appointment Form(const std::string& start = kMorning) {
    return AppointmentForm(desk.RegisteredPatient(), practitioner, start);
  }
  Reply<Appointment> Move(const Appointment& appointment, const std::string& local_start,
                          const std::string& to_practitioner = "") {
    appointments::v1::RescheduleAppointmentRequest request;
    request.set_id(appointment.id());
    request.set_etag(appointment.etag());
    request.set_local_start(local_start);
    request.set_practitioner_id(to_practitioner);
    return Call(&AppointmentService::Stub::RescheduleAppointment, request);
  }
  Reply<Hold> HoldSlot(const std::string& start, const Client& client, int seconds = 0) {
    appointments::v1::HoldSlotRequest request;
    request.mutable_hold()->set_practitioner_id(practitioner);
    request.mutable_hold()->set_local_start(start);
    request.mutable_hold()->set_duration_minutes(30);
    request.set_ttl_seconds(seconds);
    return Call(&AppointmentService::Stub::HoldSlot, request, client);
  }
  // Holds that time until `clock`, which is the server's, has moved.
  void LetHoldExpire(const std::string& start, FakeClock& clock) {
    REQUIRE(HoldSlot(start, desk.client(), kHoldSeconds).ok());
    clock.Advance(absl::Seconds(kHoldSeconds));
  }
  Reply<Appointment> Overbook(const Appointment& form) {
    return testing::Overbook(server, desk, form);
  }
  std::string LaneOf(const std::string& id) {
    const auto lane = server.database().Connect().Query(
        "SELECT lane::text FROM clinicd.appointments WHERE id = $1", {id});
    REQUIRE(lane.ok());
    return lane->at(0)[0].value_or("");
  }
  std::vector<AppointmentEvent::Kind> History(const std::string& id) {
    appointments::v1::ListAppointmentEventsRequest request;
    request.set_appointment_id(id);
    const auto reply = Call(&AppointmentService::Stub::ListAppointmentEvents, request);
    REQUIRE(reply.ok());
    std::vector<AppointmentEvent::Kind> kinds;
    for (const AppointmentEvent& event : reply.response.events()) kinds.push_back(event.kind());
    return kinds;
  }
  Client As(identity::v1::Role role) { return server.SignedIn(desk.clinic(), {role}); }

  TestServer server;
  const FrontDesk desk;
  const std::string practitioner = desk.AddPractitioner();
};

TEST_CASE("A visit takes a practitioner, a chair and an assistant for different parts, all or none",
          "[appointments][integration]") {
  Clinic clinic;
  const std::string chair = clinic.AddResource("chair");
  const std::string assistant = clinic.AddResource("assistant");
  const auto visit = [&](const std::string& start) {
    Appointment form = clinic.Form(start);
    form.set_duration_minutes(50);
    Need(form, appointments::v1::RESOURCE_KIND_ASSISTANT, assistant, 0, 10);
    Need(form, appointments::v1::RESOURCE_KIND_PRACTITIONER, clinic.practitioner, 10, 30);
    Need(form, appointments::v1::RESOURCE_KIND_CHAIR, chair);
    return form;
  };

  const Appointment first = clinic.desk.Booked(visit("2027-03-29T09:00"));
  // The practitioner is free again at 9:40, the chair at 9:50, the assistant at 9:10.
  Appointment at_chair = visit("2027-03-29T09:40");
  const auto refused = clinic.desk.Book(at_chair);
  Appointment elsewhere = clinic.Form("2027-03-29T09:40");
  elsewhere.set_duration_minutes(10);
  const auto between = clinic.desk.Book(elsewhere);
  const auto after = clinic.desk.Book(visit("2027-03-29T09:50"));

  CHECK(first.allocations_size() == 3);
  CHECK(first.allocations(2).duration_minutes() == 50);
  CHECK(refused.reason() == ErrorReason::APPOINTMENT_SLOT_TAKEN);
  CHECK(refused.metadata("taken") == "chair");
  // Nothing of the refused one stayed: its assistant and practitioner are free.
  CHECK(between.ok());
  CHECK(after.ok());
  CHECK(clinic.desk.GetAppointment(first.id()).response.SerializeAsString() ==
        first.SerializeAsString());
}

TEST_CASE("A patient cannot be in two chairs", "[appointments][integration]") {
  Clinic clinic;
  const Appointment form = clinic.Form();
  clinic.desk.Booked(form);
  Appointment again = form;
  again.set_practitioner_id(clinic.desk.AddPractitioner());

  const auto reply = clinic.desk.Book(again);

  CHECK(reply.reason() == ErrorReason::APPOINTMENT_SLOT_TAKEN);
  CHECK(reply.metadata("taken") == "patient");
}

TEST_CASE("Resources that are absent, foreign, inactive or of another kind are refused",
          "[appointments][integration]") {
  Clinic clinic;
  const FrontDesk other(clinic.server, "b");
  const auto with = [&](appointments::v1::ResourceKind kind, const std::string& resource) {
    Appointment form = clinic.Form();
    Need(form, appointments::v1::RESOURCE_KIND_PRACTITIONER, clinic.practitioner);
    Need(form, kind, resource);
    return clinic.desk.Book(form);
  };
  const std::string foreign = clinic.server.NewUuid().ToString();
  REQUIRE(clinic.server.database()
              .Connect()
              .Query("INSERT INTO clinicd.resources (clinic_id, id, kind, name) VALUES ($1, $2, "
                     "'chair', 'One')",
                     {other.clinic().id.ToString(), foreign})
              .ok());

  for (const std::string& id : {foreign, clinic.server.RequestId()}) {
    const auto reply = with(appointments::v1::RESOURCE_KIND_CHAIR, id);
    CHECK(reply.code() == grpc::StatusCode::NOT_FOUND);
    CHECK(reply.reason() == ErrorReason::RESOURCE_NOT_FOUND);
  }
  CHECK(with(appointments::v1::RESOURCE_KIND_CHAIR, clinic.AddResource("room")).reason() ==
        ErrorReason::RESOURCE_NOT_FOUND);
  CHECK(with(appointments::v1::RESOURCE_KIND_CHAIR, clinic.AddResource("chair", false)).reason() ==
        ErrorReason::RESOURCE_INACTIVE);
  CHECK(with(appointments::v1::RESOURCE_KIND_CHAIR, clinic.AddResource("chair")).ok());
}

TEST_CASE("Buffers are kept free on both sides, and nothing more", "[appointments][integration]") {
  Clinic clinic;
  Appointment surgery = clinic.Form();  // 9:00 to 9:30, with buffers 8:50 to 9:45.
  surgery.set_buffer_before_minutes(10);
  surgery.set_buffer_after_minutes(15);
  clinic.desk.Booked(surgery);

  CHECK(clinic.desk.Book(clinic.Form("2027-03-29T08:21")).reason() ==
        ErrorReason::APPOINTMENT_SLOT_TAKEN);
  CHECK(clinic.desk.Book(clinic.Form("2027-03-29T08:20")).ok());
  CHECK(clinic.desk.Book(clinic.Form("2027-03-29T09:44")).reason() ==
        ErrorReason::APPOINTMENT_SLOT_TAKEN);
  CHECK(clinic.desk.Book(clinic.Form("2027-03-29T09:45")).ok());
}

TEST_CASE("Overbooking is deliberate, limited and has a reason, complaint 2",
          "[appointments][integration]") {
  Clinic clinic;
  clinic.desk.Booked(clinic.Form());
  const auto over = [&](const Client& client, const std::string& reason) {
    appointments::v1::OverbookAppointmentRequest request;
    *request.mutable_appointment() = clinic.Form();
    request.set_overbook_reason(reason);
    return clinic.Call(&AppointmentService::Stub::OverbookAppointment, request, client);
  };

  CHECK(over(clinic.As(identity::v1::ROLE_ASSISTANT), "pain").code() ==
        grpc::StatusCode::PERMISSION_DENIED);
  CHECK(over(clinic.desk.client(), "").fields() == std::vector<std::string>{"overbook_reason"});
  for (int lane = 1; lane <= 3; ++lane) {
    const auto reply = over(clinic.desk.client(), "pain");
    REQUIRE(reply.ok());
    CHECK(reply.response.lane() == lane);
    CHECK(reply.response.overbook_reason() == "pain");
  }
  const auto beyond = over(clinic.desk.client(), "pain");
  CHECK(beyond.code() == grpc::StatusCode::FAILED_PRECONDITION);
  CHECK(beyond.reason() == ErrorReason::OVERBOOKING_LIMIT_REACHED);
  CHECK(beyond.metadata("limit") == "3");
}

TEST_CASE(
    "A move is one step: it keeps the id, never blocks itself and leaves a history, complaint 24",
    "[appointments][integration]") {
  Clinic clinic;
  const std::string chair = clinic.AddResource("chair");
  Appointment form = clinic.Form();
  Need(form, appointments::v1::RESOURCE_KIND_PRACTITIONER, clinic.practitioner);
  Need(form, appointments::v1::RESOURCE_KIND_CHAIR, chair);
  const Appointment booked = clinic.desk.Booked(form);

  // Over its own old time.
  const auto moved = clinic.Move(booked, "2027-03-29T09:10");
  REQUIRE(moved.ok());
  CHECK(moved.response.id() == booked.id());
  CHECK(moved.response.local_start() == "2027-03-29T09:10");
  CHECK(moved.response.allocations_size() == 2);
  // The old time is free, the new one is not.
  CHECK(clinic.desk.Book(clinic.Form("2027-03-29T08:40")).ok());
  CHECK(clinic.desk.Book(clinic.Form("2027-03-29T09:39")).reason() ==
        ErrorReason::APPOINTMENT_SLOT_TAKEN);
  // Nobody drags what has moved.
  CHECK(clinic.Move(booked, "2027-03-29T12:00").reason() == ErrorReason::ETAG_MISMATCH);
  CHECK(clinic.History(booked.id()) ==
        std::vector{AppointmentEvent::KIND_BOOKED, AppointmentEvent::KIND_RESCHEDULED});
}

TEST_CASE("A move to a time that is taken leaves everything as it was",
          "[appointments][integration]") {
  Clinic clinic;
  const Appointment booked = clinic.desk.Booked(clinic.Form());
  clinic.desk.Booked(clinic.Form("2027-03-29T11:00"));

  const auto refused = clinic.Move(booked, "2027-03-29T10:45");

  CHECK(refused.code() == grpc::StatusCode::FAILED_PRECONDITION);
  CHECK(refused.reason() == ErrorReason::APPOINTMENT_SLOT_TAKEN);
  CHECK(clinic.desk.GetAppointment(booked.id()).response.SerializeAsString() ==
        booked.SerializeAsString());
  CHECK(clinic.desk.Book(clinic.Form()).reason() == ErrorReason::APPOINTMENT_SLOT_TAKEN);
}

TEST_CASE(
    "A confirmed visit that moves in time has to be confirmed again, not one that changes chairs",
    "[appointments][integration]") {
  Clinic clinic;
  const Appointment booked = clinic.desk.Booked(clinic.Form());
  const auto confirmed = clinic.Change(&AppointmentService::Stub::ConfirmAppointment, booked.id(),
                                       clinic.desk.client());
  REQUIRE(confirmed.ok());
  CHECK(confirmed.response.state() == Appointment::STATE_CONFIRMED);
  CHECK(confirmed.response.has_confirm_time());

  const auto elsewhere = clinic.Move(confirmed.response, "", clinic.desk.AddPractitioner());
  REQUIRE(elsewhere.ok());
  CHECK(elsewhere.response.state() == Appointment::STATE_CONFIRMED);
  const auto later = clinic.Move(elsewhere.response, "2027-03-29T10:00");
  REQUIRE(later.ok());
  CHECK(later.response.state() == Appointment::STATE_BOOKED);
  CHECK_FALSE(later.response.has_confirm_time());
}

TEST_CASE("The chair can be decided late", "[appointments][integration]") {
  Clinic clinic;
  const std::string chair = clinic.AddResource("chair");
  const auto sit = [&](const Appointment& appointment) {
    appointments::v1::RescheduleAppointmentRequest request;
    request.set_id(appointment.id());
    request.set_etag(appointment.etag());
    Appointment with;
    Need(with, appointments::v1::RESOURCE_KIND_PRACTITIONER, appointment.practitioner_id());
    Need(with, appointments::v1::RESOURCE_KIND_CHAIR, chair);
    *request.mutable_allocations()->mutable_allocations() = with.allocations();
    return clinic.Call(&AppointmentService::Stub::RescheduleAppointment, request);
  };
  const Appointment first = clinic.desk.Booked(clinic.Form());
  Appointment form = clinic.Form();
  form.set_practitioner_id(clinic.desk.AddPractitioner());
  const Appointment second = clinic.desk.Booked(form);

  const auto seated = sit(first);
  const auto refused = sit(second);

  REQUIRE(seated.ok());
  CHECK(seated.response.allocations_size() == 2);
  CHECK(refused.reason() == ErrorReason::APPOINTMENT_SLOT_TAKEN);
  CHECK(refused.metadata("taken") == "chair");
}

TEST_CASE("Another's hold cannot be booked, the own one can, once, complaint 1",
          "[appointments][integration]") {
  Clinic clinic;
  const Client other = clinic.As(identity::v1::ROLE_RECEPTIONIST);
  const auto held = clinic.HoldSlot(kMorning, clinic.desk.client());
  REQUIRE(held.ok());
  const auto book = [&](const Client& client) {
    appointments::v1::CreateAppointmentRequest request;
    *request.mutable_appointment() = clinic.Form();
    request.set_hold_id(held.response.id());
    return clinic.Call(&AppointmentService::Stub::CreateAppointment, request, client);
  };

  CHECK(clinic.HoldSlot(kMorning, other).reason() == ErrorReason::APPOINTMENT_SLOT_TAKEN);
  CHECK(clinic.desk.Book(clinic.Form()).reason() == ErrorReason::APPOINTMENT_SLOT_TAKEN);
  CHECK(book(other).reason() == ErrorReason::HOLD_NOT_FOUND);
  CHECK(book(clinic.desk.client()).ok());
  CHECK(book(clinic.desk.client()).reason() == ErrorReason::HOLD_NOT_FOUND);
}

TEST_CASE("A hold ends when it is released, and when it expires", "[appointments][integration]") {
  Clinic clinic;
  const Client other = clinic.As(identity::v1::ROLE_RECEPTIONIST);
  const auto held = clinic.HoldSlot(kMorning, clinic.desk.client());
  REQUIRE(held.ok());
  appointments::v1::ReleaseHoldRequest request;
  request.set_id(held.response.id());

  CHECK(clinic.Call(&AppointmentService::Stub::ReleaseHold, request, other).reason() ==
        ErrorReason::HOLD_NOT_FOUND);
  CHECK(clinic.Call(&AppointmentService::Stub::ReleaseHold, request).ok());
  const auto again = clinic.HoldSlot(kMorning, other);
  REQUIRE(again.ok());
  REQUIRE(clinic.server.database()
              .Connect()
              .Query("UPDATE clinicd.holds SET created_at = now() - interval '2 hours', "
                     "expires_at = now() - interval '1 second'",
                     {})
              .ok());
  CHECK(clinic.desk.Book(clinic.Form()).ok());
}

TEST_CASE("A hold that has expired is nothing that a visit stands beside",
          "[appointments][integration]") {
  FakeClock clock(absl::Now());
  Clinic clinic("Europe/Madrid", &clock);

  clinic.LetHoldExpire(kMorning, clock);
  const auto over = clinic.Overbook(clinic.Form());
  REQUIRE(over.ok());
  CHECK(clinic.LaneOf(over.response.id()) == "0");
  // Whose time it is, and not one beside it.
  CHECK(clinic.desk.Book(clinic.Form()).reason() == ErrorReason::APPOINTMENT_SLOT_TAKEN);

  clinic.LetHoldExpire("2027-03-29T11:00", clock);
  const auto moved = clinic.Move(over.response, "2027-03-29T11:00");
  REQUIRE(moved.ok());
  CHECK(clinic.LaneOf(over.response.id()) == "0");
}

TEST_CASE("A hold that has expired does not count against the limit of overbooking",
          "[appointments][integration]") {
  FakeClock clock(absl::Now());
  Clinic clinic("Europe/Madrid", &clock);
  const Appointment regular = clinic.desk.Booked(clinic.Form());
  for (int lane = 1; lane <= 3; ++lane) REQUIRE(clinic.Overbook(clinic.Form()).ok());
  REQUIRE(clinic.desk.Cancel(regular.id()).ok());

  clinic.LetHoldExpire(kMorning, clock);

  CHECK(clinic.Overbook(clinic.Form()).ok());
  CHECK(clinic.Overbook(clinic.Form()).reason() == ErrorReason::OVERBOOKING_LIMIT_REACHED);
}

TEST_CASE("A visit goes from state to state, each change with its time and who did it",
          "[appointments][integration]") {
  Clinic clinic(NoonZone());
  const Client dentist = clinic.As(identity::v1::ROLE_PRACTITIONER);
  const std::string id = clinic.desk.Booked(clinic.Form(NoonTime(absl::Hours(1)))).id();

  CHECK(clinic.Change(&AppointmentService::Stub::ConfirmAppointment, id, dentist).ok());
  CHECK(clinic.desk.CheckIn(id).ok());
  const auto seated = clinic.Change(&AppointmentService::Stub::SeatAppointment, id, dentist);
  REQUIRE(seated.ok());
  CHECK(seated.response.state() == Appointment::STATE_IN_CHAIR);
  // Who books does not treat.
  CHECK(clinic.Change(&AppointmentService::Stub::CompleteAppointment, id, clinic.desk.client())
            .code() == grpc::StatusCode::PERMISSION_DENIED);
  const auto done = clinic.Change(&AppointmentService::Stub::CompleteAppointment, id, dentist);
  REQUIRE(done.ok());
  CHECK(done.response.state() == Appointment::STATE_COMPLETED);
  CHECK(done.response.has_confirm_time());
  CHECK(done.response.has_arrive_time());
  CHECK(done.response.has_seat_time());
  CHECK(done.response.has_complete_time());
  const auto reopened = clinic.Change(&AppointmentService::Stub::ReopenAppointment, id, dentist);
  REQUIRE(reopened.ok());
  CHECK_FALSE(reopened.response.has_complete_time());
  const auto cancelled = clinic.desk.Cancel(id);
  CHECK(cancelled.reason() == ErrorReason::APPOINTMENT_ILLEGAL_TRANSITION);
  CHECK(cancelled.metadata("allowed") == "STATE_COMPLETED,STATE_ENTERED_IN_ERROR");
  CHECK(clinic.History(id) ==
        std::vector{AppointmentEvent::KIND_BOOKED, AppointmentEvent::KIND_CONFIRMED,
                    AppointmentEvent::KIND_ARRIVED, AppointmentEvent::KIND_SEATED,
                    AppointmentEvent::KIND_COMPLETED, AppointmentEvent::KIND_REOPENED});
}

TEST_CASE("The time of a patient who did not come is free, until they come after all",
          "[appointments][integration]") {
  Clinic clinic(NoonZone());
  Appointment form = clinic.Form(NoonTime(-absl::Minutes(16)));
  const Appointment missed = clinic.desk.Booked(form);
  Appointment soon = clinic.Form(NoonTime(-absl::Minutes(1)));
  soon.set_practitioner_id(clinic.desk.AddPractitioner());
  const std::string early = clinic.desk.Booked(soon).id();
  const auto no_show = [&](const std::string& id) {
    return clinic.Change(&AppointmentService::Stub::MarkAppointmentNoShow, id,
                         clinic.desk.client());
  };

  CHECK(no_show(early).reason() == ErrorReason::APPOINTMENT_TRANSITION_NOT_NOW);
  const auto noted = no_show(missed.id());
  REQUIRE(noted.ok());
  CHECK(noted.response.state() == Appointment::STATE_NO_SHOW);
  form.set_patient_id(clinic.desk.RegisteredPatient());
  const Appointment instead = clinic.desk.Booked(form);
  CHECK(clinic.desk.CheckIn(missed.id()).reason() == ErrorReason::APPOINTMENT_SLOT_TAKEN);
  REQUIRE(clinic.desk.Cancel(instead.id()).ok());
  const auto late = clinic.desk.CheckIn(missed.id());
  REQUIRE(late.ok());
  CHECK(late.response.state() == Appointment::STATE_ARRIVED);
  CHECK_FALSE(late.response.has_no_show_time());
}

TEST_CASE("A hold that has expired keeps no late patient out", "[appointments][integration]") {
  FakeClock clock(absl::Now());
  Clinic clinic(NoonZone(), &clock);
  const Appointment missed = clinic.desk.Booked(clinic.Form(NoonTime(-absl::Minutes(16))));
  REQUIRE(clinic
              .Change(&AppointmentService::Stub::MarkAppointmentNoShow, missed.id(),
                      clinic.desk.client())
              .ok());
  // Of somebody else beside it, which has not expired.
  const auto alive = clinic.HoldSlot(NoonTime(absl::Minutes(30)), clinic.desk.client());
  REQUIRE(alive.ok());

  const std::string overlapping = NoonTime(absl::Minutes(-1));
  REQUIRE(clinic.HoldSlot(overlapping, clinic.desk.client(), kHoldSeconds).ok());
  CHECK(clinic.desk.CheckIn(missed.id()).reason() == ErrorReason::APPOINTMENT_SLOT_TAKEN);
  clock.Advance(absl::Seconds(kHoldSeconds));
  const auto late = clinic.desk.CheckIn(missed.id());

  REQUIRE(late.ok());
  CHECK(late.response.state() == Appointment::STATE_ARRIVED);
  CHECK(clinic.HoldSlot(overlapping, clinic.desk.client()).reason() ==
        ErrorReason::APPOINTMENT_SLOT_TAKEN);
  CHECK(clinic.desk.Book(clinic.Form(NoonTime(absl::Minutes(30)))).reason() ==
        ErrorReason::APPOINTMENT_SLOT_TAKEN);
}

TEST_CASE("What was entered in error leaves the diary, by an owner",
          "[appointments][integration]") {
  Clinic clinic;
  const Appointment booked = clinic.desk.Booked(clinic.Form());
  const auto mark = [&](const Client& client) {
    return clinic.Change(&AppointmentService::Stub::MarkAppointmentEnteredInError, booked.id(),
                         client);
  };

  CHECK(mark(clinic.desk.client()).code() == grpc::StatusCode::PERMISSION_DENIED);
  REQUIRE(mark(clinic.As(identity::v1::ROLE_OWNER)).ok());
  CHECK(clinic.desk.Day(2027, 3, 29).response.appointments().empty());
  CHECK(clinic.desk.Day(2027, 3, 29, "", /*show_cancelled=*/true).response.appointments_size() ==
        1);
  CHECK(clinic.desk.Book(clinic.Form()).ok());
}

// A clinic where one and the same dentist works.
struct Practice {
  Practice(TestServer& test_server, const std::string& slug)
      : server(test_server),
        desk(server, slug),
        user(server.AddUserWithPassword(desk.clinic(), "dentist@practice.example",
                                        {identity::v1::ROLE_PRACTITIONER})),
        dentist(server.SignedInAs(user)) {
    REQUIRE(server.database()
                .Connect()
                .Query("INSERT INTO clinicd.practitioners (clinic_id, id, membership_id, "
                       "given_name, family_name) VALUES ($1, $2, $3, 'Pau', 'Vidal')",
                       {desk.clinic().id.ToString(), practitioner, user.id.ToString()})
                .ok());
    // As if one e-mail address had been invited to both.
    REQUIRE(server.database()
                .Connect()
                .Query("UPDATE clinicd.memberships SET user_id = (SELECT min(user_id::text)::uuid "
                       "FROM clinicd.memberships WHERE email = $1) WHERE email = $1",
                       {user.email})
                .ok());
  }

  Reply<appointments::v1::SetDiaryLinkResponse> Link(bool linked,
                                                     const std::string& link_code = "") const {
    appointments::v1::SetDiaryLinkRequest request;
    request.set_linked(linked);
    request.set_link_code(link_code);
    request.set_request_id(server.RequestId());
    return dentist.Call(dentist.appointments(), &AppointmentService::Stub::SetDiaryLink, request);
  }
  Reply<Appointment> Book(const std::string& start) const {
    return desk.Book(AppointmentForm(desk.RegisteredPatient(), practitioner, start));
  }
  Reply<Hold> HoldSlot(const std::string& start) const {
    appointments::v1::HoldSlotRequest request;
    request.mutable_hold()->set_practitioner_id(practitioner);
    request.mutable_hold()->set_local_start(start);
    request.mutable_hold()->set_duration_minutes(30);
    request.set_ttl_seconds(kHoldSeconds);
    request.set_request_id(server.RequestId());
    return desk.client().Call(desk.client().appointments(), &AppointmentService::Stub::HoldSlot,
                              request);
  }
  // Holds that time until `clock`, which is the server's, has moved.
  void LetHoldExpire(const std::string& start, FakeClock& clock) const {
    REQUIRE(HoldSlot(start).ok());
    clock.Advance(absl::Seconds(kHoldSeconds));
  }
  std::string AddChair() const {
    const std::string id = server.NewUuid().ToString();
    REQUIRE(server.database()
                .Connect()
                .Query("INSERT INTO clinicd.resources (clinic_id, id, kind, name) VALUES ($1, $2, "
                       "'chair', 'One')",
                       {desk.clinic().id.ToString(), id})
                .ok());
    return id;
  }

  TestServer& server;
  const FrontDesk desk;
  const TestUser user;
  const Client dentist;
  const std::string practitioner = server.NewUuid().ToString();
};

TEST_CASE("Who has linked two clinics is not booked in both at once, and neither learns why",
          "[appointments][integration]") {
  TestServer server;
  const Practice one(server, "a");
  const Practice other(server, "b");
  const auto linked = one.Link(true);
  REQUIRE(linked.ok());
  CHECK(linked.response.linked());
  CHECK(linked.response.practitioner_ids_size() == 1);

  const std::string code = linked.response.link_code();

  // Linked in one of them only.
  CHECK(one.Book(kMorning).ok());
  CHECK(other.Book(kMorning).ok());
  const auto overlapping = other.Link(true, code);
  CHECK(overlapping.code() == grpc::StatusCode::FAILED_PRECONDITION);
  CHECK(overlapping.reason() == ErrorReason::DIARIES_OVERLAP);
  REQUIRE(other.desk.Cancel(other.desk.Day(2027, 3, 29).response.appointments(0).id()).ok());
  REQUIRE(other.Link(true, code).ok());
  // Who is linked stays so without a code.
  REQUIRE(other.Link(true).ok());

  const auto refused = other.Book("2027-03-29T09:29");
  CHECK(refused.reason() == ErrorReason::APPOINTMENT_SLOT_TAKEN);
  CHECK(refused.metadata("taken").empty());
  CHECK(other.desk.Day(2027, 3, 29).response.appointments().empty());
  CHECK(other.Book("2027-03-29T09:30").ok());
  CHECK(one.Book("2027-03-29T09:30").reason() == ErrorReason::APPOINTMENT_SLOT_TAKEN);

  REQUIRE(other.Link(false).ok());
  CHECK(other.Book(kMorning).ok());
  CHECK(one.Book("2027-03-29T09:30").ok());
}

TEST_CASE("A hold that has expired keeps no diaries from being linked",
          "[appointments][integration]") {
  FakeClock clock(absl::Now());
  TestServer server({.clock = &clock});
  const Practice one(server, "a");
  const Practice other(server, "b");
  const std::string code = one.Link(true).response.link_code();
  REQUIRE(one.Book(kMorning).ok());

  other.LetHoldExpire(kMorning, clock);

  CHECK(other.Link(true, code).ok());
  CHECK(other.Book(kMorning).reason() == ErrorReason::APPOINTMENT_SLOT_TAKEN);
}

// Waits until so many holds are left; false if that takes too long.
bool AwaitHolds(const TestServer& server, int left) {
  db::AdminConnection connection = server.database().Connect();
  const absl::Time end = absl::Now() + absl::Seconds(30);
  while (absl::Now() < end) {
    const auto count = connection.QueryValue("SELECT count(*) FROM clinicd.holds");
    if (count.ok() && *count == absl::StrCat(left)) return true;
  }
  return false;
}

TEST_CASE("A hold that has expired does not stay in the way of a linked clinic",
          "[appointments][integration]") {
  FakeClock clock(absl::Now());
  const TestDatabase database;
  TestServer server({.adjust =
                         [&database](server::ApplicationOptions& application) {
                           application.jobs_conninfo = database.jobs();
                         },
                     .database = &database,
                     .clock = &clock});
  const Practice one(server, "a");
  const Practice other(server, "b");
  REQUIRE(other.Link(true, one.Link(true).response.link_code()).ok());
  one.LetHoldExpire("2027-03-29T12:00", clock);
  other.LetHoldExpire(kMorning, clock);
  REQUIRE(other.HoldSlot("2027-03-29T15:00").ok());

  server.application().StartJobs();

  REQUIRE(AwaitHolds(server, 1));
  CHECK(one.Book(kMorning).ok());
  CHECK(other.Book("2027-03-29T12:00").ok());
  CHECK(one.Book("2027-03-29T15:00").reason() == ErrorReason::APPOINTMENT_SLOT_TAKEN);
}

TEST_CASE("An overbooking does not put who has linked two clinics in both at once",
          "[appointments][integration]") {
  TestServer server;
  const Practice one(server, "a");
  const Practice other(server, "b");
  REQUIRE(other.Link(true, one.Link(true).response.link_code()).ok());
  REQUIRE(one.Book(kMorning).ok());
  const std::string colleague = other.desk.AddPractitioner();
  const std::string chair = other.AddChair();
  const auto form = [&](const std::string& practitioner) {
    Appointment visit = AppointmentForm(other.desk.RegisteredPatient(), practitioner, kMorning);
    Need(visit, appointments::v1::RESOURCE_KIND_PRACTITIONER, practitioner);
    Need(visit, appointments::v1::RESOURCE_KIND_CHAIR, chair);
    return visit;
  };
  REQUIRE(other.desk.Book(form(colleague)).ok());

  // Beside the colleague's, because of the chair.
  CHECK(Overbook(server, other.desk, form(other.practitioner)).reason() ==
        ErrorReason::APPOINTMENT_SLOT_TAKEN);

  // Beside one of their own in the same clinic they may be.
  REQUIRE(other.Book("2027-03-29T11:00").ok());
  CHECK(Overbook(
            server, other.desk,
            AppointmentForm(other.desk.RegisteredPatient(), other.practitioner, "2027-03-29T11:00"))
            .ok());
}

TEST_CASE("Who signs in with the address of somebody who has linked joins nothing without a code",
          "[appointments][integration]") {
  TestServer server;
  const Practice one(server, "a");
  const Practice other(server, "b");
  REQUIRE(one.Link(true).ok());
  REQUIRE(one.Book(kMorning).ok());

  REQUIRE(other.Link(true).ok());
  CHECK(other.Book(kMorning).ok());
  CHECK(one.Book("2027-03-29T09:30").ok());
  CHECK(other.Book("2027-03-29T09:30").ok());
}

TEST_CASE("A link code is good where it was made to be used, and is kept nowhere",
          "[appointments][integration]") {
  TestServer server;
  const Practice one(server, "a");
  const Practice other(server, "b");
  appointments::v1::SetDiaryLinkRequest request;
  request.set_linked(true);
  request.set_request_id(server.RequestId());
  const auto link = [&] {
    return one.dentist.Call(one.dentist.appointments(), &AppointmentService::Stub::SetDiaryLink,
                            request);
  };
  const auto linked = link();
  REQUIRE(linked.ok());
  const std::string code = linked.response.link_code();
  REQUIRE_FALSE(code.empty());

  const auto again = link();
  REQUIRE(again.ok());
  CHECK(again.response.linked());
  CHECK(again.response.link_code().empty());
  std::string other_code = code;
  other_code[20] = other_code[20] == 'A' ? 'B' : 'A';
  for (const auto& refused :
       {other.Link(true, "none"), other.Link(true, other_code), other.Link(false, code)}) {
    CHECK(refused.reason() == ErrorReason::VALIDATION_FAILED);
    CHECK(refused.fields() == std::vector<std::string>{"link_code"});
  }
  REQUIRE(other.Link(true, code).ok());
  db::AdminConnection superuser = server.database().Connect();
  for (const char* table : {"idempotency_keys", "audit_events"}) {
    const auto found = superuser.Query(
        absl::StrCat("SELECT count(*) FROM clinicd.", table,
                     " AS kept WHERE strpos(kept::text, $1) > 0 OR strpos(kept::text, $2) > 0"),
        {code, crypto::ToHex(code)});
    REQUIRE(found.ok());
    CAPTURE(table);
    CHECK((*found)[0][0] == "0");
  }
  CHECK(server.Log().find(code) == std::string::npos);
}

TEST_CASE("Who is no practitioner has no diary to link", "[appointments][integration]") {
  Clinic clinic;
  appointments::v1::SetDiaryLinkRequest request;
  request.set_linked(true);

  const auto reply = clinic.Call(&AppointmentService::Stub::SetDiaryLink, request);

  REQUIRE(reply.ok());
  CHECK(reply.response.practitioner_ids().empty());
  CHECK_FALSE(reply.response.linked());
}

TEST_CASE("How a patient keeps appointments is counted, per patient",
          "[appointments][integration]") {
  Clinic clinic(NoonZone());
  const std::string patient = clinic.desk.RegisteredPatient();
  const auto visit = [&](absl::Duration from_now) {
    return clinic.desk
        .Booked(AppointmentForm(patient, clinic.desk.AddPractitioner(), NoonTime(from_now)))
        .id();
  };
  // Called off a month before, and an hour before.
  REQUIRE(clinic.desk.Cancel(visit(absl::Hours(24 * 30))).ok());
  const auto late = clinic.desk.Cancel(visit(absl::Hours(1)));
  REQUIRE(late.ok());
  CHECK(late.response.cancelled_late());
  REQUIRE(clinic
              .Change(&AppointmentService::Stub::MarkAppointmentNoShow, visit(-absl::Hours(1)),
                      clinic.desk.client())
              .ok());
  visit(absl::Hours(48));
  clinic.desk.Booked(clinic.Form(NoonTime(absl::Hours(48))));
  appointments::v1::GetPatientAttendanceRequest request;
  request.set_patient_id(patient);

  const auto reply = clinic.Call(&AppointmentService::Stub::GetPatientAttendance, request);

  REQUIRE(reply.ok());
  CHECK(reply.response.cancelled_by_patient_count() == 2);
  CHECK(reply.response.cancelled_late_by_patient_count() == 1);
  CHECK(reply.response.no_show_count() == 1);
  CHECK(reply.response.upcoming_count() == 1);
  CHECK(reply.response.completed_count() == 0);
}

}  // namespace
}  // namespace clinicd::testing
