// Changing many appointments of a series at once, through the whole server.
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "tests/integration/series_scene.h"

namespace clinicd::testing {
namespace {

using appointments::v1::AppointmentService;
using appointments::v1::Series;
using grpc::StatusCode;
using Texts = std::vector<std::string>;

std::vector<std::string> Etags(const std::vector<Appointment>& visits) {
  std::vector<std::string> etags;
  for (const Appointment& visit : visits) etags.push_back(visit.etag());
  return etags;
}

TEST_CASE("All appointments of a series that are to come move at once, and stay on their days",
          "[series][integration]") {
  SeriesScene scene;
  const Series series = scene.Created(scene.Form());
  REQUIRE(scene.Confirm(scene.Visits(series.id())[1].id()).ok());
  auto edit = scene.Edit(series);
  edit.set_local_time("16:30");
  edit.set_duration_minutes(45);
  edit.set_reason("school");

  const auto updated = scene.Update(edit);

  REQUIRE(updated.ok());
  CHECK(updated.response.moved_count() == 5);
  CHECK(updated.response.series().id() == series.id());
  CHECK_FALSE(updated.response.has_previous());
  CHECK(updated.response.series().appointment().local_start() == "2027-03-08T16:30");
  CHECK(scene.Starts(series.id()) == Texts{"2027-03-08T16:30", "2027-03-15T16:30",
                                           "2027-03-22T16:30", "2027-03-29T16:30",
                                           "2027-04-05T16:30"});
  for (const Appointment& visit : scene.Visits(series.id())) {
    CHECK(visit.duration_minutes() == 45);
    CHECK(visit.state() == Appointment::STATE_BOOKED);
    CHECK(visit.allocations_size() == 1);
    CHECK(visit.allocations(0).duration_minutes() == 45);
    CHECK_FALSE(visit.series_exception());
  }
  CHECK(scene.Get(series.id()).response.SerializeAsString() ==
        updated.response.series().SerializeAsString());
  // What they had is free again.
  CHECK(scene.Create(scene.Form()).ok());
  CHECK(scene.CountRows("changes") == 5 + 1 + 5 + 5);
}

TEST_CASE("A change of a series leaves alone what has begun, what is called off, and exceptions",
          "[series][integration]") {
  SeriesScene scene;
  const Series series = scene.Created(scene.Form());
  std::vector<Appointment> visits = scene.Visits(series.id());
  REQUIRE(scene.desk().Cancel(visits[2].id()).ok());
  REQUIRE(scene.Move(visits[3], "2027-03-30T11:00").ok());
  scene.Begin(visits[0]);
  auto edit = scene.Edit(series);
  edit.set_local_time("16:30");
  edit.set_practitioner_id(scene.desk().AddPractitioner());

  const auto updated = scene.Update(edit);

  REQUIRE(updated.ok());
  CHECK(updated.response.moved_count() == 2);
  visits = scene.Visits(series.id());
  CHECK(visits[0].local_start() == "2027-03-08T09:00");
  CHECK(visits[1].local_start() == "2027-03-15T16:30");
  CHECK(visits[2].local_start() == "2027-03-22T09:00");
  CHECK(visits[2].state() == Appointment::STATE_CANCELLED);
  CHECK(visits[3].local_start() == "2027-03-30T11:00");
  CHECK(visits[3].series_exception());
  CHECK(visits[4].local_start() == "2027-04-05T16:30");
  for (const std::size_t untouched : {0U, 2U, 3U}) {
    CHECK(visits[untouched].practitioner_id() == scene.practitioner());
  }
  for (const std::size_t moved : {1U, 4U}) {
    CHECK(visits[moved].practitioner_id() == edit.practitioner_id());
    CHECK(visits[moved].allocations(0).resource_id() == edit.practitioner_id());
  }
}

TEST_CASE("A change of this and the following appointments cuts the series in two",
          "[series][integration]") {
  SeriesScene scene;
  const Series series = scene.Created(scene.Form());
  std::vector<Appointment> visits = scene.Visits(series.id());
  REQUIRE(scene.Move(visits[3], "2027-03-30T11:00").ok());
  auto edit = scene.Edit(series, visits[2]);
  edit.set_local_time("16:30");

  const auto updated = scene.Update(edit);

  REQUIRE(updated.ok());
  const Series& previous = updated.response.previous();
  const Series& tail = updated.response.series();
  CHECK(updated.response.moved_count() == 2);
  CHECK(previous.id() == series.id());
  CHECK(previous.rule() == "FREQ=WEEKLY;COUNT=2");
  CHECK(tail.id() != series.id());
  CHECK(tail.continues_id() == series.id());
  CHECK(tail.rule() == "FREQ=WEEKLY;COUNT=3");
  CHECK(tail.appointment().local_start() == "2027-03-22T16:30");
  CHECK(scene.Get(tail.id()).response.SerializeAsString() == tail.SerializeAsString());
  CHECK(scene.Get(series.id()).response.SerializeAsString() == previous.SerializeAsString());
  CHECK(scene.Starts(series.id()) == Texts{"2027-03-08T09:00", "2027-03-15T09:00"});
  CHECK(scene.Starts(tail.id()) ==
        Texts{"2027-03-22T16:30", "2027-03-30T11:00", "2027-04-05T16:30"});
  visits = scene.Visits(tail.id());
  CHECK(visits[0].series_ordinal() == 1);
  CHECK(visits[1].series_ordinal() == 2);
  CHECK(visits[1].series_exception());
  CHECK(visits[2].series_ordinal() == 3);
}

TEST_CASE("A series of every day for two years is booked, previewed, moved and called off whole",
          "[series][integration]") {
  constexpr int kDays = 731;
  SeriesScene scene;
  const Series form = scene.Form("2027-03-08T09:00", "FREQ=DAILY;UNTIL=20290307T080000Z");
  const auto preview = scene.Preview(form);
  REQUIRE(preview.ok());
  CHECK(preview.response.occurrences_size() == kDays);
  const Series series = scene.Created(form);

  auto edit = scene.Edit(series);
  edit.set_local_time("16:30");
  const auto moved = scene.Update(edit);
  REQUIRE(moved.ok());
  CHECK(moved.response.moved_count() == kDays);

  const auto cancelled = scene.Cancel(series.id());
  REQUIRE(cancelled.ok());
  CHECK(cancelled.response.cancelled_count() == kDays);
  CHECK(scene.Starts(series.id()).empty());
}

TEST_CASE("Each part of a series that was cut can be changed again", "[series][integration]") {
  SeriesScene scene;
  const Series series =
      scene.Created(scene.Form("2027-03-08T09:00", "FREQ=WEEKLY;UNTIL=20270405T070000Z"));
  auto later = scene.Edit(series, scene.Visits(series.id())[2]);
  later.set_local_time("16:30");
  const auto cut = scene.Update(later);
  REQUIRE(cut.ok());
  auto head = scene.Edit(cut.response.previous());
  head.set_local_time("10:00");
  auto tail = scene.Edit(cut.response.series());
  tail.set_local_time("08:00");

  CHECK(scene.Update(head).response.moved_count() == 2);
  CHECK(scene.Update(tail).response.moved_count() == 3);

  CHECK(scene.Starts(series.id()) == Texts{"2027-03-08T10:00", "2027-03-15T10:00"});
  CHECK(scene.Starts(cut.response.series().id()) ==
        Texts{"2027-03-22T08:00", "2027-03-29T08:00", "2027-04-05T08:00"});
}

TEST_CASE("A change from the first appointment on changes the series itself",
          "[series][integration]") {
  SeriesScene scene;
  const Series series = scene.Created(scene.Form());
  auto edit = scene.Edit(series, scene.Visits(series.id())[0]);
  edit.set_local_time("16:30");

  const auto updated = scene.Update(edit);

  REQUIRE(updated.ok());
  CHECK(updated.response.series().id() == series.id());
  CHECK_FALSE(updated.response.has_previous());
  CHECK(updated.response.moved_count() == 5);
}

TEST_CASE("A series one appointment of which cannot move stays where it is",
          "[series][integration]") {
  SeriesScene scene;
  const Series series = scene.Created(scene.Form());
  scene.desk().Booked(AppointmentForm(scene.desk().RegisteredPatient("Eva"), scene.practitioner(),
                                      "2027-03-29T16:45"));
  const std::vector<Appointment> before = scene.Visits(series.id());

  for (auto edit : {scene.Edit(series), scene.Edit(series, before[2])}) {
    edit.set_local_time("16:30");
    const auto updated = scene.Update(edit);
    CHECK(updated.code() == StatusCode::FAILED_PRECONDITION);
    CHECK(updated.reason() == ErrorReason::APPOINTMENT_SERIES_CONFLICT);
    CHECK(updated.metadata("occurrences") == "2027-03-29T16:30 practitioner");
  }
  CHECK(Etags(scene.Visits(series.id())) == Etags(before));
  CHECK(scene.Get(series.id()).response.etag() == series.etag());
  CHECK(scene.CountRows("appointment_series") == 1);
}

TEST_CASE("A series does not stand in its own way", "[series][integration]") {
  SeriesScene scene;
  const Series series = scene.Created(scene.Form());
  auto edit = scene.Edit(series);
  edit.set_local_time("09:10");

  CHECK(scene.Update(edit).ok());
  CHECK(scene.Starts(series.id()).front() == "2027-03-08T09:10");
}

TEST_CASE("A series does not move out of working hours", "[series][integration]") {
  SeriesScene scene;
  const Client owner = scene.server().SignedIn(scene.desk().clinic(), {identity::v1::ROLE_OWNER});
  using ScheduleStub = appointments::v1::ScheduleService::Stub;
  appointments::v1::GetWorkingHoursRequest get;
  get.mutable_owner()->set_kind(appointments::v1::ScheduleOwner::KIND_LOCATION);
  appointments::v1::SetWorkingHoursRequest set;
  *set.mutable_owner() = get.owner();
  appointments::v1::WeeklyHours& monday = *set.add_hours();
  monday.set_weekday(1);
  monday.set_local_from("08:00");
  monday.set_local_to("14:00");
  set.set_etag(owner.Call(owner.schedules(), &ScheduleStub::GetWorkingHours, get).response.etag());
  set.set_request_id(scene.server().RequestId());
  REQUIRE(owner.Call(owner.schedules(), &ScheduleStub::SetWorkingHours, set).ok());
  const Series series = scene.Created(scene.Form());
  auto late = scene.Edit(series);
  late.set_local_time("16:30");
  auto early = scene.Edit(series);
  early.set_local_time("13:30");

  const auto refused = scene.Update(late);

  CHECK(refused.reason() == ErrorReason::APPOINTMENT_SERIES_CONFLICT);
  CHECK(refused.metadata("count") == "5");
  CHECK(scene.Starts(series.id()).front() == "2027-03-08T09:00");
  CHECK(scene.Update(early).ok());
}

TEST_CASE("A chair is given to all appointments of a series", "[series][integration]") {
  SeriesScene scene;
  const Client owner = scene.server().SignedIn(scene.desk().clinic(), {identity::v1::ROLE_OWNER});
  appointments::v1::CreateResourceRequest chair;
  chair.mutable_resource()->set_kind(appointments::v1::RESOURCE_KIND_CHAIR);
  chair.mutable_resource()->set_name("1");
  chair.set_request_id(scene.server().RequestId());
  const auto made = owner.Call(owner.resources(),
                               &appointments::v1::ResourceService::Stub::CreateResource, chair);
  REQUIRE(made.ok());
  const Series series = scene.Created(scene.Form());
  auto edit = scene.Edit(series);
  for (const auto& [kind, id] :
       {std::pair(appointments::v1::RESOURCE_KIND_PRACTITIONER, scene.practitioner()),
        std::pair(appointments::v1::RESOURCE_KIND_CHAIR, made.response.id())}) {
    appointments::v1::Allocation& part = *edit.mutable_allocations()->add_allocations();
    part.set_kind(kind);
    part.set_resource_id(id);
  }

  const auto updated = scene.Update(edit);

  REQUIRE(updated.ok());
  CHECK(updated.response.series().appointment().allocations_size() == 2);
  for (const Appointment& visit : scene.Visits(series.id())) {
    CHECK(visit.allocations_size() == 2);
    CHECK(visit.local_start().substr(10) == "T09:00");
  }
  CHECK(scene.CountRows("occupancies") == 15);
}

TEST_CASE("A cancelled series frees what is to come, and keeps what is over",
          "[series][integration]") {
  SeriesScene scene;
  const Series series = scene.Created(scene.Form());
  REQUIRE(scene.Move(scene.Visits(series.id())[3], "2027-03-30T11:00").ok());
  scene.Begin(scene.Visits(series.id())[0]);

  const auto cancelled = scene.Cancel(series.id());

  REQUIRE(cancelled.ok());
  CHECK(cancelled.response.cancelled_count() == 4);
  CHECK(cancelled.response.series().state() == Series::STATE_CANCELLED);
  CHECK(scene.Starts(series.id()) == Texts{"2027-03-08T09:00"});
  const std::vector<Appointment> visits = scene.Visits(series.id());
  CHECK(visits[3].state() == Appointment::STATE_CANCELLED);
  CHECK(visits[4].cancelled_by() == appointments::v1::CANCELLED_BY_PATIENT);
  CHECK(visits[4].cancel_reason() == "moved away");
  CHECK_FALSE(visits[4].cancelled_late());
  for (const char* start : {"2027-03-15T09:00", "2027-03-30T11:00"}) {
    CHECK(scene.desk().Book(AppointmentForm(scene.patient(), scene.practitioner(), start)).ok());
  }
  CHECK(scene.Cancel(series.id()).reason() == ErrorReason::SERIES_OVER);
}

TEST_CASE("A series that is cancelled from one appointment on ends before it",
          "[series][integration]") {
  SeriesScene scene;
  const Series series = scene.Created(scene.Form());
  const std::string third = scene.Visits(series.id())[2].id();

  const auto cancelled = scene.Cancel(series.id(), third, series.etag());

  REQUIRE(cancelled.ok());
  CHECK(cancelled.response.cancelled_count() == 3);
  CHECK(cancelled.response.series().state() == Series::STATE_ACTIVE);
  CHECK(cancelled.response.series().rule() == "FREQ=WEEKLY;COUNT=2");
  CHECK(scene.Starts(series.id()) == Texts{"2027-03-08T09:00", "2027-03-15T09:00"});
  auto edit = scene.Edit(cancelled.response.series());
  edit.set_local_time("10:00");
  CHECK(scene.Update(edit).response.moved_count() == 2);
}

TEST_CASE("A series that has changed is not changed by who has not seen that",
          "[series][integration]") {
  SeriesScene scene;
  const Series series = scene.Created(scene.Form());
  auto edit = scene.Edit(series);
  edit.set_local_time("10:00");
  REQUIRE(scene.Update(edit).ok());

  auto stale = scene.Edit(series);
  stale.set_local_time("11:00");
  CHECK(scene.Update(stale).code() == StatusCode::ABORTED);
  CHECK(scene.Update(stale).reason() == ErrorReason::ETAG_MISMATCH);
  CHECK(scene.Cancel(series.id(), "", series.etag()).reason() == ErrorReason::ETAG_MISMATCH);
  CHECK(scene.Starts(series.id()).front() == "2027-03-08T10:00");
}

TEST_CASE("A change of a series says what it is about, and what changes", "[series][integration]") {
  SeriesScene scene;
  const Series series = scene.Created(scene.Form());
  const Appointment alone = scene.desk().Booked(
      AppointmentForm(scene.patient(), scene.practitioner(), "2027-03-10T09:00"));
  auto nothing = scene.Edit(series);
  auto no_first = scene.Edit(series);
  no_first.set_scope(appointments::v1::SERIES_SCOPE_THIS_AND_FOLLOWING);
  no_first.set_local_time("10:00");
  auto first_of_all = scene.Edit(series, scene.Visits(series.id())[1]);
  first_of_all.set_scope(appointments::v1::SERIES_SCOPE_ALL_FUTURE);
  first_of_all.set_local_time("10:00");
  auto no_time = scene.Edit(series);
  no_time.set_local_time("25:00");
  auto stranger = scene.Edit(series, alone);
  stranger.set_local_time("10:00");

  CHECK(scene.Update(nothing).fields() == Texts{"local_time"});
  CHECK(scene.Update(no_first).fields() == Texts{"appointment_id"});
  CHECK(scene.Update(first_of_all).fields() == Texts{"appointment_id"});
  CHECK(scene.Update(no_time).fields() == Texts{"local_time"});
  CHECK(scene.Update(stranger).reason() == ErrorReason::APPOINTMENT_NOT_FOUND);
  CHECK(scene.Cancel(series.id(), alone.id()).reason() == ErrorReason::APPOINTMENT_NOT_FOUND);
}

TEST_CASE("A series of which nothing is to come cannot be changed", "[series][integration]") {
  SeriesScene scene;
  const Series series = scene.Created(scene.Form("2027-03-08T06:30", "FREQ=DAILY;COUNT=2"));
  for (const Appointment& visit : scene.Visits(series.id())) scene.Begin(visit);
  auto edit = scene.Edit(series);
  edit.set_local_time("10:00");

  CHECK(scene.Update(edit).code() == StatusCode::FAILED_PRECONDITION);
  CHECK(scene.Update(edit).reason() == ErrorReason::SERIES_OVER);
}

TEST_CASE("Each change of a series leaves an event at each appointment that changed",
          "[series][integration]") {
  SeriesScene scene;
  const Series series = scene.Created(scene.Form());
  auto edit = scene.Edit(series);
  edit.set_local_time("10:00");
  edit.set_reason("school");
  REQUIRE(scene.Update(edit).ok());
  REQUIRE(scene.Cancel(series.id()).ok());
  appointments::v1::ListAppointmentEventsRequest request;
  request.set_appointment_id(scene.Visits(series.id())[1].id());
  const Client& client = scene.desk().client();

  const auto events =
      client.Call(client.appointments(), &AppointmentService::Stub::ListAppointmentEvents, request);

  REQUIRE(events.response.events_size() == 3);
  CHECK(events.response.events(1).kind() == appointments::v1::AppointmentEvent::KIND_RESCHEDULED);
  CHECK(events.response.events(1).local_start() == "2027-03-15T10:00");
  CHECK(events.response.events(1).reason() == "school");
  CHECK(events.response.events(2).kind() == appointments::v1::AppointmentEvent::KIND_CANCELLED);
}

}  // namespace
}  // namespace clinicd::testing
