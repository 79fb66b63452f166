#include <catch2/catch.hpp>
#include <sstream>
#include <string>

#include "absl/strings/numbers.h"
#include "tests/support/front_desk.h"

namespace clinicd::testing {
namespace {

// How often the server went to the database for all calls of a method so far.
double RoundTrips(TestServer& server, const std::string& method) {
  std::istringstream lines(server.metrics().Exposition());
  std::string line;
  while (std::getline(lines, line)) {
    const bool sum = line.rfind("clinicd_call_db_round_trips_sum", 0) == 0;
    if (!sum || line.find("\"" + method + "\"") == std::string::npos) continue;
    double value = 0;
    REQUIRE(absl::SimpleAtod(line.substr(line.rfind(' ') + 1), &value));
    return value;
  }
  return 0;
}

// A number of the whole server; below zero: it shows none of that name.
double Number(TestServer& server, const std::string& name) {
  std::istringstream lines(server.metrics().Exposition());
  std::string line;
  while (std::getline(lines, line)) {
    if (line.rfind(name + " ", 0) != 0) continue;
    double value = 0;
    REQUIRE(absl::SimpleAtod(line.substr(name.size() + 1), &value));
    return value;
  }
  return -1;
}

// How often it went there for one call, which `call` makes.
template <typename Call>
double RoundTripsOf(TestServer& server, const std::string& method, const Call& call) {
  const double before = RoundTrips(server, method);
  call();
  return RoundTrips(server, method) - before;
}

TEST_CASE("A read of one statement is one round trip to the database, its trace included",
          "[performance][integration]") {
  TestServer server;
  const FrontDesk desk(server, "a");
  const std::string patient = desk.RegisteredPatient();
  const auto booked =
      desk.Booked(AppointmentForm(patient, desk.AddPractitioner(), "2027-03-29T09:00"));

  REQUIRE(desk.GetPatient(patient).ok());
  REQUIRE(desk.GetAppointment(booked.id()).ok());
  REQUIRE(desk.Day(2027, 3, 29).ok());
  REQUIRE(desk.Found("ana li").size() == 1);
  const Client owner = server.SignedIn(desk.clinic(), {identity::v1::ROLE_OWNER});
  REQUIRE(owner
              .Call(owner.audit(), &audit::v1::AuditService::Stub::ListEvents,
                    audit::v1::ListEventsRequest())
              .ok());

  CHECK(RoundTrips(server, "clinicd.patients.v1.PatientService/GetPatient") == 1);
  CHECK(RoundTrips(server, "clinicd.patients.v1.PatientService/SearchPatients") == 1);
  CHECK(RoundTrips(server, "clinicd.appointments.v1.AppointmentService/GetAppointment") == 1);
  CHECK(RoundTrips(server, "clinicd.appointments.v1.AppointmentService/ListAppointments") == 1);
  CHECK(RoundTrips(server, "clinicd.audit.v1.AuditService/ListEvents") == 1);
}

TEST_CASE("What a server has to do is seen from outside", "[operation][integration]") {
  TestServer server;
  const FrontDesk desk(server, "a");

  const std::string patient = desk.RegisteredPatient();
  const double misses = Number(server, "clinicd_token_cache_misses_total");
  const double hits = Number(server, "clinicd_token_cache_hits_total");
  REQUIRE(desk.GetPatient(patient).ok());

  CHECK(misses >= 1);
  CHECK(Number(server, "clinicd_token_cache_misses_total") == misses);
  CHECK(Number(server, "clinicd_token_cache_hits_total") == hits + 1);
  CHECK(Number(server, "clinicd_db_connects_total") >= 1);
  CHECK(Number(server, "clinicd_queue_depth") == 0);
  // The one just answered may still be tidying up.
  CHECK(Number(server, "clinicd_calls_in_flight") >= 0);
}

TEST_CASE("A change is one round trip for each statement that it waits for, and one to commit",
          "[performance][integration]") {
  TestServer server;
  const FrontDesk desk(server, "a");
  const std::string patients = "clinicd.patients.v1.PatientService/";
  const std::string appointments = "clinicd.appointments.v1.AppointmentService/";
  // The clinic's first patient makes its keys.
  desk.RegisteredPatient();
  patients::v1::Patient patient;
  const auto update = [&] {
    const auto reply = desk.Update(patient, {"phone"});
    REQUIRE(reply.ok());
    patient = reply.response;
  };

  // With the patient's key, which is made then.
  CHECK(RoundTripsOf(server, patients + "CreatePatient",
                     [&] { patient = desk.Register(PatientForm()).response; }) == 3);
  // The key comes with the first statement, and is at hand afterwards.
  CHECK(RoundTripsOf(server, patients + "UpdatePatient", update) == 3);
  CHECK(RoundTripsOf(server, patients + "UpdatePatient", update) == 3);
  appointments::v1::Appointment booked;
  const auto form = AppointmentForm(patient.id(), desk.AddPractitioner(), "2027-03-29T09:00");
  CHECK(RoundTripsOf(server, appointments + "CreateAppointment",
                     [&] { booked = desk.Booked(form); }) == 2);
  // With what is free instead; the trace rides with the rollback.
  CHECK(RoundTripsOf(server, appointments + "CreateAppointment", [&] {
          CHECK(desk.Book(form).reason() == ErrorReason::APPOINTMENT_SLOT_TAKEN);
        }) == 3);
  CHECK(RoundTripsOf(server, appointments + "CancelAppointment",
                     [&] { REQUIRE(desk.Cancel(booked.id()).ok()); }) == 2);
}

TEST_CASE("Hours cost a booking no round trip, and a search of weeks is one",
          "[performance][integration]") {
  TestServer server;
  const FrontDesk desk(server, "a");
  const std::string practitioner = desk.AddPractitioner();
  const std::string patient = desk.RegisteredPatient();
  appointments::v1::SetWorkingHoursRequest hours;
  hours.mutable_owner()->set_kind(appointments::v1::ScheduleOwner::KIND_PRACTITIONER);
  hours.mutable_owner()->set_id(practitioner);
  appointments::v1::WeeklyHours& monday = *hours.add_hours();
  monday.set_weekday(1);
  monday.set_local_from("09:00");
  monday.set_local_to("14:00");
  hours.set_etag("\"none\"");
  hours.set_request_id(server.RequestId());
  appointments::v1::FindSlotsRequest search;
  search.set_duration_minutes(30);
  search.set_patient_id(patient);
  search.mutable_first_date()->set_year(2027);
  search.mutable_first_date()->set_month(3);
  search.mutable_first_date()->set_day(29);
  *search.mutable_last_date() = search.first_date();
  search.mutable_last_date()->set_month(4);
  const Client& client = desk.client();
  using Stub = appointments::v1::ScheduleService::Stub;

  REQUIRE(client.Call(client.schedules(), &Stub::SetWorkingHours, hours).ok());
  // Fetches the patient's key.
  desk.Booked(AppointmentForm(patient, practitioner, "2027-04-12T09:00"));
  const double trips = RoundTripsOf(
      server, "clinicd.appointments.v1.AppointmentService/CreateAppointment",
      [&] { desk.Booked(AppointmentForm(patient, practitioner, "2027-03-29T09:00")); });
  const auto found = client.Call(client.schedules(), &Stub::FindSlots, search);

  REQUIRE(found.response.openings_size() == 20);
  CHECK(trips == 2);
  CHECK(RoundTrips(server, "clinicd.appointments.v1.ScheduleService/FindSlots") == 1);
}

TEST_CASE("A series of any length is booked in as many round trips as a short one",
          "[performance][integration]") {
  TestServer server;
  const FrontDesk desk(server, "a");
  appointments::v1::CreateSeriesRequest request;
  *request.mutable_series()->mutable_appointment() =
      AppointmentForm(desk.RegisteredPatient(), desk.AddPractitioner(), "2027-03-29T09:00");
  request.mutable_series()->set_rule("FREQ=WEEKLY;COUNT=52");
  request.set_request_id(server.RequestId());

  REQUIRE(desk.client()
              .Call(desk.client().series(), &appointments::v1::SeriesService::Stub::CreateSeries,
                    request)
              .ok());

  // What is taken, the series with all that it takes, the patient's key, and the commit.
  CHECK(RoundTrips(server, "clinicd.appointments.v1.SeriesService/CreateSeries") == 4);
}

TEST_CASE("Who could come in a free time is found in one round trip",
          "[performance][integration]") {
  TestServer server;
  const FrontDesk desk(server, "a");
  appointments::v1::FindWaitlistMatchesRequest request;
  request.mutable_time()->set_practitioner_id(desk.AddPractitioner());
  request.mutable_time()->set_local_start("2027-03-29T09:00");
  request.mutable_time()->set_duration_minutes(30);

  REQUIRE(desk.client()
              .Call(desk.client().waitlist(),
                    &appointments::v1::WaitlistService::Stub::FindWaitlistMatches, request)
              .ok());

  CHECK(RoundTrips(server, "clinicd.appointments.v1.WaitlistService/FindWaitlistMatches") == 1);
}

TEST_CASE("A day of the diary is one round trip, and so is the waiting room",
          "[performance][integration]") {
  TestServer server;
  const FrontDesk desk(server, "a");
  desk.Booked(
      AppointmentForm(desk.RegisteredPatient(), desk.AddPractitioner(), "2027-03-29T09:00"));
  appointments::v1::GetDiaryRequest request;
  request.set_grouping(appointments::v1::GetDiaryRequest::GROUPING_PRACTITIONER);
  request.mutable_first_date()->set_year(2027);
  request.mutable_first_date()->set_month(3);
  request.mutable_first_date()->set_day(29);
  const Client& client = desk.client();
  using Stub = appointments::v1::DiaryService::Stub;

  const auto diary = client.Call(client.diaries(), &Stub::GetDiary, request);
  const auto room = client.Call(client.diaries(), &Stub::GetWaitingRoom,
                                appointments::v1::GetWaitingRoomRequest());

  REQUIRE(diary.response.visits_size() == 1);
  REQUIRE(room.ok());
  CHECK(RoundTrips(server, "clinicd.appointments.v1.DiaryService/GetDiary") == 1);
  CHECK(RoundTrips(server, "clinicd.appointments.v1.DiaryService/GetWaitingRoom") == 1);
}

}  // namespace
}  // namespace clinicd::testing
