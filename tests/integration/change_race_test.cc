// Changes of a diary of which one waits for another.
#include <catch2/catch.hpp>
#include <future>
#include <string>
#include <thread>

#include "tests/support/front_desk.h"
#include "tests/support/lock_waits.h"

namespace clinicd::testing {
namespace {

using appointments::v1::Appointment;
using appointments::v1::AppointmentService;

constexpr char kNine[] = "2027-03-29T09:00";
constexpr char kNoon[] = "2027-03-29T12:00";

TEST_CASE("A visit that is cancelled while it is moved gives up the time that it was moved to",
          "[appointments][integration]") {
  TestServer server;
  const FrontDesk desk(server, "a");
  const std::string practitioner = desk.AddPractitioner();
  const std::string patient = desk.RegisteredPatient();
  const Appointment visit = desk.Booked(AppointmentForm(patient, practitioner, kNine));
  appointments::v1::RescheduleAppointmentRequest request;
  request.set_id(visit.id());
  request.set_etag(visit.etag());
  request.set_local_start(kNoon);
  request.set_request_id(server.RequestId());
  Reply<Appointment> moved;
  Reply<Appointment> cancelled;

  // Nobody gets at the row until both are there, the move first.
  db::AdminConnection gate = server.database().Connect();
  REQUIRE(gate.Execute("BEGIN").ok());
  REQUIRE(
      gate.Query("SELECT FROM clinicd.appointments WHERE id = $1 FOR UPDATE", {visit.id()}).ok());
  std::thread mover([&] {
    moved = desk.client().Call(desk.client().appointments(),
                               &AppointmentService::Stub::RescheduleAppointment, request);
  });
  const bool move_waits = AwaitWaiting(server.database(), 1);
  std::thread canceller([&] { cancelled = desk.Cancel(visit.id()); });
  const bool both_wait = AwaitWaiting(server.database(), 2);
  const bool opened = gate.Execute("COMMIT").ok();
  mover.join();
  canceller.join();

  REQUIRE(move_waits);
  REQUIRE(both_wait);
  REQUIRE(opened);
  REQUIRE(moved.ok());
  REQUIRE(cancelled.ok());
  CHECK(cancelled.response.local_start() == kNoon);
  CHECK(desk.Book(AppointmentForm(patient, practitioner, kNoon)).ok());
  CHECK(desk.Book(AppointmentForm(patient, practitioner, kNine)).ok());
}

TEST_CASE("Who waits for a hold that has expired to go has taken nothing that others want",
          "[appointments][integration]") {
  TestServer server;
  const FrontDesk desk(server, "a");
  const std::string practitioner = desk.AddPractitioner();
  // After all others in the order in which they are taken.
  const std::string chair = "ffffffff-ffff-7fff-bfff-ffffffffffff";
  REQUIRE(server.database()
              .Connect()
              .Query("INSERT INTO clinicd.resources (clinic_id, id, kind, name) VALUES ($1, $2, "
                     "'chair', 'Chair')",
                     {desk.clinic().id.ToString(), chair})
              .ok());
  const auto form = [&](const std::string& patient, const std::string& local_start) {
    Appointment visit = AppointmentForm(patient, practitioner, local_start);
    for (const auto& [kind, id] :
         {std::pair(appointments::v1::RESOURCE_KIND_PRACTITIONER, practitioner),
          std::pair(appointments::v1::RESOURCE_KIND_CHAIR, chair)}) {
      appointments::v1::Allocation& part = *visit.add_allocations();
      part.set_kind(kind);
      part.set_resource_id(id);
    }
    return visit;
  };
  const Appointment first = form(desk.RegisteredPatient("Ana", "Li"), "2027-03-29T09:00");
  const Appointment second = form(desk.RegisteredPatient("Eva", "Roca"), "2027-03-29T09:15");
  appointments::v1::HoldSlotRequest hold;
  hold.mutable_hold()->set_practitioner_id(practitioner);
  hold.mutable_hold()->set_local_start(kNine);
  hold.mutable_hold()->set_duration_minutes(10);
  hold.set_request_id(server.RequestId());
  REQUIRE(desk.client()
              .Call(desk.client().appointments(), &AppointmentService::Stub::HoldSlot, hold)
              .ok());
  db::AdminConnection gate = server.database().Connect();
  REQUIRE(gate.Execute("UPDATE clinicd.holds SET created_at = created_at - interval '1 day', "
                       "expires_at = expires_at - interval '1 day'")
              .ok());

  // Nobody gets the hold out of the way until this is over.
  REQUIRE(gate.Execute("BEGIN").ok());
  REQUIRE(gate.Query("SELECT FROM clinicd.holds FOR UPDATE").ok());
  auto waits = std::async(std::launch::async, [&] { return desk.Book(first); });
  const bool first_waits = AwaitWaiting(server.database(), 1);
  auto does_not = std::async(std::launch::async, [&] { return desk.Book(second); });
  const bool second_done = does_not.wait_for(std::chrono::seconds(30)) == std::future_status::ready;
  const bool opened = gate.Execute("COMMIT").ok();
  const Reply<Appointment> first_reply = waits.get();
  const Reply<Appointment> second_reply = does_not.get();

  CHECK(first_waits);
  CHECK(second_done);
  CHECK(opened);
  CHECK(second_reply.ok());
  CHECK(first_reply.reason() == ErrorReason::APPOINTMENT_SLOT_TAKEN);
  CHECK(first_reply.metadata("taken") == "chair,practitioner");
}

TEST_CASE(
    "A booking that is under way while its practitioner links the diary is of the linked ones",
    "[appointments][integration]") {
  TestServer server;
  const FrontDesk desk(server, "a");
  const TestUser user = server.AddUser(desk.clinic(), {identity::v1::ROLE_PRACTITIONER});
  const Client dentist = server.SignedInAs(user);
  const std::string practitioner = desk.AddPractitioner();
  const Appointment earlier =
      desk.Booked(AppointmentForm(desk.RegisteredPatient("Eva", "Roca"), practitioner, kNoon));
  Appointment form = AppointmentForm(desk.RegisteredPatient(), practitioner, kNine);
  form.set_external_id("import:1");
  db::AdminConnection gate = server.database().Connect();
  REQUIRE(gate.Query("UPDATE clinicd.practitioners SET membership_id = $1 WHERE id = $2",
                     {user.id.ToString(), practitioner})
              .ok());
  appointments::v1::SetDiaryLinkRequest request;
  request.set_linked(true);
  request.set_request_id(server.RequestId());

  // Until this is over nobody knows whether the external id is taken.
  REQUIRE(gate.Execute("BEGIN").ok());
  REQUIRE(gate.Query("UPDATE clinicd.appointments SET external_id = 'import:1' WHERE id = $1",
                     {earlier.id()})
              .ok());
  auto booking = std::async(std::launch::async, [&] { return desk.Book(form); });
  const bool booking_waits = AwaitWaiting(server.database(), 1);
  auto linking = std::async(std::launch::async, [&] {
    return dentist.Call(dentist.appointments(), &AppointmentService::Stub::SetDiaryLink, request);
  });
  const bool link_waits = AwaitWaiting(server.database(), 2);
  const bool opened = gate.Execute("ROLLBACK").ok();
  const Reply<Appointment> booked = booking.get();
  const auto linked = linking.get();

  CHECK(booking_waits);
  CHECK(link_waits);
  REQUIRE(opened);
  REQUIRE(booked.ok());
  REQUIRE(linked.ok());
  CHECK(linked.response.linked());
  CHECK(gate.QueryValue("SELECT count(*) FROM clinicd.occupancies WHERE practitioner_id IS NOT "
                        "NULL AND person_id IS NULL")
            .value() == "0");
}

}  // namespace
}  // namespace clinicd::testing
