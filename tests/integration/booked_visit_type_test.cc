// What kind of visit an appointment is, from its booking on.
#include <catch2/catch.hpp>
#include <string>

#include "tests/support/front_desk.h"

namespace clinicd::testing {
namespace {

using appointments::v1::Appointment;
using appointments::v1::AppointmentService;
using appointments::v1::DiaryService;
using appointments::v1::SeriesService;
using appointments::v1::VisitType;
using appointments::v1::VisitTypeService;
using grpc::StatusCode;

constexpr char kNine[] = "2027-03-29T09:00";
constexpr char kTen[] = "2027-03-29T10:00";

// A desk of a clinic that offers check-ups.
class Offering final {
 public:
  Offering()
      : desk_(server_, "sol"),
        owner_(server_.SignedIn(desk_.clinic(), {identity::v1::ROLE_OWNER})),
        practitioner_(desk_.AddPractitioner()),
        patient_(desk_.RegisteredPatient()),
        check_up_(Added("Check-up", "#2f80ed")) {}

  VisitType Added(const std::string& name, const std::string& color) {
    appointments::v1::CreateVisitTypeRequest request;
    request.mutable_visit_type()->set_name(name);
    request.mutable_visit_type()->set_color(color);
    auto* segment = request.mutable_visit_type()->add_segments();
    segment->set_resource_kind(appointments::v1::RESOURCE_KIND_PRACTITIONER);
    segment->set_duration_minutes(20);
    request.set_request_id(server_.RequestId());
    const auto reply =
        owner_.Call(owner_.visit_types(), &VisitTypeService::Stub::CreateVisitType, request);
    INFO(reply.status.error_message());
    REQUIRE(reply.ok());
    return reply.response;
  }
  void Close(const VisitType& type) {
    appointments::v1::UpdateVisitTypeRequest request;
    *request.mutable_visit_type() = type;
    request.mutable_visit_type()->set_active(false);
    request.mutable_update_mask()->add_paths("active");
    request.set_request_id(server_.RequestId());
    REQUIRE(
        owner_.Call(owner_.visit_types(), &VisitTypeService::Stub::UpdateVisitType, request).ok());
  }

  Appointment Form(const std::string& type, const std::string& local_start = kNine) const {
    Appointment form = AppointmentForm(patient_, practitioner_, local_start);
    form.set_visit_type_id(type);
    return form;
  }
  Reply<Appointment> Change(const Appointment& visit, const std::string& type,
                            const std::string& local_start = "") {
    appointments::v1::RescheduleAppointmentRequest request;
    request.set_id(visit.id());
    request.set_etag(visit.etag());
    request.set_local_start(local_start);
    request.set_visit_type_id(type);
    request.set_request_id(server_.RequestId());
    return desk_.client().Call(desk_.client().appointments(),
                               &AppointmentService::Stub::RescheduleAppointment, request);
  }
  Reply<Appointment> Overbook(const Appointment& form) {
    const Client owner = server_.SignedIn(desk_.clinic(), {identity::v1::ROLE_OWNER});
    appointments::v1::OverbookAppointmentRequest request;
    *request.mutable_appointment() = form;
    request.set_overbook_reason("Pain");
    request.set_request_id(server_.RequestId());
    return owner.Call(owner.appointments(), &AppointmentService::Stub::OverbookAppointment,
                      request);
  }
  // Three days from the form's.
  Reply<appointments::v1::CreateSeriesResponse> BookSeries(const Appointment& form) {
    appointments::v1::CreateSeriesRequest request;
    *request.mutable_series()->mutable_appointment() = form;
    request.mutable_series()->set_rule("FREQ=DAILY;COUNT=3");
    request.set_request_id(server_.RequestId());
    return desk_.client().Call(desk_.client().series(), &SeriesService::Stub::CreateSeries,
                               request);
  }
  // Later in the day from `first` on.
  Reply<appointments::v1::UpdateSeriesResponse> CutSeries(const appointments::v1::Series& series,
                                                          const Appointment& first) {
    appointments::v1::UpdateSeriesRequest request;
    request.set_id(series.id());
    request.set_etag(series.etag());
    request.set_scope(appointments::v1::SERIES_SCOPE_THIS_AND_FOLLOWING);
    request.set_appointment_id(first.id());
    request.set_local_time("11:00");
    request.set_request_id(server_.RequestId());
    return desk_.client().Call(desk_.client().series(), &SeriesService::Stub::UpdateSeries,
                               request);
  }
  appointments::v1::Diary Diary() const {
    appointments::v1::GetDiaryRequest request;
    request.mutable_first_date()->set_year(2027);
    request.mutable_first_date()->set_month(3);
    request.mutable_first_date()->set_day(29);
    request.set_grouping(appointments::v1::GetDiaryRequest::GROUPING_PRACTITIONER);
    const auto reply =
        desk_.client().Call(desk_.client().diaries(), &DiaryService::Stub::GetDiary, request);
    INFO(reply.status.error_message());
    REQUIRE(reply.ok());
    return reply.response;
  }

