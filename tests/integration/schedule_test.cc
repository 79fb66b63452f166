// Working hours, exceptions and the search for free times, through the whole server.
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "common/rpc/civil.h"
#include "tests/support/front_desk.h"

namespace clinicd::testing {
namespace {

using appointments::v1::Appointment;
using appointments::v1::CreateScheduleExceptionRequest;
using appointments::v1::FindSlotsRequest;
using appointments::v1::FindSlotsResponse;
using appointments::v1::ListScheduleExceptionsRequest;
using appointments::v1::Opening;
using appointments::v1::ScheduleException;
using appointments::v1::ScheduleOwner;
using appointments::v1::WorkingHours;
using ScheduleStub = appointments::v1::ScheduleService::Stub;
using AppointmentStub = appointments::v1::AppointmentService::Stub;
using Names = std::vector<std::string>;

ScheduleOwner Owner(ScheduleOwner::Kind kind, const std::string& id = "") {
  ScheduleOwner owner;
  owner.set_kind(kind);
  owner.set_id(id);
  return owner;
}

const ScheduleOwner& MainSite() {
  static const ScheduleOwner owner = Owner(ScheduleOwner::KIND_LOCATION);
  return owner;
}

appointments::v1::WeeklyHours Row(int weekday, const std::string& from, const std::string& to,
                                  const std::string& location_id = "") {
  appointments::v1::WeeklyHours row;
  row.set_weekday(weekday);
  row.set_local_from(from);
  row.set_local_to(to);
  row.set_location_id(location_id);
  return row;
}

// From Monday to Friday, with a break at noon.
std::vector<appointments::v1::WeeklyHours> UsualWeek() {
  std::vector<appointments::v1::WeeklyHours> rows;
  for (int weekday = 1; weekday <= 5; ++weekday) {
    rows.push_back(Row(weekday, "09:00", "14:00"));
    rows.push_back(Row(weekday, "16:00", "20:00"));
  }
  return rows;
}

ScheduleException ExceptionForm(ScheduleException::Kind kind, const ScheduleOwner& owner,
                                absl::CivilDay first_day, const std::string& reason) {
  ScheduleException form;
  *form.mutable_owner() = owner;
  form.set_kind(kind);
  *form.mutable_first_date() = rpc::ToDate(first_day);
  form.set_reason(reason);
  return form;
}

// The desk of a clinic that plans its weeks.
struct Planning {
  explicit Planning(TestServer& test_server, const std::string& time_zone = "Europe/Madrid")
      : server(test_server), desk(test_server, "plan", time_zone) {}

  Reply<WorkingHours> Get(const ScheduleOwner& owner) const {
    appointments::v1::GetWorkingHoursRequest request;
    *request.mutable_owner() = owner;
    return Call(&ScheduleStub::GetWorkingHours, request);
  }
  Reply<WorkingHours> Set(const ScheduleOwner& owner,
                          const std::vector<appointments::v1::WeeklyHours>& rows,
                          std::string etag = "") const {
    appointments::v1::SetWorkingHoursRequest request;
    *request.mutable_owner() = owner;
    for (const auto& row : rows) *request.add_hours() = row;
    if (etag.empty()) etag = Get(owner).response.etag();
    request.set_etag(etag);
    request.set_request_id(server.RequestId());
    return Call(&ScheduleStub::SetWorkingHours, request);
  }
  Reply<ScheduleException> Declare(const ScheduleException& form, bool keep = false) const {
    CreateScheduleExceptionRequest request;
    *request.mutable_exception() = form;
    request.set_keep_appointments(keep);
    request.set_request_id(server.RequestId());
    return Call(&ScheduleStub::CreateScheduleException, request);
  }
  Reply<appointments::v1::DeleteScheduleExceptionResponse> Delete(const std::string& id) const {
    appointments::v1::DeleteScheduleExceptionRequest request;
    request.set_id(id);
    request.set_request_id(server.RequestId());
    return Call(&ScheduleStub::DeleteScheduleException, request);
  }
  Reply<FindSlotsResponse> Find(const FindSlotsRequest& request) const {
    return Call(&ScheduleStub::FindSlots, request);
  }
  // The starts that are found on the clock of the site.
  Names Starts(const FindSlotsRequest& request) const {
    const auto reply = Find(request);
    INFO(reply.status.error_message());
    REQUIRE(reply.ok());
    Names starts;
    for (const Opening& opening : reply.response.openings()) {
      starts.push_back(opening.local_start());
    }
    return starts;
  }

