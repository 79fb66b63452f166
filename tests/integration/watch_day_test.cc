// What those see who watch a day.
#include "tests/support/watcher.h"

#include <catch2/catch.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "tests/support/fakes.h"
#include "tests/support/front_desk.h"

namespace clinicd::testing {
namespace {

using appointments::v1::Appointment;
using appointments::v1::WatchDayRequest;
using Event = Watcher::Event;

// A desk with a patient and a practitioner, and 29 March 2027 to book.
struct Desk {
  explicit Desk(TestServer& server, const std::string& slug = "a")
      : desk(server, slug),
        patient(desk.RegisteredPatient()),
        practitioner(desk.AddPractitioner()) {}

  Appointment At(const std::string& time) const {
    return desk.Booked(AppointmentForm(patient, practitioner, "2027-03-29T" + time));
  }
  // The n-th slot of the day.
  Appointment Slot(int number) const {
    Appointment form =
        AppointmentForm(patient, practitioner,
                        absl::StrFormat("2027-03-29T%02d:%02d", number / 12, number % 12 * 5));
    form.set_duration_minutes(5);
    return desk.Booked(form);
  }

  FrontDesk desk;
  std::string patient;
  std::string practitioner;
};

WatchDayRequest TheDay(const std::string& token = "") { return DayRequest(2027, 3, 29, token); }

bool IsComplete(const Watcher& watcher) { return watcher.complete(); }

TEST_CASE("WatchDay begins with the whole day and a token", "[appointments][integration]") {
  TestServer server;
  const Desk desk(server);
  const Appointment late = desk.At("12:00");
  const Appointment early = desk.At("09:00");
  desk.desk.Cancel(desk.At("10:00").id());
  desk.desk.Booked(AppointmentForm(desk.patient, desk.practitioner, "2027-03-30T00:00"));

  Watcher watcher(desk.desk.client(), TheDay());
  const std::optional<Event> event = watcher.Next();

  REQUIRE(event);
  REQUIRE(event->has_snapshot());
  CHECK(event->snapshot().first());
  CHECK(event->snapshot().last());
  REQUIRE(event->snapshot().appointments_size() == 2);
  CHECK(event->snapshot().appointments(0).id() == early.id());
  CHECK(event->snapshot().appointments(1).id() == late.id());
  CHECK_FALSE(event->resume_token().empty());
}

TEST_CASE("WatchDay begins with an empty snapshot on an empty day", "[appointments][integration]") {
  TestServer server;
  const Desk desk(server);

  Watcher watcher(desk.desk.client(), TheDay());
  const std::optional<Event> event = watcher.Next();

  REQUIRE(event);
  CHECK(event->snapshot().last());
  CHECK(event->snapshot().appointments_size() == 0);
}

TEST_CASE("WatchDay sends a long day in parts of 200", "[appointments][integration]") {
  TestServer server;
  const Desk desk(server);
  for (int i = 0; i < 201; ++i) desk.Slot(i);

  Watcher watcher(desk.desk.client(), TheDay());
  const std::optional<Event> first = watcher.Next();
  const std::optional<Event> last = watcher.Next();

  REQUIRE(last);
  CHECK(first->snapshot().first());
  CHECK_FALSE(first->snapshot().last());
  CHECK(first->resume_token().empty());
  CHECK_FALSE(last->snapshot().first());
  CHECK(last->snapshot().last());
  CHECK_FALSE(last->resume_token().empty());
  CHECK(watcher.day().size() == 201);
}

TEST_CASE("WatchDay sends what is booked, arrives and is cancelled, in that order",
          "[appointments][integration]") {
  TestServer server;
  const Desk desk(server);
  Watcher watcher(desk.desk.client(), TheDay());
  REQUIRE(watcher.Await(IsComplete));

  const Appointment booked = desk.At("09:00");
  const std::optional<Event> upsert = watcher.NextChange();
  REQUIRE(desk.desk.Cancel(booked.id()).ok());
  const std::optional<Event> removal = watcher.NextChange();

  REQUIRE(upsert);
  CHECK(upsert->upsert().SerializeAsString() == booked.SerializeAsString());
  CHECK_FALSE(upsert->resume_token().empty());
  REQUIRE(removal);
  CHECK(removal->remove().id() == booked.id());
  CHECK_FALSE(removal->resume_token().empty());
}

TEST_CASE("WatchDay shows cancelled appointments to those who ask for them",
          "[appointments][integration]") {
  TestServer server;
  const Desk desk(server);
  WatchDayRequest request = TheDay();
  request.set_show_cancelled(true);
  Watcher watcher(desk.desk.client(), request);
  const Appointment booked = desk.At("09:00");
  REQUIRE(watcher.Await([](const Watcher& w) { return w.complete() && w.day().size() == 1; }));

  REQUIRE(desk.desk.Cancel(booked.id()).ok());
  const std::optional<Event> event = watcher.NextChange();

  REQUIRE(event);
  CHECK(event->upsert().state() == Appointment::STATE_CANCELLED);
}

TEST_CASE("WatchDay of one practitioner tells nothing of another and of other days",
          "[appointments][integration]") {
  TestServer server;
  const Desk desk(server);
  const std::string other = desk.desk.AddPractitioner();
  WatchDayRequest request = TheDay();
  request.set_practitioner_id(desk.practitioner);
  Watcher watcher(desk.desk.client(), request);
  REQUIRE(watcher.Await(IsComplete));

  const Appointment elsewhere =
      desk.desk.Booked(AppointmentForm(desk.patient, other, "2027-03-29T09:00"));
  REQUIRE(desk.desk.Cancel(elsewhere.id()).ok());
  desk.desk.Booked(AppointmentForm(desk.patient, desk.practitioner, "2027-03-30T00:00"));
  desk.desk.Booked(AppointmentForm(desk.patient, desk.practitioner, "2027-03-28T23:29"));
  const Appointment mine = desk.At("11:00");
  const std::optional<Event> event = watcher.NextChange();

  REQUIRE(event);
  CHECK(event->upsert().id() == mine.id());
}

TEST_CASE("WatchDay never tells one clinic of another", "[appointments][integration]") {
  TestServer server;
  const Desk a(server, "a");
  const Desk b(server, "b");
  Watcher watcher_a(a.desk.client(), TheDay());
  Watcher watcher_b(b.desk.client(), TheDay());
  REQUIRE(watcher_a.Await(IsComplete));
  REQUIRE(watcher_b.Await(IsComplete));

  std::vector<std::string> ids_a;
  std::vector<std::string> ids_b;
  for (int i = 0; i < 10; ++i) {
    ids_a.push_back(a.Slot(i).id());
    ids_b.push_back(b.Slot(i).id());
  }
  REQUIRE(watcher_a.Await([](const Watcher& w) { return w.day().size() >= 10; }));
  REQUIRE(watcher_b.Await([](const Watcher& w) { return w.day().size() >= 10; }));

  for (const std::string& id : ids_a) CHECK(watcher_a.day().contains(id));
  for (const std::string& id : ids_b) CHECK(watcher_b.day().contains(id));
  CHECK(watcher_a.day().size() == 10);
  CHECK(watcher_b.day().size() == 10);
}

TEST_CASE("WatchDay goes on from a token with what changed since, and nothing else",
          "[appointments][integration]") {
  TestServer server;
  const Desk desk(server);
  const Appointment goes = desk.At("09:00");
  Watcher watcher(desk.desk.client(), TheDay());
  REQUIRE(watcher.Await(IsComplete));
  const Appointment stays = desk.At("08:00");
  REQUIRE(watcher.Await([&](const Watcher& w) { return w.day().contains(stays.id()); }));
  REQUIRE(desk.desk.Cancel(goes.id()).ok());
  const Appointment comes = desk.At("10:00");

  Watcher resumed(desk.desk.client(), TheDay(watcher.token()));
  std::optional<Event> first = resumed.Next();
  // A token may be from before the last change that came with it, while other transactions run.
  while (first && first->upsert().id() == stays.id()) first = resumed.Next();
  const std::optional<Event> second = resumed.Next();

  REQUIRE(second);
  CHECK(first->upsert().id() == comes.id());
  CHECK(second->remove().id() == goes.id());
  CHECK(first->resume_token().empty());
  CHECK_FALSE(second->resume_token().empty());
}

TEST_CASE("WatchDay answers a token at once when nothing has changed",
          "[appointments][integration]") {
  TestServer server;
  const Desk desk(server);
  desk.At("08:00");
  Watcher watcher(desk.desk.client(), TheDay());
  REQUIRE(watcher.Await(IsComplete));
  // The change of the booking itself may come once more.
  Watcher once(desk.desk.client(), TheDay(watcher.token()));
  REQUIRE(once.Next());

  Watcher resumed(desk.desk.client(), TheDay(once.token()));
  const std::optional<Event> event = resumed.Next();

  REQUIRE(event);
  CHECK_FALSE(event->has_snapshot());
  CHECK_FALSE(event->resume_token().empty());
}

TEST_CASE("WatchDay takes a token only from the same user, clinic and request",
          "[appointments][integration]") {
  TestServer server;
  const Desk desk(server);
  const Desk other_clinic(server, "b");
  const Client colleague = server.SignedIn(desk.desk.clinic(), {identity::v1::ROLE_RECEPTIONIST});
  Watcher watcher(desk.desk.client(), TheDay());
  REQUIRE(watcher.Await(IsComplete));
  WatchDayRequest other_request = TheDay(watcher.token());
  other_request.set_show_cancelled(true);
  const std::string token = watcher.token();

  Watcher of_colleague(colleague, TheDay(token));
  Watcher of_other_clinic(other_clinic.desk.client(), TheDay(token));
  Watcher of_other_request(desk.desk.client(), other_request);
  Watcher of_other_day(desk.desk.client(), DayRequest(2027, 3, 30, token));
  Watcher of_garbage(desk.desk.client(), TheDay("garbage"));

  for (Watcher* each :
       {&of_colleague, &of_other_clinic, &of_other_request, &of_other_day, &of_garbage}) {
    const grpc::Status status = each->End();
    CHECK(status.error_code() == grpc::StatusCode::INVALID_ARGUMENT);
    CHECK(ReasonOf(status) == ErrorReason::RESUME_TOKEN_INVALID);
    CHECK(FieldsOf(status) == std::vector<std::string>{"resume_token"});
  }
}

TEST_CASE("WatchDay refuses a date that does not exist, an id that is none and a missing role",
          "[appointments][integration]") {
  TestServer server;
  const Desk desk(server);
  WatchDayRequest no_id = TheDay();
  no_id.set_practitioner_id("x");
  const Client portal = server.SignedIn(desk.desk.clinic(), {identity::v1::ROLE_PATIENT});

  CHECK(ReasonOf(Watcher(desk.desk.client(), DayRequest(2027, 2, 29)).End()) ==
        ErrorReason::VALIDATION_FAILED);
  CHECK(ReasonOf(Watcher(desk.desk.client(), WatchDayRequest()).End()) ==
        ErrorReason::VALIDATION_FAILED);
  CHECK(ReasonOf(Watcher(desk.desk.client(), no_id).End()) == ErrorReason::VALIDATION_FAILED);
  CHECK(ReasonOf(Watcher(portal, TheDay()).End()) == ErrorReason::PERMISSION_MISSING);
  CHECK(ReasonOf(Watcher(server.Anonymous(), TheDay()).End()) == ErrorReason::TOKEN_MISSING);
}

TEST_CASE("WatchDay leaves a row for the snapshot, for each group of changes and for a refusal",
          "[appointments][integration]") {
  TestServer server;
  const Desk desk(server);
  const Client portal = server.SignedIn(desk.desk.clinic(), {identity::v1::ROLE_PATIENT});
  Watcher watcher(desk.desk.client(), TheDay());
  REQUIRE(watcher.Await(IsComplete));
  desk.At("09:00");
  REQUIRE(watcher.NextChange());
  Watcher(portal, TheDay()).End();

  std::map<std::string, int> outcomes;
  for (const audit::v1::Event& event : desk.desk.Trail()) {
    if (event.method() == "clinicd.appointments.v1.AppointmentService/WatchDay") {
      ++outcomes[event.outcome()];
    }
  }

  CHECK(outcomes == std::map<std::string, int>{{"OK", 2}, {"PERMISSION_MISSING", 1}});
}

}  // namespace
}  // namespace clinicd::testing
