#include <catch2/catch.hpp>

#include "tests/support/front_desk.h"
#include "tests/support/local_time.h"

namespace clinicd::testing {
namespace {

using appointments::v1::Appointment;
using appointments::v1::AppointmentService;

std::vector<std::string> Starts(const appointments::v1::ListAppointmentsResponse& day) {
  std::vector<std::string> starts;
  for (const Appointment& appointment : day.appointments()) {
    starts.push_back(appointment.local_start());
  }
  return starts;
}

TEST_CASE("A booked appointment can be read, with the patient's name",
          "[appointments][integration]") {
  TestServer server;
  const FrontDesk desk(server, "a");
  Appointment form = AppointmentForm(desk.RegisteredPatient("José", "Ñandú"),
                                     desk.AddPractitioner(), "2027-03-29T09:00");
  form.set_reason("check-up");
  form.set_external_id("synthea:1");

  const Reply<Appointment> booked = desk.Book(form);

  REQUIRE(booked.ok());
  CHECK(booked.response.patient_given_name() == "José");
  CHECK(booked.response.patient_family_name() == "Ñandú");
  CHECK(booked.response.state() == Appointment::STATE_BOOKED);
  CHECK(booked.response.time_zone() == "Europe/Madrid");
  CHECK(booked.response.start_time().seconds() == 1806303600);  // 2027-03-29T07:00:00Z
  CHECK(booked.response.end_time().seconds() == 1806303600 + 30 * 60);
  CHECK(booked.response.reason() == "check-up");
  CHECK(booked.response.external_id() == "synthea:1");
  CHECK(booked.response.etag() == "\"1\"");
  CHECK(desk.GetAppointment(booked.response.id()).response.SerializeAsString() ==
        booked.response.SerializeAsString());
}

TEST_CASE("An appointment of another clinic looks like one that does not exist",
          "[appointments][integration]") {
  TestServer server;
  const FrontDesk desk(server, "a");
  const FrontDesk other(server, "b");
  const std::string foreign =
      other
          .Booked(AppointmentForm(other.RegisteredPatient(), other.AddPractitioner(),
                                  "2027-03-29T09:00"))
          .id();

  for (const std::string& id : {foreign, server.RequestId()}) {
    for (const Reply<Appointment>& reply :
         {desk.GetAppointment(id), desk.Cancel(id), desk.CheckIn(id)}) {
      CHECK(reply.code() == grpc::StatusCode::NOT_FOUND);
      CHECK(reply.reason() == ErrorReason::APPOINTMENT_NOT_FOUND);
    }
  }
}

TEST_CASE("Only own patients are booked with own practitioners", "[appointments][integration]") {
  TestServer server;
  const FrontDesk desk(server, "a");
  const FrontDesk other(server, "b");
  const std::string patient = desk.RegisteredPatient();
  const std::string practitioner = desk.AddPractitioner();
  const std::string local_start = "2027-03-29T09:00";

  for (const std::string& stranger : {other.RegisteredPatient(), server.RequestId()}) {
    const auto reply = desk.Book(AppointmentForm(stranger, practitioner, local_start));
    CHECK(reply.code() == grpc::StatusCode::NOT_FOUND);
    CHECK(reply.reason() == ErrorReason::PATIENT_NOT_FOUND);
  }
  for (const std::string& stranger : {other.AddPractitioner(), server.RequestId()}) {
    const auto reply = desk.Book(AppointmentForm(patient, stranger, local_start));
    CHECK(reply.code() == grpc::StatusCode::NOT_FOUND);
    CHECK(reply.reason() == ErrorReason::PRACTITIONER_NOT_FOUND);
  }
  CHECK(desk.Book(AppointmentForm(patient, practitioner, local_start)).ok());
}

TEST_CASE("A practitioner who is not active takes no bookings", "[appointments][integration]") {
  TestServer server;
  const FrontDesk desk(server, "a");

  const auto reply = desk.Book(AppointmentForm(
      desk.RegisteredPatient(), desk.AddPractitioner(/*active=*/false), "2027-03-29T09:00"));

  CHECK(reply.code() == grpc::StatusCode::FAILED_PRECONDITION);
  CHECK(reply.reason() == ErrorReason::PRACTITIONER_INACTIVE);
}

TEST_CASE("A slot is taken by what overlaps it, and by nothing that touches it, complaint 1",
          "[appointments][integration]") {
  TestServer server;
  const FrontDesk desk(server, "a");
  const std::string patient = desk.RegisteredPatient();
  const std::string practitioner = desk.AddPractitioner();
  desk.Booked(AppointmentForm(patient, practitioner, "2027-03-29T09:00"));

  for (const char* start : {"2027-03-29T09:00", "2027-03-29T08:31", "2027-03-29T09:29"}) {
    CAPTURE(start);
    const auto reply = desk.Book(AppointmentForm(patient, practitioner, start));
    CHECK(reply.code() == grpc::StatusCode::FAILED_PRECONDITION);
    CHECK(reply.reason() == ErrorReason::APPOINTMENT_SLOT_TAKEN);
  }
  CHECK(desk.Book(AppointmentForm(patient, practitioner, "2027-03-29T08:30")).ok());
  CHECK(desk.Book(AppointmentForm(patient, practitioner, "2027-03-29T09:30")).ok());
  const std::string other = desk.AddPractitioner();
  CHECK(desk.Book(AppointmentForm(desk.RegisteredPatient(), other, "2027-03-29T09:00")).ok());
}

TEST_CASE("An imported appointment is booked once, whatever happened since",
          "[appointments][integration]") {
  TestServer server;
  const FrontDesk desk(server, "a");
  Appointment form =
      AppointmentForm(desk.RegisteredPatient(), desk.AddPractitioner(), "2027-03-29T09:00");
  form.set_external_id("synthea:1");
  const std::string id = desk.Booked(form).id();

  const auto same_slot = desk.Book(form);
  form.set_local_start("2027-03-30T09:00");
  const auto other_slot = desk.Book(form);

  for (const auto* reply : {&same_slot, &other_slot}) {
    CHECK(reply->code() == grpc::StatusCode::ALREADY_EXISTS);
    CHECK(reply->reason() == ErrorReason::APPOINTMENT_EXTERNAL_ID_TAKEN);
    CHECK(reply->metadata("field") == "appointment.external_id");
    CHECK(reply->metadata("id") == id);
  }
}

TEST_CASE("CreateAppointment keeps one booking when the client retries, complaint 1",
          "[appointments][integration]") {
  TestServer server;
  const FrontDesk desk(server, "a");
  appointments::v1::CreateAppointmentRequest request;
  *request.mutable_appointment() =
      AppointmentForm(desk.RegisteredPatient(), desk.AddPractitioner(), "2027-03-29T09:00");
  request.set_request_id(server.RequestId());
  const auto book = [&] {
    return desk.client().Call(desk.client().appointments(),
                              &AppointmentService::Stub::CreateAppointment, request);
  };

  const auto first = book();
  const auto again = book();

  REQUIRE(first.ok());
  REQUIRE(again.ok());
  CHECK(again.response.SerializeAsString() == first.response.SerializeAsString());
  CHECK(desk.Day(2027, 3, 29).response.appointments_size() == 1);
}

TEST_CASE("A local time that does not exist is refused with one that does, complaint 16",
          "[appointments][integration]") {
  TestServer server;
  const FrontDesk desk(server, "a");
  const std::string patient = desk.RegisteredPatient();
  const std::string practitioner = desk.AddPractitioner();

  const auto gap = desk.Book(AppointmentForm(patient, practitioner, "2027-03-28T02:30"));
  const auto no_day = desk.Book(AppointmentForm(patient, practitioner, "2027-02-29T09:00"));
  const auto twice = desk.Book(AppointmentForm(patient, practitioner, "2027-10-31T02:30"));

  CHECK(gap.code() == grpc::StatusCode::INVALID_ARGUMENT);
  CHECK(gap.reason() == ErrorReason::NONEXISTENT_LOCAL_TIME);
  CHECK(gap.metadata("suggestion") == "2027-03-28T03:00");
  CHECK(no_day.reason() == ErrorReason::VALIDATION_FAILED);
  CHECK(no_day.fields() == std::vector<std::string>{"appointment.local_start"});
  REQUIRE(twice.ok());
  CHECK(twice.response.start_time().seconds() == 1824942600);  // 00:30Z, the first of the two
}

TEST_CASE("A visit stays at its own local time when the clinic changes zones, complaint 16",
          "[appointments][integration]") {
  TestServer server;
  const FrontDesk desk(server, "a", "Europe/Madrid");
  const auto booked = desk.Booked(
      AppointmentForm(desk.RegisteredPatient(), desk.AddPractitioner(), "2027-07-01T09:00"));

  REQUIRE(server.database()
              .Connect()
              .Query("UPDATE clinicd.clinics SET time_zone = 'Atlantic/Canary' WHERE id = $1",
                     {desk.clinic().id.ToString()})
              .ok());

  const auto read = desk.GetAppointment(booked.id());
  REQUIRE(read.ok());
  CHECK(read.response.local_start() == "2027-07-01T09:00");
  CHECK(read.response.time_zone() == "Europe/Madrid");
  CHECK(read.response.start_time().seconds() == booked.start_time().seconds());
}

TEST_CASE("Bookings across the night when clocks change are minutes long, not hours, complaint 16",
          "[appointments][integration]") {
  TestServer server;
  const FrontDesk desk(server, "a", "Europe/Madrid");
  const std::string practitioner = desk.AddPractitioner();
  const auto book = [&](const std::string& start) {
    return desk.Book(AppointmentForm(desk.RegisteredPatient(), practitioner, start));
  };

  // Clocks go from 02:00 to 03:00: half past one ends at three.
  CHECK(book("2027-03-28T01:30").ok());
  CHECK(book("2027-03-28T03:00").ok());
  CHECK(book("2027-03-28T01:59").reason() == ErrorReason::APPOINTMENT_SLOT_TAKEN);
  // And from 03:00 to 02:00: the second half past two follows the first by an hour.
  const auto first = book("2027-10-31T02:30");
  REQUIRE(first.ok());
  CHECK(first.response.end_time().seconds() - first.response.start_time().seconds() == 1800);
  const auto after = book("2027-10-31T03:00");
  REQUIRE(after.ok());
  CHECK(after.response.start_time().seconds() - first.response.start_time().seconds() == 5400);
}

TEST_CASE("The day is that of the clinic, midnight to midnight, complaint 16",
          "[appointments][integration]") {
  TestServer server;
  const FrontDesk desk(server, "a");
  const std::string patient = desk.RegisteredPatient();
  const std::string practitioner = desk.AddPractitioner();
  for (const char* start : {"2027-10-31T23:45", "2027-10-30T23:45", "2027-11-01T00:15",
                            "2027-10-31T00:15", "2027-10-31T09:00"}) {
    desk.Booked(AppointmentForm(patient, practitioner, start));
  }

  const auto day = desk.Day(2027, 10, 31);

  REQUIRE(day.ok());
  CHECK(Starts(day.response) ==
        std::vector<std::string>{"2027-10-31T00:15", "2027-10-31T09:00", "2027-10-31T23:45"});
  CHECK(day.response.next_page_token().empty());
  CHECK(day.response.appointments(0).patient_family_name() == "Li");
}

TEST_CASE("A day is listed for one practitioner or all, without cancelled appointments or with",
          "[appointments][integration]") {
  TestServer server;
  const FrontDesk desk(server, "a");
  const std::string patient = desk.RegisteredPatient();
  const std::string first = desk.AddPractitioner();
  const std::string second = desk.AddPractitioner();
  const Appointment early = desk.Booked(AppointmentForm(patient, first, "2027-03-29T09:00"));
  desk.Booked(AppointmentForm(patient, first, "2027-03-29T11:00"));
  desk.Booked(AppointmentForm(patient, second, "2027-03-29T10:00"));
  REQUIRE(desk.Cancel(early.id()).ok());

  CHECK(Starts(desk.Day(2027, 3, 29).response) ==
        std::vector<std::string>{"2027-03-29T10:00", "2027-03-29T11:00"});
  CHECK(Starts(desk.Day(2027, 3, 29, first).response) ==
        std::vector<std::string>{"2027-03-29T11:00"});
  CHECK(Starts(desk.Day(2027, 3, 29, first, /*show_cancelled=*/true).response) ==
        std::vector<std::string>{"2027-03-29T09:00", "2027-03-29T11:00"});
  CHECK(Starts(desk.Day(2027, 3, 29, "", /*show_cancelled=*/true).response).size() == 3);
  CHECK(Starts(desk.Day(2027, 3, 29, server.RequestId()).response).empty());
}

TEST_CASE("A day comes page by page", "[appointments][integration]") {
  TestServer server;
  const FrontDesk desk(server, "a");
  std::vector<std::string> expected;
  for (int i = 0; i < 5; ++i) {
    // Two practitioners at the same time each: the order of ids decides.
    const std::string start = i < 4 ? "2027-03-29T09:00" : "2027-03-29T10:00";
    desk.Booked(AppointmentForm(desk.RegisteredPatient(), desk.AddPractitioner(), start));
    expected.push_back(start);
  }
  appointments::v1::ListAppointmentsRequest request;
  request.mutable_date()->set_year(2027);
  request.mutable_date()->set_month(3);
  request.mutable_date()->set_day(29);
  request.set_page_size(2);

  std::vector<std::string> starts;
  std::vector<std::string> ids;
  do {
    const auto page = desk.client().Call(desk.client().appointments(),
                                         &AppointmentService::Stub::ListAppointments, request);
    REQUIRE(page.ok());
    for (const Appointment& appointment : page.response.appointments()) {
      starts.push_back(appointment.local_start());
      ids.push_back(appointment.id());
    }
    request.set_page_token(page.response.next_page_token());
  } while (!request.page_token().empty());
  request.set_page_token("nonsense");
  const auto refused = desk.client().Call(desk.client().appointments(),
                                          &AppointmentService::Stub::ListAppointments, request);

  CHECK(starts == expected);
  CHECK(std::set<std::string>(ids.begin(), ids.end()).size() == 5);
  CHECK(refused.reason() == ErrorReason::PAGE_TOKEN_INVALID);
}

TEST_CASE("A date that no calendar has, or that is too long ago, is refused",
          "[appointments][integration]") {
  const auto [year, month, day] =
      GENERATE(table<int, int, int>({{2027, 2, 29}, {1, 1, 1}, {1879, 12, 31}, {9999, 1, 1}}));
  TestServer server;
  const FrontDesk desk(server, "a");

  const auto reply = desk.Day(year, month, day);

  CHECK(reply.code() == grpc::StatusCode::INVALID_ARGUMENT);
  CHECK(reply.reason() == ErrorReason::VALIDATION_FAILED);
  CHECK(reply.fields() == std::vector<std::string>{"date"});
}

TEST_CASE("A cancelled appointment frees its slot", "[appointments][integration]") {
  TestServer server;
  const FrontDesk desk(server, "a");
  const Appointment form =
      AppointmentForm(desk.RegisteredPatient(), desk.AddPractitioner(), "2027-03-29T09:00");
  const Appointment booked = desk.Booked(form);

  const Reply<Appointment> cancelled = desk.Cancel(booked.id(), booked.etag());

  REQUIRE(cancelled.ok());
  CHECK(cancelled.response.state() == Appointment::STATE_CANCELLED);
  CHECK(cancelled.response.cancelled_by() == appointments::v1::CANCELLED_BY_PATIENT);
  CHECK(cancelled.response.cancel_reason() == "has a cold");
  CHECK(cancelled.response.has_cancel_time());
  CHECK(cancelled.response.etag() == "\"2\"");
  CHECK(cancelled.response.patient_family_name() == "Li");
  CHECK(desk.Book(form).ok());
}

TEST_CASE("An appointment is cancelled once and not through an old version, complaint 24",
          "[appointments][integration]") {
  TestServer server;
  const FrontDesk desk(server, "a");
  const Appointment booked = desk.Booked(
      AppointmentForm(desk.RegisteredPatient(), desk.AddPractitioner(), "2027-03-29T09:00"));

  const Reply<Appointment> nonsense = desk.Cancel(booked.id(), "nonsense");
  const Reply<Appointment> first = desk.Cancel(booked.id(), booked.etag());
  const Reply<Appointment> lost = desk.Cancel(booked.id(), booked.etag());
  const Reply<Appointment> again = desk.Cancel(booked.id());

  CHECK(nonsense.reason() == ErrorReason::ETAG_MISMATCH);
  CHECK(first.ok());
  CHECK(lost.code() == grpc::StatusCode::ABORTED);
  CHECK(lost.reason() == ErrorReason::ETAG_MISMATCH);
  CHECK(again.code() == grpc::StatusCode::FAILED_PRECONDITION);
  CHECK(again.reason() == ErrorReason::APPOINTMENT_ILLEGAL_TRANSITION);
  CHECK(again.metadata("state") == "STATE_CANCELLED");
}

TEST_CASE("A patient who comes on time is checked in once", "[appointments][integration]") {
  TestServer server;
  const FrontDesk desk(server, "a", NoonZone());
  const Appointment booked = desk.Booked(
      AppointmentForm(desk.RegisteredPatient(), desk.AddPractitioner(), NoonTime(absl::Hours(1))));

  const Reply<Appointment> lost = desk.CheckIn(booked.id(), "\"9\"");
  const Reply<Appointment> arrived = desk.CheckIn(booked.id(), booked.etag());
  const Reply<Appointment> again = desk.CheckIn(booked.id());
  const Reply<Appointment> left = desk.Cancel(booked.id(), arrived.response.etag());

  CHECK(lost.reason() == ErrorReason::ETAG_MISMATCH);
  REQUIRE(arrived.ok());
  CHECK(arrived.response.state() == Appointment::STATE_ARRIVED);
  CHECK(arrived.response.has_arrive_time());
  CHECK(arrived.response.etag() == "\"2\"");
  CHECK(again.code() == grpc::StatusCode::FAILED_PRECONDITION);
  CHECK(again.reason() == ErrorReason::APPOINTMENT_ILLEGAL_TRANSITION);
  CHECK(again.metadata("state") == "STATE_ARRIVED");
  CHECK(again.metadata("allowed") == "STATE_IN_CHAIR,STATE_CANCELLED,STATE_ENTERED_IN_ERROR");
  REQUIRE(left.ok());
  CHECK(left.response.has_arrive_time());
}

TEST_CASE("A patient who comes too early or after the end is not checked in",
          "[appointments][integration]") {
  TestServer server;
  const FrontDesk desk(server, "a", NoonZone());
  const std::string patient = desk.RegisteredPatient();
  const Appointment later =
      desk.Booked(AppointmentForm(patient, desk.AddPractitioner(), NoonTime(absl::Minutes(125))));
  const Appointment over =
      desk.Booked(AppointmentForm(patient, desk.AddPractitioner(), NoonTime(-absl::Minutes(35))));

  for (const Appointment& appointment : {later, over}) {
    const Reply<Appointment> reply = desk.CheckIn(appointment.id());
    CHECK(reply.code() == grpc::StatusCode::FAILED_PRECONDITION);
    CHECK(reply.reason() == ErrorReason::APPOINTMENT_OUTSIDE_ARRIVAL_WINDOW);
    const absl::Time end = absl::FromUnixSeconds(appointment.end_time().seconds());
    CHECK(reply.metadata("latest_time") ==
          absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", end, absl::UTCTimeZone()));
    CHECK_FALSE(reply.metadata("earliest_time").empty());
  }
}

TEST_CASE("An assistant notes arrivals but books and cancels nothing, complaint 3",
          "[appointments][integration]") {
  TestServer server;
  const FrontDesk desk(server, "a", NoonZone());
  const Client assistant = server.SignedIn(desk.clinic(), {identity::v1::ROLE_ASSISTANT});
  const Appointment booked = desk.Booked(AppointmentForm(
      desk.RegisteredPatient(), desk.AddPractitioner(), NoonTime(absl::Minutes(10))));
  appointments::v1::CheckInAppointmentRequest check_in;
  check_in.set_id(booked.id());
  check_in.set_request_id(server.RequestId());
  appointments::v1::CancelAppointmentRequest cancel;
  cancel.set_id(booked.id());
  cancel.set_cancelled_by(appointments::v1::CANCELLED_BY_CLINIC);
  cancel.set_reason("none");
  cancel.set_request_id(server.RequestId());

  const auto refused = assistant.Call(assistant.appointments(),
                                      &AppointmentService::Stub::CancelAppointment, cancel);
  const auto arrived = assistant.Call(assistant.appointments(),
                                      &AppointmentService::Stub::CheckInAppointment, check_in);

  CHECK(refused.code() == grpc::StatusCode::PERMISSION_DENIED);
  CHECK(refused.reason() == ErrorReason::PERMISSION_MISSING);
  CHECK(arrived.ok());
}

}  // namespace
}  // namespace clinicd::testing
