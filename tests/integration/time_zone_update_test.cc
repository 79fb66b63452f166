// New rules of time zones, on diaries that were filed by older ones.
#include <algorithm>
#include <barrier>
#include <catch2/catch.hpp>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "services/server/time_zone_sweep.h"
#include "tests/integration/time_zone_scene.h"
#include "tests/support/watcher.h"

namespace clinicd::testing {
namespace {

using appointments::TimeZoneReport;
using appointments::v1::Appointment;
using appointments::v1::AppointmentEvent;
using appointments::v1::AppointmentService;

constexpr char kMethod[] = "clinicd timezones update";

std::vector<AppointmentEvent> History(const TimeZoneDesk& desk, const std::string& id) {
  appointments::v1::ListAppointmentEventsRequest request;
  request.set_appointment_id(id);
  const Client& client = desk.desk().client();
  const auto reply =
      client.Call(client.appointments(), &AppointmentService::Stub::ListAppointmentEvents, request);
  REQUIRE(reply.ok());
  return {reply.response.events().begin(), reply.response.events().end()};
}

// What the update left in the audit of the clinic, about things of that type.
std::vector<audit::v1::Event> Trail(const TimeZoneDesk& desk, const std::string& entity_type) {
  std::vector<audit::v1::Event> events = desk.desk().Trail();
  std::erase_if(events, [&entity_type](const audit::v1::Event& event) {
    return event.method() != kMethod || event.entity_type() != entity_type;
  });
  return events;
}

std::vector<std::string> LeftBy(const TimeZoneReport& report) {
  std::vector<std::string> ids;
  for (const Uuid& id : report.left) ids.push_back(id.ToString());
  return ids;
}

void Confirm(const TimeZoneDesk& desk, TestServer& server, const std::string& id) {
  appointments::v1::ConfirmAppointmentRequest request;
  request.set_id(id);
  request.set_request_id(server.RequestId());
  const Client& client = desk.desk().client();
  REQUIRE(client.Call(client.appointments(), &AppointmentService::Stub::ConfirmAppointment, request)
              .ok());
}

// Offers the time to somebody who waits; the offer's id.
std::string Offer(const TimeZoneDesk& desk, TestServer& server, const std::string& local_start) {
  using Stub = appointments::v1::WaitlistService::Stub;
  const Client& client = desk.desk().client();
  appointments::v1::CreateWaitlistEntryRequest wait;
  wait.mutable_entry()->set_patient_id(desk.desk().RegisteredPatient());
  wait.mutable_entry()->set_duration_minutes(30);
  wait.mutable_entry()->set_urgency(appointments::v1::WaitlistEntry::URGENCY_ROUTINE);
  wait.set_request_id(server.RequestId());
  const auto entry = client.Call(client.waitlist(), &Stub::CreateWaitlistEntry, wait);
  REQUIRE(entry.ok());
  appointments::v1::CreateWaitlistOfferRequest offer;
  offer.set_entry_id(entry.response.id());
  offer.mutable_time()->set_practitioner_id(desk.practitioner());
  offer.mutable_time()->set_local_start(local_start);
  offer.mutable_time()->set_duration_minutes(30);
  offer.set_request_id(server.RequestId());
  const auto offered = client.Call(client.waitlist(), &Stub::CreateWaitlistOffer, offer);
  REQUIRE(offered.ok());
  return offered.response.id();
}

// 5 minutes each, from 6 in the morning of 1 July on.
std::vector<std::string> BookInARow(const TimeZoneDesk& desk, int count) {
  std::vector<std::string> ids;
  for (int i = 0; i < count; ++i) {
    ids.push_back(
        desk.Book(absl::StrFormat("2027-07-01T%02d:%02d", 6 + i / 12, i % 12 * 5), 5).id());
  }
  return ids;
}

TEST_CASE("New rules put visits and holds where booking them would, and leave the others alone",
          "[timezones][integration]") {
  const int minutes_later = GENERATE(60, -60, 30);
  TestServer server;
  const TimeZoneMachine machine(server);
  const TimeZoneDesk desk(server, "a");
  const Appointment winter = desk.Book("2027-03-01T09:00");
  const Appointment summer = desk.Book("2027-07-01T09:00");
  // In the way of the one before, or the other way round.
  const Appointment next = desk.Book("2027-07-01T09:30");
  Confirm(desk, server, next.id());
  desk.Hold("2027-07-01T10:00");
  const std::string times = desk.Times();
  desk.File(minutes_later);
  REQUIRE(desk.Times() != times);

  const TimeZoneReport report = machine.Run(desk.desk());

  CHECK(report.looked_at == 4);
  CHECK(report.moved == 3);
  CHECK(report.left.empty());
  CHECK(report.old_version.empty());
  CHECK(desk.Times() == times);
  CHECK(desk.Version() == kVersion);
  CHECK(desk.Get(winter.id()).etag() == winter.etag());
  CHECK(desk.Get(summer.id()).etag() != summer.etag());
  CHECK(desk.Get(next.id()).state() == Appointment::STATE_CONFIRMED);
}

TEST_CASE("A visit that moves with its clock keeps a history of it, by nobody",
          "[timezones][integration]") {
  TestServer server;
  const TimeZoneMachine machine(server);
  const TimeZoneDesk desk(server, "a");
  const Appointment visit = desk.Book("2027-07-01T09:00");
  desk.File(60);

  machine.Run(desk.desk());

  const std::vector<AppointmentEvent> history = History(desk, visit.id());
  REQUIRE(history.size() == 2);
  CHECK(history[1].kind() == AppointmentEvent::KIND_CLOCK_CHANGED);
  CHECK(history[1].user_id().empty());
  CHECK(history[1].local_start() == "2027-07-01T09:00");
  CHECK(history[1].state() == Appointment::STATE_BOOKED);
  const std::vector<audit::v1::Event> trail = Trail(desk, "appointment");
  REQUIRE(trail.size() == 1);
  CHECK(trail[0].action() == audit::v1::Event::ACTION_UPDATE);
  CHECK(trail[0].actor_user_id().empty());
  CHECK(trail[0].entity_id() == visit.id());
  CHECK(trail[0].patient_id() == visit.patient_id());
  const auto start = [](const google::protobuf::Struct& json) {
    return json.fields().at("start_time").string_value();
  };
  CHECK(start(trail[0].before()) == "2027-07-01T08:00:00Z");
  CHECK(start(trail[0].after()) == "2027-07-01T07:00:00Z");
  const std::vector<audit::v1::Event> versions = Trail(desk, "time_zones");
  REQUIRE(versions.size() == 1);
  CHECK(versions[0].after().fields().at("version").string_value() == kVersion);
}

TEST_CASE("A second update changes nothing and leaves no trace", "[timezones][integration]") {
  TestServer server;
  const TimeZoneMachine machine(server);
  const TimeZoneDesk desk(server, "a");
  desk.Book("2027-07-01T09:00");
  desk.File(60);
  machine.Run(desk.desk());
  const std::string rows =
      "SELECT (SELECT count(*) FROM clinicd.appointment_events) || ' ' || (SELECT count(*) FROM "
      "clinicd.audit_events) || ' ' || (SELECT count(*) FROM clinicd.changes)";
  const std::string before = desk.QueryValue(rows);

  const TimeZoneReport again = machine.Run(desk.desk());

  CHECK(again.looked_at == 1);
  CHECK(again.moved == 0);
  CHECK(again.old_version == kVersion);
  CHECK(desk.QueryValue(rows) == before);
}

TEST_CASE("Visits in a row move as a whole, however many transactions that takes",
          "[timezones][integration]") {
  const int minutes_later = GENERATE(5, -60);
  TestServer server;
  const TimeZoneMachine machine(server);
  const TimeZoneDesk desk(server, "a");
  BookInARow(desk, 130);
  const std::string times = desk.Times();
  desk.File(minutes_later);

  const TimeZoneReport report = machine.Run(desk.desk());

  CHECK(report.moved == 130);
  CHECK(report.left.empty());
  CHECK(desk.Times() == times);
}

TEST_CASE("An update that was ended in between is brought to its end by the next one",
          "[timezones][integration]") {
  TestServer server;
  const TimeZoneMachine machine(server);
  const TimeZoneDesk desk(server, "a");
  BookInARow(desk, 130);
  const std::string times = desk.Times();
  desk.File(60);
  const auto some_moved = [&desk] {
    return desk.QueryValue(
               "SELECT count(*) FROM clinicd.appointment_events WHERE kind = "
               "'clock_changed'") != "0";
  };

  const TimeZoneReport first = machine.Run(desk.desk(), {.stop = some_moved});
  const std::string version = desk.Version();
  const TimeZoneReport second = machine.Run(desk.desk());

  CHECK(first.stopped);
  CHECK(first.moved > 0);
  CHECK(first.moved < 130);
  CHECK(version.empty());
  CHECK_FALSE(second.stopped);
  CHECK(first.moved + second.moved == 130);
  CHECK(desk.Times() == times);
  CHECK(desk.Version() == kVersion);
}

TEST_CASE("Two machines that update a clinic at once move each visit once",
          "[timezones][integration]") {
  TestServer server;
  const TimeZoneDesk desk(server, "a");
  BookInARow(desk, 130);
  const std::string times = desk.Times();
  desk.File(60);
  std::barrier start(2);
  const auto run = [&](absl::StatusOr<TimeZoneReport>& report) {
    const TimeZoneMachine machine(server);
    start.arrive_and_wait();
    report = machine.update().Run(desk.desk().clinic().id, {.version = kVersion});
  };

  absl::StatusOr<TimeZoneReport> first;
  absl::StatusOr<TimeZoneReport> second;
  std::thread beside([&] { run(first); });
  run(second);
  beside.join();

  REQUIRE(first.ok());
  REQUIRE(second.ok());
  CAPTURE(first->moved, first->left.size(), second->moved, second->left.size());
  CHECK(first->moved + second->moved == 130);
  CHECK(first->left.empty());
  CHECK(second->left.empty());
  CHECK(desk.Times() == times);
  CHECK(Trail(desk, "appointment").size() == 130);
}

TEST_CASE("A visit whose time somebody else has stays, is named, and stops no other",
          "[timezones][integration]") {
  TestServer server;
  const TimeZoneMachine machine(server);
  const TimeZoneDesk desk(server, "a");
  const Appointment first = desk.Book("2027-07-01T09:00");
  const Appointment second = desk.Book("2027-07-01T12:00");
  desk.File(60);
  const Appointment in_the_way = desk.Book("2027-07-01T09:15");
  const Appointment stays = desk.Get(first.id());

  const TimeZoneReport report = machine.Run(desk.desk());

  CHECK(report.moved == 1);
  CHECK(LeftBy(report) == std::vector<std::string>{first.id()});
  CHECK(desk.Version().empty());
  CHECK(desk.Get(first.id()).SerializeAsString() == stays.SerializeAsString());
  CHECK(desk.Get(second.id()).start_time().seconds() == second.start_time().seconds());
  CHECK(History(desk, first.id()).size() == 1);
  CHECK(Trail(desk, "appointment").size() == 1);

  REQUIRE(desk.desk().Cancel(in_the_way.id()).ok());
  const TimeZoneReport again = machine.Run(desk.desk());

  CHECK(again.moved == 1);
  CHECK(again.left.empty());
  CHECK(desk.Get(first.id()).start_time().seconds() == first.start_time().seconds());
  CHECK(desk.Version() == kVersion);
}

TEST_CASE("A visit that stays because of another one keeps its time from a third",
          "[timezones][integration]") {
  TestServer server;
  const TimeZoneMachine machine(server);
  const TimeZoneDesk desk(server, "a");
  const Appointment first = desk.Book("2027-07-01T09:00");
  const Appointment second = desk.Book("2027-07-01T10:00");
  desk.File(60);
  desk.Book("2027-07-01T09:15");
  const std::string before = desk.Times();

  const TimeZoneReport report = machine.Run(desk.desk());

  CHECK(report.moved == 0);
  std::vector<std::string> expected = {first.id(), second.id()};
  std::vector<std::string> left = LeftBy(report);
  std::ranges::sort(expected);
  std::ranges::sort(left);
  CHECK(left == expected);
  CHECK(desk.Times() == before);
}

TEST_CASE("A time that is offered moves with its clock, and can still be accepted",
          "[timezones][integration]") {
  TestServer server;
  const TimeZoneMachine machine(server);
  const TimeZoneDesk desk(server, "a");
  appointments::v1::AcceptWaitlistOfferRequest accept;
  accept.set_id(Offer(desk, server, "2027-07-01T09:00"));
  accept.set_request_id(server.RequestId());
  const std::string times = desk.Times();
  desk.File(60);
  REQUIRE(desk.Times() != times);

  machine.Run(desk.desk());

  CHECK(desk.Times() == times);
  const Client& client = desk.desk().client();
  const auto visit = client.Call(
      client.waitlist(), &appointments::v1::WaitlistService::Stub::AcceptWaitlistOffer, accept);
  REQUIRE(visit.ok());
  CHECK(visit.response.local_start() == "2027-07-01T09:00");
}

TEST_CASE("An offer that lasts until its time ends earlier where that is earlier",
          "[timezones][integration]") {
  TestServer server;
  const TimeZoneMachine machine(server);
  const TimeZoneDesk desk(server, "a");
  const std::string offer = Offer(desk, server, "2027-07-01T09:00");
  desk.Book("2027-07-02T09:00");
  const std::string times = desk.Times();
  desk.File(60);
  desk.Execute("UPDATE clinicd.waitlist_offers SET expires_at = starts_at");

  machine.Run(desk.desk());

  CHECK(desk.Times() == times);
  CHECK(desk.QueryValue(absl::StrCat("SELECT expires_at = starts_at FROM clinicd.waitlist_offers "
                                     "WHERE id = '",
                                     offer, "'")) == "t");
}

TEST_CASE("A hold that has expired is in nobody's way", "[timezones][integration]") {
  TestServer server;
  const TimeZoneMachine machine(server);
  const TimeZoneDesk desk(server, "a");
  const Appointment visit = desk.Book("2027-07-01T09:00");
  desk.File(60);
  desk.Hold("2027-07-01T09:00");
  desk.Execute(
      "UPDATE clinicd.holds SET created_at = now() - interval '2 hours', expires_at = now() - "
      "interval '1 hour'");

  const TimeZoneReport report = machine.Run(desk.desk());

  CHECK(report.moved == 1);
  CHECK(desk.Get(visit.id()).start_time().seconds() == visit.start_time().seconds());
}

TEST_CASE("What is called off or in a zone that nobody knows stays as it was filed",
          "[timezones][integration]") {
  TestServer server;
  const TimeZoneMachine machine(server);
  const TimeZoneDesk desk(server, "a");
  const Appointment cancelled = desk.Book("2027-07-01T09:00");
  const Appointment unknown = desk.Book("2027-07-01T12:00");
  desk.File(60);
  REQUIRE(desk.desk().Cancel(cancelled.id()).ok());
  desk.Execute(
      absl::StrCat("UPDATE clinicd.appointments SET time_zone = 'Mars/Olympus' WHERE "
                   "id = '",
                   unknown.id(), "'"));
  const std::string before = desk.Times();

  const TimeZoneReport report = machine.Run(desk.desk());

  CHECK(report.looked_at == 1);
  CHECK(report.moved == 0);
  CHECK(LeftBy(report) == std::vector<std::string>{unknown.id()});
  CHECK(desk.Times() == before);
}

TEST_CASE("A dry run says what would move and changes nothing", "[timezones][integration]") {
  TestServer server;
  const TimeZoneMachine machine(server);
  const TimeZoneDesk desk(server, "a");
  desk.Book("2027-07-01T09:00");
  desk.File(60);
  const std::string before = desk.Times();

  const TimeZoneReport report = machine.Run(desk.desk(), {.dry_run = true});

  CHECK(report.moved == 1);
  CHECK(desk.Times() == before);
  CHECK(desk.Version().empty());
  CHECK(Trail(desk, "appointment").empty());
}

TEST_CASE("Who watches a day sees a visit move with its clock", "[timezones][integration]") {
  TestServer server;
  const TimeZoneMachine machine(server);
  const TimeZoneDesk desk(server, "a");
  const Appointment visit = desk.Book("2027-07-01T09:00");
  desk.File(60);
  Watcher watcher(desk.desk().client(), DayRequest(2027, 7, 1));
  REQUIRE(watcher.Await([](const Watcher& each) { return each.complete(); }));
  REQUIRE(watcher.day().at(visit.id()).start_time().seconds() ==
          visit.start_time().seconds() + 3600);

  machine.Run(desk.desk());

  CHECK(watcher.Await([&visit](const Watcher& each) {
    return each.day().at(visit.id()).start_time().seconds() == visit.start_time().seconds();
  }));
}

TEST_CASE("The update of one clinic does not touch another", "[timezones][integration]") {
  TestServer server;
  const TimeZoneMachine machine(server);
  const TimeZoneDesk desk(server, "a");
  const TimeZoneDesk other(server, "b");
  desk.Book("2027-07-01T09:00");
  other.Book("2027-07-01T09:00");
  desk.File(60);
  other.File(60);
  const std::string before = other.Times();

  machine.Run(desk.desk());

  CHECK(other.Times() == before);
  CHECK(other.Version().empty());
  CHECK(Trail(other, "appointment").empty());
}

TEST_CASE("Clinics whose practitioner works in both let each other pass",
          "[timezones][integration]") {
  TestServer server;
  const TimeZoneMachine machine(server);
  const TimeZoneDesk first(server, "a");
  const TimeZoneDesk second(server, "b");
  first.Book("2027-07-01T09:00");
  second.Book("2027-07-01T09:30");
  first.Execute(
      "UPDATE clinicd.occupancies SET person_id = '00000000-0000-7000-8000-000000000001' "
      "WHERE practitioner_id IS NOT NULL AND position >= 0");
  const std::string times = absl::StrCat(first.Times(), second.Times());
  second.File(30);
  first.File(30);

  // The second one has to wait for the first one.
  const auto reports = server::TimeZoneSweep(machine.update())
                           .Run({second.desk().clinic().id, first.desk().clinic().id},
                                {.update = {.version = kVersion}});

  REQUIRE(reports.ok());
  REQUIRE(reports->size() == 2);
  for (const TimeZoneReport& report : *reports) {
    CHECK(report.moved == 1);
    CHECK(report.left.empty());
  }
  CHECK(absl::StrCat(first.Times(), second.Times()) == times);
}

}  // namespace
}  // namespace clinicd::testing