  // Whether the practitioner can be booked for 30 minutes; the reason if not.
  ErrorReason Booking(const std::string& local_start) const {
    return desk.Book(AppointmentForm(patient, practitioner, local_start)).reason();
  }

  template <typename Request, typename Response>
  Reply<Response> Call(grpc::Status (ScheduleStub::*method)(grpc::ClientContext*, const Request&,
                                                            Response*),
                       const Request& request) const {
    return desk.client().Call(desk.client().schedules(), method, request);
  }

  TestServer& server;
  FrontDesk desk;
  std::string practitioner = desk.AddPractitioner();
  std::string patient = desk.RegisteredPatient();
};

FindSlotsRequest SearchOn(absl::CivilDay day, int duration_minutes = 30) {
  FindSlotsRequest request;
  request.set_duration_minutes(duration_minutes);
  *request.mutable_first_date() = rpc::ToDate(day);
  request.set_grid_minutes(30);
  return request;
}

// A Monday.
constexpr absl::CivilDay kMonday(2027, 3, 1);

TEST_CASE("Hours are read as they were set, and a lost edit is noticed",
          "[schedule][integration]") {
  TestServer server;
  const Planning plan(server);
  const ScheduleOwner owner = Owner(ScheduleOwner::KIND_PRACTITIONER, plan.practitioner);
  auto limited = Row(3, "22:00", "02:00");
  *limited.mutable_valid_from_date() = rpc::ToDate(kMonday);
  *limited.mutable_valid_until_date() = rpc::ToDate(kMonday + 30);

  const auto none = plan.Get(owner);
  const auto set = plan.Set(owner, {Row(1, "09:00", "24:00"), limited}, none.response.etag());
  const auto stale = plan.Set(owner, {}, none.response.etag());

  REQUIRE(none.ok());
  CHECK(none.response.hours_size() == 0);
  REQUIRE(set.ok());
  REQUIRE(set.response.hours_size() == 2);
  CHECK(set.response.hours(0).local_to() == "24:00");
  CHECK(set.response.hours(1).SerializeAsString() == limited.SerializeAsString());
  CHECK(plan.Get(owner).response.SerializeAsString() == set.response.SerializeAsString());
  CHECK(stale.reason() == ErrorReason::ETAG_MISMATCH);
  CHECK(plan.Set(owner, {}, set.response.etag()).response.hours_size() == 0);
}

TEST_CASE("Hours that cannot be are refused at every wrong field", "[schedule][integration]") {
  TestServer server;
  const Planning plan(server);
  auto backwards = Row(1, "09:00", "14:00");
  *backwards.mutable_valid_from_date() = rpc::ToDate(kMonday);
  *backwards.mutable_valid_until_date() = rpc::ToDate(kMonday - 1);

  const auto reply = plan.Set(
      MainSite(), {Row(1, "24:00", "09:00"), Row(1, "09:00", "09:00"), Row(1, "09:00", "24:01"),
                   backwards, Row(1, "09:00", "10:00", server.RequestId())});

  CHECK(reply.fields() == Names{"hours[0].local_from", "hours[1].local_to", "hours[2].local_to",
                                "hours[3].valid_until_date", "hours[4].location_id"});
  CHECK(plan.Get(Owner(ScheduleOwner::KIND_CLINIC)).fields() == Names{"owner.kind"});
  CHECK(plan.Get(Owner(ScheduleOwner::KIND_PRACTITIONER)).fields() == Names{"owner.id"});
  const std::string absent = server.RequestId();
  CHECK(plan.Get(Owner(ScheduleOwner::KIND_PRACTITIONER, absent)).reason() ==
        ErrorReason::PRACTITIONER_NOT_FOUND);
  CHECK(plan.Get(Owner(ScheduleOwner::KIND_RESOURCE, absent)).reason() ==
        ErrorReason::RESOURCE_NOT_FOUND);
  CHECK(plan.Set(Owner(ScheduleOwner::KIND_LOCATION, absent), UsualWeek(), "x").reason() ==
        ErrorReason::LOCATION_NOT_FOUND);
}

TEST_CASE("A clinic without hours books at any time", "[schedule][integration]") {
  TestServer server;
  const Planning plan(server);

  CHECK(plan.Booking("2027-03-07T03:00") == ErrorReason::ERROR_REASON_UNSPECIFIED);
}

TEST_CASE(
    "A booking lies in the hours up to their last minute, and not across a break, complaint 1",
    "[schedule][integration]") {
  TestServer server;
  const Planning plan(server);
  REQUIRE(plan.Set(MainSite(), UsualWeek()).ok());

  const auto early =
      plan.desk.Book(AppointmentForm(plan.patient, plan.practitioner, "2027-03-01T08:59"));

  CHECK(early.reason() == ErrorReason::APPOINTMENT_OUTSIDE_HOURS);
  CHECK(early.metadata("why") == "hours");
  CHECK(early.metadata("resource_id") == plan.practitioner);
  CHECK(early.metadata("next_free") == "2027-03-01T09:00,2027-03-01T09:05,2027-03-01T09:10");
  CHECK(plan.Booking("2027-03-01T09:00") == ErrorReason::ERROR_REASON_UNSPECIFIED);
  CHECK(plan.Booking("2027-03-01T13:30") == ErrorReason::ERROR_REASON_UNSPECIFIED);
  CHECK(plan.Booking("2027-03-01T13:31") == ErrorReason::APPOINTMENT_SLOT_TAKEN);
  CHECK(plan.Booking("2027-03-02T13:31") == ErrorReason::APPOINTMENT_OUTSIDE_HOURS);
  CHECK(plan.Booking("2027-03-02T15:59") == ErrorReason::APPOINTMENT_OUTSIDE_HOURS);
  CHECK(plan.Booking("2027-03-02T19:30") == ErrorReason::ERROR_REASON_UNSPECIFIED);
  CHECK(plan.Booking("2027-03-06T09:00") == ErrorReason::APPOINTMENT_OUTSIDE_HOURS);
}

TEST_CASE("A taken slot comes with the next free ones of the day", "[schedule][integration]") {
  TestServer server;
  const Planning plan(server);
  REQUIRE(plan.Set(MainSite(), {Row(1, "09:00", "10:05")}).ok());
  plan.desk.Booked(AppointmentForm(plan.patient, plan.practitioner, "2027-03-01T09:00"));
  const std::string other = plan.desk.RegisteredPatient("Bo", "Ba");

  const auto taken = plan.desk.Book(AppointmentForm(other, plan.practitioner, "2027-03-01T09:15"));

  CHECK(taken.reason() == ErrorReason::APPOINTMENT_SLOT_TAKEN);
  CHECK(taken.metadata("next_free") == "2027-03-01T09:30,2027-03-01T09:35");
}

TEST_CASE("Hours are valid from their first to their last day", "[schedule][integration]") {
  TestServer server;
  const Planning plan(server);
  auto summer = Row(1, "08:00", "15:00");
  *summer.mutable_valid_from_date() = rpc::ToDate(kMonday + 7);
  *summer.mutable_valid_until_date() = rpc::ToDate(kMonday + 14);
  REQUIRE(plan.Set(MainSite(), {summer}).ok());

  CHECK(plan.Booking("2027-03-01T09:00") == ErrorReason::APPOINTMENT_OUTSIDE_HOURS);
  CHECK(plan.Booking("2027-03-08T09:00") == ErrorReason::ERROR_REASON_UNSPECIFIED);
  CHECK(plan.Booking("2027-03-15T09:00") == ErrorReason::ERROR_REASON_UNSPECIFIED);
  CHECK(plan.Booking("2027-03-22T09:00") == ErrorReason::APPOINTMENT_OUTSIDE_HOURS);
}

TEST_CASE("A holiday of the clinic closes for all but who works extra hours",
          "[schedule][integration]") {
  TestServer server;
  const Planning plan(server);
  REQUIRE(plan.Set(MainSite(), UsualWeek()).ok());
  REQUIRE(plan.Declare(ExceptionForm(ScheduleException::KIND_CLOSED,
                                     Owner(ScheduleOwner::KIND_CLINIC), kMonday, "Fiesta"))
              .ok());
  ScheduleException duty =
      ExceptionForm(ScheduleException::KIND_EXTRA,
                    Owner(ScheduleOwner::KIND_PRACTITIONER, plan.practitioner), kMonday, "On duty");
  duty.set_local_from("10:00");
  duty.set_local_to("11:00");

  const auto closed =
      plan.desk.Book(AppointmentForm(plan.patient, plan.practitioner, "2027-03-01T10:00"));
  const auto extra = plan.Declare(duty);

  CHECK(closed.reason() == ErrorReason::APPOINTMENT_OUTSIDE_HOURS);
  CHECK(closed.metadata("why") == "clinic");
  CHECK(closed.metadata("exception_reason") == "Fiesta");
  REQUIRE(extra.ok());
  CHECK(plan.Booking("2027-03-01T10:00") == ErrorReason::ERROR_REASON_UNSPECIFIED);
  CHECK(plan.Booking("2027-03-01T10:31") == ErrorReason::APPOINTMENT_OUTSIDE_HOURS);
  CHECK(plan.Delete(extra.response.id()).ok());
  CHECK(plan.Delete(extra.response.id()).reason() == ErrorReason::SCHEDULE_EXCEPTION_NOT_FOUND);
  CHECK(plan.Booking("2027-03-01T10:30") == ErrorReason::APPOINTMENT_OUTSIDE_HOURS);
}

TEST_CASE("Blocking time that holds bookings lists them first and cancels nothing",
          "[schedule][field][integration]") {
  TestServer server;
  const Planning plan(server);
  const Appointment booked =
      plan.desk.Booked(AppointmentForm(plan.patient, plan.practitioner, "2027-03-01T10:00"));
  plan.desk.Booked(AppointmentForm(plan.patient, plan.desk.AddPractitioner(), "2027-03-01T12:00"));
  ScheduleException leave =
      ExceptionForm(ScheduleException::KIND_CLOSED,
                    Owner(ScheduleOwner::KIND_PRACTITIONER, plan.practitioner), kMonday, "Course");
  leave.set_local_from("09:00");
  leave.set_local_to("10:00");

  CHECK(plan.Declare(leave).ok());
  leave.set_local_to("10:01");
  const auto refused = plan.Declare(leave);
  const auto kept = plan.Declare(leave, /*keep=*/true);

  CHECK(refused.reason() == ErrorReason::SCHEDULE_HOLDS_APPOINTMENTS);
  CHECK(refused.metadata("appointments") == booked.id());
  CHECK(refused.metadata("count") == "1");
  CHECK(kept.ok());
  CHECK(plan.desk.GetAppointment(booked.id()).response.state() == Appointment::STATE_BOOKED);
  const auto clinic = plan.Declare(ExceptionForm(
      ScheduleException::KIND_CLOSED, Owner(ScheduleOwner::KIND_CLINIC), kMonday, "Fiesta"));
  CHECK(clinic.metadata("count") == "2");
  REQUIRE(plan.desk.Cancel(booked.id()).ok());
  CHECK(plan.Declare(ExceptionForm(ScheduleException::KIND_CLOSED,
                                   Owner(ScheduleOwner::KIND_PRACTITIONER, plan.practitioner),
                                   kMonday, "Ill"))
            .ok());
}

// 3,125 visits of 32 parts each, all of them of the practitioner and before those of others.
void FillDiary(const Planning& plan, const std::string& practitioner) {
  db::AdminConnection superuser = plan.server.database().Connect();
  const std::string clinic = plan.desk.clinic().id.ToString();
  // What the rows refer to is there.
  REQUIRE(superuser.Execute("SET session_replication_role = replica").ok());
  const auto visits = superuser.Query(
      "INSERT INTO clinicd.appointments (clinic_id, id, patient_id, practitioner_id, local_start, "
      "time_zone, duration_minutes, starts_at, ends_at) SELECT $1, gen_random_uuid(), $2, $3, "
      "start AT TIME ZONE 'UTC', 'UTC', 5, start, start + interval '5 minutes' FROM "
      "generate_series(1, 3125) AS n, LATERAL (SELECT timestamptz '2027-03-02T00:00Z' + n * "
      "interval '1 minute') AS at (start)",
      {clinic, plan.patient, practitioner});
  REQUIRE(visits.ok());
  // In no other's way, so that nothing is looked for that is.
  const auto parts = superuser.Query(
      "INSERT INTO clinicd.occupancies (clinic_id, position, appointment_id, practitioner_id, "
      "starts_at, ends_at, offset_minutes, duration_minutes, active) SELECT clinic_id, part, id, "
      "practitioner_id, starts_at, ends_at, 0, 5, false FROM clinicd.appointments, "
      "generate_series(1, 32) AS part WHERE practitioner_id = $1",
      {practitioner});
  REQUIRE(parts.ok());
}

TEST_CASE("A closure is held against every visit of whom it is about, or refused",
          "[schedule][integration]") {
  TestServer server;
  const Planning plan(server);
  FillDiary(plan, plan.desk.AddPractitioner());
  const Appointment booked =
      plan.desk.Booked(AppointmentForm(plan.patient, plan.practitioner, "2027-10-04T10:00"));
  ScheduleException leave =
      ExceptionForm(ScheduleException::KIND_CLOSED,
                    Owner(ScheduleOwner::KIND_PRACTITIONER, plan.practitioner), kMonday, "Leave");
  *leave.mutable_last_date() = rpc::ToDate(kMonday + 365);
  ScheduleException end = leave;
  *end.mutable_owner() = Owner(ScheduleOwner::KIND_CLINIC);

  const auto held = plan.Declare(leave);
  const auto too_many = plan.Declare(end);

  CHECK(held.reason() == ErrorReason::SCHEDULE_HOLDS_APPOINTMENTS);
  CHECK(held.metadata("appointments") == booked.id());
  CHECK(too_many.code() == grpc::StatusCode::INVALID_ARGUMENT);
  CHECK(too_many.fields() == Names{"exception.last_date"});
  CHECK(plan.Declare(end, /*keep=*/true).ok());
}

TEST_CASE("Exceptions are listed that touch the period, by first day", "[schedule][integration]") {
  TestServer server;
  const Planning plan(server);
  ScheduleException week = ExceptionForm(ScheduleException::KIND_CLOSED, MainSite(), kMonday, "1");
  *week.mutable_last_date() = rpc::ToDate(kMonday + 6);
  REQUIRE(plan.Declare(week).ok());
  for (const int day : {3, 7, 8}) {
    REQUIRE(plan.Declare(ExceptionForm(ScheduleException::KIND_CHANGED,
                                       Owner(ScheduleOwner::KIND_CLINIC), kMonday + day, "2"))
                .ok());
  }
  ListScheduleExceptionsRequest request;
  *request.mutable_first_date() = rpc::ToDate(kMonday + 6);
  *request.mutable_last_date() = rpc::ToDate(kMonday + 7);
  request.set_page_size(1);

  const auto first = plan.Call(&ScheduleStub::ListScheduleExceptions, request);
  request.set_page_token(first.response.next_page_token());
  const auto second = plan.Call(&ScheduleStub::ListScheduleExceptions, request);
  request.clear_page_token();
  *request.mutable_owner() = MainSite();
  const auto of_site = plan.Call(&ScheduleStub::ListScheduleExceptions, request);

  REQUIRE(first.response.exceptions_size() == 1);
  CHECK(first.response.exceptions(0).reason() == "1");
  REQUIRE(second.response.exceptions_size() == 1);
  CHECK(second.response.exceptions(0).first_date().day() == 8);
  CHECK(second.response.next_page_token().empty());
  REQUIRE(of_site.response.exceptions_size() == 1);
  CHECK(of_site.response.exceptions(0).owner().kind() == ScheduleOwner::KIND_LOCATION);
}

TEST_CASE("What a search offers can be booked as it is, and is not offered again",
          "[schedule][integration]") {
  TestServer server;
  const Planning plan(server);
  REQUIRE(plan.Set(MainSite(), {Row(1, "09:00", "10:30")}).ok());
  FindSlotsRequest search = SearchOn(kMonday);
  search.set_patient_id(plan.patient);

  const auto found = plan.Find(search);
  REQUIRE(found.response.openings_size() == 3);
  const Appointment booked = plan.desk.Booked(found.response.openings(1).appointment());

  CHECK(booked.local_start() == "2027-03-01T09:30");
  CHECK(plan.Starts(search) == Names{"2027-03-01T09:00", "2027-03-01T10:00"});
  search.set_skip(1);
  search.set_limit(1);
  CHECK(plan.Starts(search) == Names{"2027-03-01T10:00"});
  CHECK(plan.desk.Trail().front().patient_id() == plan.patient);
}

TEST_CASE("A search needs all segments of a visit type at one site", "[schedule][integration]") {
  TestServer server;
  const Planning plan(server);
  const Client owner = server.SignedIn(plan.desk.clinic(), {identity::v1::ROLE_OWNER});
  appointments::v1::CreateResourceRequest chair;
  chair.mutable_resource()->set_kind(appointments::v1::RESOURCE_KIND_CHAIR);
  chair.mutable_resource()->set_name("Chair");
  chair.set_request_id(server.RequestId());
  const auto resource = owner.Call(owner.resources(),
                                   &appointments::v1::ResourceService::Stub::CreateResource, chair);
  appointments::v1::CreateVisitTypeRequest type;
  type.mutable_visit_type()->set_name("Filling");
  auto* first = type.mutable_visit_type()->add_segments();
  first->set_resource_kind(appointments::v1::RESOURCE_KIND_CHAIR);
  first->set_duration_minutes(60);
  auto* second = type.mutable_visit_type()->add_segments();
  second->set_resource_kind(appointments::v1::RESOURCE_KIND_PRACTITIONER);
  second->set_offset_minutes(30);
  second->set_duration_minutes(30);
  type.set_request_id(server.RequestId());
  const auto visit_type = owner.Call(
      owner.visit_types(), &appointments::v1::VisitTypeService::Stub::CreateVisitType, type);
  REQUIRE(plan.Set(Owner(ScheduleOwner::KIND_PRACTITIONER, plan.practitioner),
                   {Row(1, "10:00", "11:00")})
              .ok());
  FindSlotsRequest search = SearchOn(kMonday, 0);
  search.set_visit_type_id(visit_type.response.id());

  const auto found = plan.Find(search);

  REQUIRE(found.response.openings_size() == 2);
  const Opening& opening = found.response.openings(0);
  CHECK(opening.local_start() == "2027-03-01T09:30");
  REQUIRE(opening.appointment().allocations_size() == 2);
  CHECK(opening.appointment().allocations(0).resource_id() == resource.response.id());
  CHECK(opening.appointment().practitioner_id() == plan.practitioner);
  search.add_practitioner_ids(plan.desk.AddPractitioner());
  CHECK(plan.Starts(search).size() == 20);
  search.add_practitioner_ids(plan.desk.AddPractitioner(/*active=*/false));
  CHECK(plan.Find(search).reason() == ErrorReason::PRACTITIONER_INACTIVE);
  search.set_visit_type_id(server.RequestId());
  CHECK(plan.Find(search).reason() == ErrorReason::VISIT_TYPE_NOT_FOUND);
}

TEST_CASE("A site in another time zone is searched on its own clock, complaint 16",
          "[schedule][field][integration]") {
  TestServer server;
  const Planning plan(server);
  const Client owner = server.SignedIn(plan.desk.clinic(), {identity::v1::ROLE_OWNER});
  appointments::v1::CreateLocationRequest canary;
  canary.mutable_location()->set_name("Harbour");
  canary.mutable_location()->set_time_zone("Atlantic/Canary");
  canary.set_request_id(server.RequestId());
  const auto location = owner.Call(
      owner.resources(), &appointments::v1::ResourceService::Stub::CreateLocation, canary);
  REQUIRE(plan.Set(Owner(ScheduleOwner::KIND_PRACTITIONER, plan.practitioner),
                   {Row(1, "09:00", "10:00", location.response.id())})
              .ok());
  const FindSlotsRequest search = SearchOn(kMonday);

  const auto found = plan.Find(search);

  REQUIRE(found.response.openings_size() == 2);
  CHECK(found.response.openings(0).local_start() == "2027-03-01T09:00");
  CHECK(found.response.openings(0).time_zone() == "Atlantic/Canary");
  CHECK(found.response.openings(0).location_id() == location.response.id());
  CHECK(found.response.openings(0).appointment().local_start() == "2027-03-01T10:00");
  Appointment form = found.response.openings(0).appointment();
  form.set_patient_id(plan.patient);
  CHECK(plan.desk.Book(form).ok());
  CHECK(plan.Booking("2027-03-01T09:00") == ErrorReason::APPOINTMENT_OUTSIDE_HOURS);
  FindSlotsRequest main_site = search;
  main_site.set_main_site(true);
  CHECK(plan.Starts(main_site).empty());
}

TEST_CASE("Slots leave out the hour that clocks skip, and offer a repeated one once, complaint 16",
          "[schedule][field][integration]") {
  TestServer server;
  const Planning plan(server);
  REQUIRE(plan.Set(MainSite(), {Row(7, "01:00", "04:00")}).ok());
  FindSlotsRequest forward = SearchOn(absl::CivilDay(2027, 3, 28), 60);
  FindSlotsRequest back = SearchOn(absl::CivilDay(2027, 10, 31), 60);
  forward.set_grid_minutes(60);
  back.set_grid_minutes(60);

  CHECK(plan.Starts(forward) == Names{"2027-03-28T01:00", "2027-03-28T03:00"});
  CHECK(plan.Starts(back) == Names{"2027-10-31T01:00", "2027-10-31T02:00", "2027-10-31T03:00"});
}

TEST_CASE("A search keeps to preferred windows, and to notice and window of who books online",
          "[schedule][integration]") {
  TestServer server;
  const Planning plan(server);
  REQUIRE(plan.Set(MainSite(), UsualWeek()).ok());
  FindSlotsRequest search = SearchOn(kMonday);
  *search.mutable_last_date() = rpc::ToDate(kMonday + 6);
  auto* window = search.add_windows();
  window->add_weekdays(2);
  window->set_local_from("13:00");
  window->set_local_to("17:00");

  CHECK(plan.Starts(search) ==
        Names{"2027-03-02T13:00", "2027-03-02T13:30", "2027-03-02T16:00", "2027-03-02T16:30"});
  search.set_online_rules(true);
  *search.mutable_last_date() = rpc::ToDate(kMonday + 62);
  CHECK(plan.Find(search).fields() == Names{"last_date", "online_rules"});
}

TEST_CASE(
    "Who overbooks with a reason may do so outside of hours, and moves are held against them, "
    "complaint 2",
    "[schedule][integration]") {
  TestServer server;
  const Planning plan(server);
  const Appointment booked =
      plan.desk.Booked(AppointmentForm(plan.patient, plan.practitioner, "2027-03-01T10:00"));
  REQUIRE(plan.Set(MainSite(), UsualWeek()).ok());
  appointments::v1::OverbookAppointmentRequest overbook;
  *overbook.mutable_appointment() = AppointmentForm(plan.desk.RegisteredPatient("Bo", "Ba"),
                                                    plan.practitioner, "2027-03-06T10:00");
  overbook.set_overbook_reason("Pain");
  overbook.set_request_id(server.RequestId());
  appointments::v1::RescheduleAppointmentRequest move;
  move.set_id(booked.id());
  move.set_etag(booked.etag());
  move.set_local_start("2027-03-06T10:00");
  move.set_request_id(server.RequestId());
  appointments::v1::HoldSlotRequest hold;
  hold.mutable_hold()->set_practitioner_id(plan.practitioner);
  hold.mutable_hold()->set_local_start("2027-03-06T10:00");
  hold.mutable_hold()->set_duration_minutes(30);
  hold.set_request_id(server.RequestId());
  const Client& client = plan.desk.client();

  CHECK(client.Call(client.appointments(), &AppointmentStub::HoldSlot, hold).reason() ==
        ErrorReason::APPOINTMENT_OUTSIDE_HOURS);
  CHECK(
      client.Call(client.appointments(), &AppointmentStub::RescheduleAppointment, move).reason() ==
      ErrorReason::APPOINTMENT_OUTSIDE_HOURS);
  const auto overbooked =
      client.Call(client.appointments(), &AppointmentStub::OverbookAppointment, overbook);
  CHECK(overbooked.reason() == ErrorReason::ERROR_REASON_UNSPECIFIED);
  move.set_local_start("2027-03-02T10:00");
  move.set_request_id(server.RequestId());
  CHECK(client.Call(client.appointments(), &AppointmentStub::RescheduleAppointment, move).ok());
}

}  // namespace
}  // namespace clinicd::testing
