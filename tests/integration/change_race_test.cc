// Two changes of one appointment, of which the second waits for the first.
#include <catch2/catch.hpp>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tests/support/front_desk.h"

namespace clinicd::testing {
namespace {

using appointments::v1::Appointment;
using appointments::v1::AppointmentService;

constexpr char kNine[] = "2027-03-29T09:00";
constexpr char kNoon[] = "2027-03-29T12:00";

// Waits until so many sessions wait for a lock; false if that takes too long.
bool AwaitWaiting(const TestDatabase& database, int count) {
  db::AdminConnection connection = database.Connect();
  const absl::Time end = absl::Now() + absl::Seconds(30);
  while (absl::Now() < end) {
    const auto waiting = connection.QueryValue(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = "
        "current_database() AND wait_event_type = 'Lock'");
    if (waiting.ok() && *waiting == absl::StrCat(count)) return true;
  }
  return false;
}

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

}  // namespace
}  // namespace clinicd::testing