  TestServer& server() { return server_; }
  const FrontDesk& desk() const { return desk_; }
  const VisitType& check_up() const { return check_up_; }

 private:
  TestServer server_;
  FrontDesk desk_;
  Client owner_;
  std::string practitioner_;
  std::string patient_;
  VisitType check_up_;
};

TEST_CASE("A visit keeps its type, and the diary shows its name and colour as they are now",
          "[appointments][integration]") {
  Offering at;
  const Appointment visit = at.desk().Booked(at.Form(at.check_up().id()));
  at.desk().Booked(at.Form("", kTen));

  // Its own length, and not that of the type.
  CHECK(visit.duration_minutes() == 30);
  CHECK(visit.visit_type_id() == at.check_up().id());
  CHECK(at.desk().GetAppointment(visit.id()).response.SerializeAsString() ==
        visit.SerializeAsString());
  CHECK(at.desk().Day(2027, 3, 29).response.appointments(0).visit_type_id() == at.check_up().id());
  const auto diary = at.Diary();
  REQUIRE(diary.visits_size() == 2);
  CHECK(diary.visits(0).appointment().visit_type_id() == at.check_up().id());
  CHECK(diary.visits(0).visit_type_name() == "Check-up");
  CHECK(diary.visits(0).visit_type_color() == "#2f80ed");
  CHECK(diary.visits(1).appointment().visit_type_id().empty());
  CHECK(diary.visits(1).visit_type_name().empty());
  CHECK(diary.visits(1).visit_type_color().empty());
}

TEST_CASE("A visit of a type that is not there, or takes no bookings, is not booked",
          "[appointments][integration]") {
  Offering at;
  const VisitType closed = at.Added("Whitening", "#aabbcc");
  at.Close(closed);

  const auto absent = at.desk().Book(at.Form(at.server().RequestId()));
  const auto inactive = at.desk().Book(at.Form(closed.id()));
  const auto over = at.Overbook(at.Form(closed.id()));

  CHECK(absent.code() == StatusCode::NOT_FOUND);
  CHECK(absent.reason() == ErrorReason::VISIT_TYPE_NOT_FOUND);
  CHECK(inactive.code() == StatusCode::FAILED_PRECONDITION);
  CHECK(inactive.reason() == ErrorReason::VISIT_TYPE_INACTIVE);
  CHECK(over.reason() == ErrorReason::VISIT_TYPE_INACTIVE);
  CHECK(at.desk().Day(2027, 3, 29).response.appointments().empty());
  CHECK(at.desk().Book(at.Form(at.check_up().id())).ok());
}

TEST_CASE("A visit becomes one of another type where it is, and keeps its own when it moves",
          "[appointments][integration]") {
  Offering at;
  const VisitType filling = at.Added("Filling", "#aabbcc");
  const Appointment visit = at.desk().Booked(at.Form(at.check_up().id()));

  const auto changed = at.Change(visit, filling.id());
  at.Close(filling);
  const auto moved = at.Change(changed.response, "", kTen);
  const auto named = at.Change(moved.response, filling.id(), kNine);
  const auto absent = at.Change(named.response, at.server().RequestId());
  const VisitType closed = at.Added("Whitening", "#ddeeff");
  at.Close(closed);
  const auto inactive = at.Change(named.response, closed.id());

  REQUIRE(changed.ok());
  CHECK(changed.response.visit_type_id() == filling.id());
  CHECK(changed.response.local_start() == kNine);
  REQUIRE(moved.ok());
  CHECK(moved.response.visit_type_id() == filling.id());
  REQUIRE(named.ok());
  CHECK(absent.reason() == ErrorReason::VISIT_TYPE_NOT_FOUND);
  CHECK(inactive.reason() == ErrorReason::VISIT_TYPE_INACTIVE);
  CHECK(at.desk().GetAppointment(visit.id()).response.SerializeAsString() ==
        named.response.SerializeAsString());
}

TEST_CASE("All visits of a series are of its type, also once it is cut",
          "[series][appointments][integration]") {
  Offering at;
  const VisitType closed = at.Added("Whitening", "#ddeeff");
  at.Close(closed);

  const auto absent = at.BookSeries(at.Form(at.server().RequestId()));
  const auto inactive = at.BookSeries(at.Form(closed.id()));
  const auto booked = at.BookSeries(at.Form(at.check_up().id()));

  CHECK(absent.reason() == ErrorReason::VISIT_TYPE_NOT_FOUND);
  CHECK(inactive.reason() == ErrorReason::VISIT_TYPE_INACTIVE);
  REQUIRE(booked.ok());
  CHECK(booked.response.series().appointment().visit_type_id() == at.check_up().id());
  const auto visits = at.desk().Day(2027, 3, 30).response.appointments();
  REQUIRE(visits.size() == 1);
  CHECK(visits[0].visit_type_id() == at.check_up().id());
  const auto cut = at.CutSeries(booked.response.series(), visits[0]);
  REQUIRE(cut.ok());
  CHECK(cut.response.series().id() != booked.response.series().id());
  CHECK(cut.response.series().appointment().visit_type_id() == at.check_up().id());
  CHECK(at.desk().GetAppointment(visits[0].id()).response.visit_type_id() == at.check_up().id());
}

TEST_CASE("A series whose type takes no bookings any more moves, unless its times are taken",
          "[series][appointments][integration]") {
  Offering at;
  const auto booked = at.BookSeries(at.Form(at.check_up().id()));
  REQUIRE(booked.ok());
  const auto visits = at.desk().Day(2027, 3, 30).response.appointments();
  REQUIRE(visits.size() == 1);
  at.Close(at.check_up());
  // When that visit would be.
  const Appointment other = at.desk().Booked(at.Form("", "2027-03-30T11:00"));

  const auto taken = at.CutSeries(booked.response.series(), visits[0]);
  REQUIRE(at.desk().Cancel(other.id()).ok());
  const auto free = at.CutSeries(booked.response.series(), visits[0]);

  CHECK(taken.code() == StatusCode::FAILED_PRECONDITION);
  CHECK(taken.reason() == ErrorReason::APPOINTMENT_SERIES_CONFLICT);
  REQUIRE(free.ok());
  CHECK(free.response.series().appointment().visit_type_id() == at.check_up().id());
}

TEST_CASE("Where a visit type is no UUID, the field is named", "[appointments][integration]") {
  Offering at;

  const auto refused = at.desk().Book(at.Form("check-up"));

  CHECK(refused.code() == StatusCode::INVALID_ARGUMENT);
  CHECK(refused.fields() == std::vector<std::string>{"appointment.visit_type_id"});
}

}  // namespace
}  // namespace clinicd::testing
