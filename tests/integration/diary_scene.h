// A clinic that looks at its diary and its waiting room.
#pragma once

#include <catch2/catch.hpp>
#include <optional>
#include <string>

#include "common/rpc/civil.h"
#include "tests/support/front_desk.h"

namespace clinicd::testing {

// A Monday, an hour before UTC in Madrid.
inline constexpr absl::CivilDay kDiaryMonday(2027, 3, 1);

// The desk of a clinic in Madrid, which looks at its diary.
struct DiaryDesk {
  explicit DiaryDesk(TestServer& test_server, const std::string& zone = "Europe/Madrid")
      : server(test_server), desk(test_server, "diary", zone) {}

  appointments::v1::GetDiaryRequest Asked(appointments::v1::GetDiaryRequest::Grouping grouping,
                                          absl::CivilDay day = kDiaryMonday,
                                          int day_count = 0) const {
    appointments::v1::GetDiaryRequest request;
    *request.mutable_first_date() = rpc::ToDate(day);
    request.set_day_count(day_count);
    request.set_grouping(grouping);
    return request;
  }
  Reply<appointments::v1::Diary> Get(const appointments::v1::GetDiaryRequest& request) const {
    return desk.client().Call(desk.client().diaries(),
                              &appointments::v1::DiaryService::Stub::GetDiary, request);
  }
  appointments::v1::Diary Shown(const appointments::v1::GetDiaryRequest& request) const {
    const auto reply = Get(request);
    INFO(reply.status.error_message());
    REQUIRE(reply.ok());
    return reply.response;
  }
  appointments::v1::WaitingRoom Waiting(
      const appointments::v1::GetWaitingRoomRequest& request = {}) const {
    const auto reply = desk.client().Call(
        desk.client().diaries(), &appointments::v1::DiaryService::Stub::GetWaitingRoom, request);
    INFO(reply.status.error_message());
    REQUIRE(reply.ok());
    return reply.response;
  }

  // Without the API.
  std::string Insert(const std::string& sql, const std::string& text,
                     const std::string& place = "") const {
    const std::string id = server.NewUuid().ToString();
    const auto added = server.database().Connect().Query(
        sql, {desk.clinic().id.ToString(), id, text,
              place.empty() ? std::nullopt : std::optional(place)});
    INFO(added.status());
    REQUIRE(added.ok());
    return id;
  }
  std::string AddLocation(const std::string& name) const {
    return Insert(
        "INSERT INTO clinicd.locations (clinic_id, id, name, time_zone) "
        "SELECT $1, $2, $3, 'Atlantic/Canary' WHERE $4::text IS NULL",
        name);
  }
  std::string AddChair(const std::string& name, const std::string& location = "") const {
    return Insert(
        "INSERT INTO clinicd.resources (clinic_id, id, kind, name, location_id, color) "
        "VALUES ($1, $2, 'chair', $3, $4, '#2f80ed')",
        name, location);
  }

  void SetHours(const std::string& who, const std::string& from, const std::string& to,
                const std::string& location = "") const {
    appointments::v1::SetWorkingHoursRequest request;
    request.mutable_owner()->set_kind(appointments::v1::ScheduleOwner::KIND_PRACTITIONER);
    request.mutable_owner()->set_id(who);
    auto& row = *request.add_hours();
    row.set_weekday(1);
    row.set_local_from(from);
    row.set_local_to(to);
    row.set_location_id(location);
    request.set_etag("\"none\"");
    request.set_request_id(server.RequestId());
    REQUIRE(desk.client()
                .Call(desk.client().schedules(),
                      &appointments::v1::ScheduleService::Stub::SetWorkingHours, request)
                .ok());
  }
  std::string Close(const std::string& who, const std::string& from, const std::string& to) const {
    appointments::v1::CreateScheduleExceptionRequest request;
    auto& exception = *request.mutable_exception();
    exception.mutable_owner()->set_kind(appointments::v1::ScheduleOwner::KIND_PRACTITIONER);
    exception.mutable_owner()->set_id(who);
    exception.set_kind(appointments::v1::ScheduleException::KIND_CLOSED);
    *exception.mutable_first_date() = rpc::ToDate(kDiaryMonday);
    exception.set_local_from(from);
    exception.set_local_to(to);
    exception.set_reason("Meeting");
    request.set_request_id(server.RequestId());
    const auto reply = desk.client().Call(
        desk.client().schedules(),
        &appointments::v1::ScheduleService::Stub::CreateScheduleException, request);
    REQUIRE(reply.ok());
    return reply.response.id();
  }
  appointments::v1::Hold Hold(const std::string& who, const std::string& start) const {
    appointments::v1::HoldSlotRequest request;
    request.mutable_hold()->set_practitioner_id(who);
    request.mutable_hold()->set_local_start(start);
    request.mutable_hold()->set_duration_minutes(30);
    request.set_request_id(server.RequestId());
    const auto reply =
        desk.client().Call(desk.client().appointments(),
                           &appointments::v1::AppointmentService::Stub::HoldSlot, request);
    REQUIRE(reply.ok());
    return reply.response;
  }
  appointments::v1::Appointment Seat(const std::string& id) const {
    appointments::v1::SeatAppointmentRequest request;
    request.set_id(id);
    request.set_request_id(server.RequestId());
    const auto reply =
        desk.client().Call(desk.client().appointments(),
                           &appointments::v1::AppointmentService::Stub::SeatAppointment, request);
    INFO(reply.status.error_message());
    REQUIRE(reply.ok());
    return reply.response;
  }

  TestServer& server;
  FrontDesk desk;
  std::string practitioner = desk.AddPractitioner();
  std::string patient = desk.RegisteredPatient();
};

inline appointments::v1::Appointment InChair(appointments::v1::Appointment form,
                                             const std::string& chair) {
  auto& who = *form.add_allocations();
  who.set_kind(appointments::v1::RESOURCE_KIND_PRACTITIONER);
  who.set_resource_id(form.practitioner_id());
  auto& where = *form.add_allocations();
  where.set_kind(appointments::v1::RESOURCE_KIND_CHAIR);
  where.set_resource_id(chair);
  return form;
}

}  // namespace clinicd::testing
