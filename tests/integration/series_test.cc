// Booking appointments that recur, through the whole server.
#include <algorithm>
#include <array>
#include <atomic>
#include <catch2/catch.hpp>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/integration/series_scene.h"

namespace clinicd::testing {
namespace {

using appointments::v1::Series;
using appointments::v1::SERIES_CONFLICT_POLICY_SKIP;
using appointments::v1::SeriesOccurrence;
using grpc::StatusCode;
using Texts = std::vector<std::string>;

const Texts kMondays = {"2027-03-08T09:00", "2027-03-15T09:00", "2027-03-22T09:00",
                        "2027-03-29T09:00", "2027-04-05T09:00"};

TEST_CASE("A series books all its appointments, at one time of day over the change of clocks",
          "[series][integration]") {
  SeriesScene scene;
  Series form = scene.Form();
  form.mutable_appointment()->set_reason("physiotherapy");

  const auto created = scene.Create(form);

  REQUIRE(created.ok());
  CHECK(created.response.booked_count() == 5);
  CHECK(created.response.skipped().empty());
  CHECK(created.response.shifted().empty());
  const Series& series = created.response.series();
  CHECK(series.rule() == "FREQ=WEEKLY;COUNT=5");
  CHECK(series.state() == Series::STATE_ACTIVE);
  CHECK(scene.Get(series.id()).response.SerializeAsString() == series.SerializeAsString());
  const std::vector<Appointment> visits = scene.Visits(series.id());
  REQUIRE(visits.size() == 5);
  CHECK(scene.Starts(series.id()) == kMondays);
  CHECK(visits[0].start_time().seconds() == 1804492800);  // 2027-03-08T08:00:00Z
  CHECK(visits[3].start_time().seconds() == 1806303600);  // 2027-03-29T07:00:00Z
  for (std::size_t i = 0; i < visits.size(); ++i) {
    CHECK(visits[i].series_id() == series.id());
    CHECK(visits[i].series_ordinal() == static_cast<int>(i) + 1);
    CHECK_FALSE(visits[i].series_exception());
    CHECK(visits[i].state() == Appointment::STATE_BOOKED);
    CHECK(visits[i].reason() == "physiotherapy");
    CHECK(scene.desk().GetAppointment(visits[i].id()).response.SerializeAsString() ==
          visits[i].SerializeAsString());
  }
  CHECK(scene.desk().Day(2027, 3, 29).response.appointments_size() == 1);
}

TEST_CASE("Each appointment of a series has its event, and tells those who watch",
          "[series][integration]") {
  SeriesScene scene;

  scene.Created(scene.Form());

  CHECK(scene.CountRows("appointment_events") == 5);
  CHECK(scene.CountRows("changes") == 5);
  CHECK(scene.CountRows("occupancies") == 10);
}

TEST_CASE("The trail of a series names it once, before and after", "[series][integration]") {
  SeriesScene scene;
  const Series series = scene.Created(scene.Form());
  REQUIRE(scene.Cancel(series.id()).ok());

  const std::vector<audit::v1::Event> trail = scene.desk().Trail();

  REQUIRE(trail.size() >= 2);
  CHECK(trail[0].entity_type() == "appointment_series");
  CHECK(trail[0].entity_id() == series.id());
  CHECK(trail[0].patient_id() == scene.patient());
  CHECK(trail[0].before().fields().at("state").string_value() == "STATE_ACTIVE");
  CHECK(trail[0].after().fields().at("state").string_value() == "STATE_CANCELLED");
  CHECK(trail[1].entity_id() == series.id());
  CHECK(trail[1].after().fields().at("rule").string_value() == "FREQ=WEEKLY;COUNT=5");
}

TEST_CASE("A look at a series is in the trail of its patient", "[series][integration]") {
  SeriesScene scene;
  const Series series = scene.Created(scene.Form());
  REQUIRE(scene.Get(series.id()).ok());
  REQUIRE_FALSE(scene.Get(scene.server().RequestId()).ok());

  const std::vector<audit::v1::Event> trail = scene.desk().Trail();

  REQUIRE(trail.size() >= 2);
  CHECK(trail[0].entity_type() == "appointment_series");
  CHECK(trail[0].outcome() == "SERIES_NOT_FOUND");
  CHECK(trail[0].patient_id().empty());
  CHECK(trail[1].entity_type() == "appointment_series");
  CHECK(trail[1].entity_id() == series.id());
  CHECK(trail[1].outcome() == "OK");
  CHECK(trail[1].patient_id() == scene.patient());
}

TEST_CASE("A series keeps what is excluded free", "[series][integration]") {
  SeriesScene scene;
  Series form = scene.Form();
  form.add_excluded_starts("2027-03-15T09:00");

  const Series series = scene.Created(form);

  CHECK(scene.Starts(series.id()) ==
        Texts{"2027-03-08T09:00", "2027-03-22T09:00", "2027-03-29T09:00", "2027-04-05T09:00"});
  CHECK(scene.Visits(series.id())[1].series_ordinal() == 3);
  CHECK(scene.desk()
            .Book(AppointmentForm(scene.patient(), scene.practitioner(), "2027-03-15T09:00"))
            .ok());
}

TEST_CASE("An appointment of a series that clocks jump over is later, and the answer says so",
          "[series][integration]") {
  SeriesScene scene;

  const auto created = scene.Create(scene.Form("2027-03-27T02:30", "FREQ=DAILY;COUNT=3"));

  REQUIRE(created.ok());
  REQUIRE(created.response.shifted_size() == 1);
  CHECK(created.response.shifted(0).local_start() == "2027-03-28T02:30");
  CHECK(created.response.shifted(0).start_time().seconds() == 1806197400);  // 01:30:00Z
  const std::vector<Appointment> visits = scene.Visits(created.response.series().id());
  CHECK(visits[1].local_start() == "2027-03-28T03:30");
  CHECK(visits[2].local_start() == "2027-03-29T02:30");
}

TEST_CASE("A preview says what is taken by what, and writes nothing", "[series][integration]") {
  SeriesScene scene;
  const std::string other = scene.desk().RegisteredPatient("Eva");
  scene.desk().Booked(AppointmentForm(other, scene.practitioner(), "2027-03-15T09:15"));
  scene.desk().Booked(
      AppointmentForm(scene.patient(), scene.desk().AddPractitioner(), "2027-03-29T08:45"));
  scene.desk().Booked(AppointmentForm(other, scene.practitioner(), "2027-04-05T09:30"));
  const int booked = scene.CountRows("appointments");

  const auto preview = scene.Preview(scene.Form());

  REQUIRE(preview.ok());
  REQUIRE(preview.response.occurrences_size() == 5);
  Texts taken;
  for (const SeriesOccurrence& occurrence : preview.response.occurrences()) {
    CHECK(occurrence.available() == occurrence.taken().empty());
    taken.push_back(occurrence.taken());
  }
  CHECK(taken == Texts{"", "practitioner", "", "patient", ""});
  CHECK(preview.response.occurrences(1).ordinal() == 2);
  CHECK(preview.response.occurrences(1).local_start() == "2027-03-15T09:00");
  CHECK(scene.CountRows("appointments") == booked);
  CHECK(scene.CountRows("appointment_series") == 0);
}

TEST_CASE("A series one time of which is taken books nothing, and names each one that is",
          "[series][integration]") {
  SeriesScene scene;
  const std::string other = scene.desk().RegisteredPatient("Eva");
  for (const char* start : {"2027-03-15T09:15", "2027-03-29T09:00"}) {
    scene.desk().Booked(AppointmentForm(other, scene.practitioner(), start));
  }

  const auto created = scene.Create(scene.Form());

  CHECK(created.code() == StatusCode::FAILED_PRECONDITION);
  CHECK(created.reason() == ErrorReason::APPOINTMENT_SERIES_CONFLICT);
  CHECK(created.metadata("count") == "2");
  CHECK(created.metadata("occurrences") ==
        "2027-03-15T09:00 practitioner;2027-03-29T09:00 practitioner");
  CHECK(scene.CountRows("appointment_series") == 0);
  CHECK(scene.CountRows("appointments") == 2);
}

TEST_CASE("Of many times that are taken, an error names the first 50", "[series][integration]") {
  SeriesScene scene;
  scene.Created(scene.Form("2027-03-08T09:00", "FREQ=DAILY;COUNT=60"));

  const auto again = scene.Create(scene.Form("2027-03-08T09:00", "FREQ=DAILY;COUNT=60"));

  CHECK(again.reason() == ErrorReason::APPOINTMENT_SERIES_CONFLICT);
  CHECK(again.metadata("count") == "60");
  const std::string named = again.metadata("occurrences");
  CHECK(std::count(named.begin(), named.end(), ';') == 49);
}

TEST_CASE("A series that may skip leaves out what is taken, and says so", "[series][integration]") {
  SeriesScene scene;
  scene.desk().Booked(AppointmentForm(scene.desk().RegisteredPatient("Eva"), scene.practitioner(),
                                      "2027-03-15T09:15"));

  const auto created = scene.Create(scene.Form(), SERIES_CONFLICT_POLICY_SKIP);

  REQUIRE(created.ok());
  CHECK(created.response.booked_count() == 4);
  REQUIRE(created.response.skipped_size() == 1);
  CHECK(created.response.skipped(0).local_start() == "2027-03-15T09:00");
  CHECK(created.response.skipped(0).taken() == "practitioner");
  const Series& series = created.response.series();
  REQUIRE(series.excluded_starts_size() == 1);
  CHECK(series.excluded_starts(0) == "2027-03-15T09:00");
  CHECK(scene.Visits(series.id()).size() == 4);
  CHECK(scene.Create(scene.Form(), SERIES_CONFLICT_POLICY_SKIP).reason() ==
        ErrorReason::APPOINTMENT_SERIES_CONFLICT);
}

TEST_CASE("A series that would overlap itself is not booked", "[series][integration]") {
  SeriesScene scene;
  Series form = scene.Form("2027-03-08T09:00", "FREQ=DAILY;COUNT=3");
  form.mutable_appointment()->set_duration_minutes(1440);
  form.mutable_appointment()->set_buffer_after_minutes(30);

  const auto created = scene.Create(form);

  CHECK(created.reason() == ErrorReason::APPOINTMENT_SERIES_CONFLICT);
  CHECK(scene.CountRows("appointments") == 0);
}

TEST_CASE("A hold stands in the way of a series until it expires", "[series][integration]") {
  SeriesScene scene;
  appointments::v1::HoldSlotRequest hold;
  hold.mutable_hold()->set_practitioner_id(scene.practitioner());
  hold.mutable_hold()->set_local_start("2027-03-15T09:00");
  hold.mutable_hold()->set_duration_minutes(30);
  hold.set_request_id(scene.server().RequestId());
  const Client& client = scene.desk().client();
  REQUIRE(
      client
          .Call(client.appointments(), &appointments::v1::AppointmentService::Stub::HoldSlot, hold)
          .ok());

  CHECK(scene.Create(scene.Form()).reason() == ErrorReason::APPOINTMENT_SERIES_CONFLICT);
  scene.Execute(
      "UPDATE clinicd.holds SET created_at = now() - interval '6 minutes', "
      "expires_at = now() - interval '1 minute'");
  CHECK(scene.Preview(scene.Form()).response.occurrences(1).available());
  CHECK(scene.Create(scene.Form()).ok());
}

TEST_CASE("A series is booked and moved within working hours", "[series][integration]") {
  SeriesScene scene;
  const Client owner = scene.server().SignedIn(scene.desk().clinic(), {identity::v1::ROLE_OWNER});
  appointments::v1::CreateScheduleExceptionRequest closure;
  appointments::v1::ScheduleException& holiday = *closure.mutable_exception();
  holiday.mutable_owner()->set_kind(appointments::v1::ScheduleOwner::KIND_CLINIC);
  holiday.set_kind(appointments::v1::ScheduleException::KIND_CLOSED);
  holiday.mutable_first_date()->set_year(2027);
  holiday.mutable_first_date()->set_month(3);
  holiday.mutable_first_date()->set_day(29);
  holiday.set_reason("Easter");
  closure.set_request_id(scene.server().RequestId());
  REQUIRE(owner
              .Call(owner.schedules(),
                    &appointments::v1::ScheduleService::Stub::CreateScheduleException, closure)
              .ok());

  const auto preview = scene.Preview(scene.Form());
  const auto failed = scene.Create(scene.Form());
  const auto created = scene.Create(scene.Form(), SERIES_CONFLICT_POLICY_SKIP);

  CHECK(preview.response.occurrences(2).available());
  CHECK_FALSE(preview.response.occurrences(3).available());
  CHECK(preview.response.occurrences(3).taken() == "hours");
  CHECK(failed.reason() == ErrorReason::APPOINTMENT_SERIES_CONFLICT);
  CHECK(failed.metadata("occurrences") == "2027-03-29T09:00 hours");
  REQUIRE(created.ok());
  CHECK(created.response.booked_count() == 4);
  const Series daily = scene.Created(scene.Form("2027-03-26T12:00", "FREQ=DAILY;COUNT=3"));
  CHECK(scene.Create(scene.Form("2027-03-28T12:00", "FREQ=DAILY;COUNT=2")).reason() ==
        ErrorReason::APPOINTMENT_SERIES_CONFLICT);
  CHECK(daily.state() == Series::STATE_ACTIVE);
}

TEST_CASE("A series is booked once, however often it is asked for under one request id",
          "[series][integration]") {
  SeriesScene scene;
  appointments::v1::CreateSeriesRequest request;
  *request.mutable_series() = scene.Form();
  request.set_request_id(scene.server().RequestId());
  const Client& client = scene.desk().client();

  const auto first = client.Call(client.series(), &SeriesService::Stub::CreateSeries, request);
  const auto second = client.Call(client.series(), &SeriesService::Stub::CreateSeries, request);

  REQUIRE(first.ok());
  CHECK(second.response.SerializeAsString() == first.response.SerializeAsString());
  CHECK(scene.CountRows("appointments") == 5);
}

TEST_CASE("Of many who book the same series at once, one gets it, and no other a part of it",
          "[series][integration]") {
  SeriesScene scene;
  std::array<std::string, 6> patients;
  for (std::string& patient : patients) patient = scene.desk().RegisteredPatient();
  std::atomic<int> booked = 0;
  std::atomic<int> refused = 0;
  std::vector<std::thread> threads;
  for (const std::string& patient : patients) {
    threads.emplace_back([&scene, &booked, &refused, &patient] {
      Series form = scene.Form("2027-03-08T09:00", "FREQ=DAILY;COUNT=30");
      form.mutable_appointment()->set_patient_id(patient);
      const auto created = scene.Create(form);
      if (created.ok()) ++booked;
      if (created.reason() == ErrorReason::APPOINTMENT_SERIES_CONFLICT) ++refused;
    });
  }
  for (std::thread& thread : threads) thread.join();

  CHECK(booked == 1);
  CHECK(refused == 5);
  CHECK(scene.CountRows("appointments") == 30);
}

TEST_CASE("What a series may not be is refused at its field", "[series][integration]") {
  SeriesScene scene;
  Series off_rule = scene.Form("2027-03-09T09:00", "FREQ=WEEKLY;BYDAY=MO;COUNT=5");
  Series bad_start = scene.Form("2027-02-30T09:00");
  Series bad_excluded = scene.Form();
  bad_excluded.add_excluded_starts("2027-03-15");
  Series nothing_left = scene.Form("2027-03-08T09:00", "FREQ=WEEKLY;COUNT=1");
  nothing_left.add_excluded_starts("2027-03-08T09:00");
  const std::vector<std::pair<Series, std::string>> table = {
      {off_rule, "series.appointment.local_start"},
      {bad_start, "series.appointment.local_start"},
      {bad_excluded, "series.excluded_starts[0]"},
      {nothing_left, "series.excluded_starts"},
      {scene.Form("2027-03-08T09:00", "weekly"), "series.rule"}};

  for (const auto& [form, field] : table) {
    CAPTURE(field, form.rule());
    const auto created = scene.Create(form);
    CHECK(created.code() == StatusCode::INVALID_ARGUMENT);
    CHECK(created.reason() == ErrorReason::VALIDATION_FAILED);
    CHECK(created.fields() == Texts{field});
    CHECK(scene.Preview(form).fields() == Texts{field});
  }
  const auto yearly = scene.Create(scene.Form("2027-03-08T09:00", "FREQ=YEARLY;COUNT=2"));
  CHECK(yearly.reason() == ErrorReason::RRULE_UNSUPPORTED);
}

TEST_CASE("A series takes only what the clinic has and uses", "[series][integration]") {
  SeriesScene scene;
  const FrontDesk other(scene.server(), "luna");
  Series no_patient = scene.Form();
  no_patient.mutable_appointment()->set_patient_id(other.RegisteredPatient());
  Series no_practitioner = scene.Form();
  no_practitioner.mutable_appointment()->set_practitioner_id(other.AddPractitioner());
  Series inactive = scene.Form();
  inactive.mutable_appointment()->set_practitioner_id(scene.desk().AddPractitioner(false));
  Series no_chair = scene.Form();
  for (const auto kind :
       {appointments::v1::RESOURCE_KIND_PRACTITIONER, appointments::v1::RESOURCE_KIND_CHAIR}) {
    appointments::v1::Allocation& part = *no_chair.mutable_appointment()->add_allocations();
    part.set_kind(kind);
    part.set_resource_id(scene.practitioner());
  }
  const std::vector<std::pair<Series, ErrorReason>> table = {
      {no_patient, ErrorReason::PATIENT_NOT_FOUND},
      {no_practitioner, ErrorReason::PRACTITIONER_NOT_FOUND},
      {inactive, ErrorReason::PRACTITIONER_INACTIVE}};

  for (const auto& [form, reason] : table) {
    CAPTURE(reason);
    CHECK(scene.Create(form).reason() == reason);
    CHECK(scene.Create(form, SERIES_CONFLICT_POLICY_SKIP).reason() == reason);
    CHECK(scene.Preview(form).reason() == reason);
  }
  // A practitioner is no chair, and cannot be in two parts at once.
  CHECK(scene.Create(no_chair).fields() == Texts{"series.appointment.allocations[1].resource_id"});
  CHECK(scene.CountRows("appointment_series") == 0);
}

TEST_CASE("A series of another clinic looks like one that does not exist",
          "[series][integration]") {
  SeriesScene scene;
  const Series series = scene.Created(scene.Form());
  const std::string visit = scene.Visits(series.id()).front().id();
  const Client stranger =
      scene.server().SignedIn(scene.server().AddClinic("luna"), {identity::v1::ROLE_RECEPTIONIST});

  for (const std::string& id : {series.id(), scene.server().RequestId()}) {
    appointments::v1::GetSeriesRequest get;
    get.set_id(id);
    CHECK(stranger.Call(stranger.series(), &SeriesService::Stub::GetSeries, get).reason() ==
          ErrorReason::SERIES_NOT_FOUND);
    appointments::v1::ListSeriesAppointmentsRequest list;
    list.set_series_id(id);
    CHECK(stranger.Call(stranger.series(), &SeriesService::Stub::ListSeriesAppointments, list)
              .response.appointments()
              .empty());
    appointments::v1::CancelSeriesRequest cancel;
    cancel.set_id(id);
    cancel.set_scope(appointments::v1::SERIES_SCOPE_THIS_AND_FOLLOWING);
    cancel.set_appointment_id(visit);
    cancel.set_cancelled_by(appointments::v1::CANCELLED_BY_CLINIC);
    cancel.set_reason("closed");
    cancel.set_request_id(scene.server().RequestId());
    CHECK(stranger.Call(stranger.series(), &SeriesService::Stub::CancelSeries, cancel).reason() ==
          ErrorReason::SERIES_NOT_FOUND);
  }
  CHECK(scene.Starts(series.id()) == kMondays);
}

TEST_CASE("The appointments of a series come in pages", "[series][integration]") {
  SeriesScene scene;
  const Series series = scene.Created(scene.Form());
  appointments::v1::ListSeriesAppointmentsRequest request;
  request.set_series_id(series.id());
  request.set_page_size(2);
  const Client& client = scene.desk().client();

  Texts starts;
  do {
    const auto page =
        client.Call(client.series(), &SeriesService::Stub::ListSeriesAppointments, request);
    REQUIRE(page.ok());
    CHECK(page.response.appointments_size() <= 2);
    for (const Appointment& visit : page.response.appointments()) {
      starts.push_back(visit.local_start());
    }
    request.set_page_token(page.response.next_page_token());
  } while (!request.page_token().empty());

  CHECK(starts == kMondays);
}

}  // namespace
}  // namespace clinicd::testing
