#include "tests/integration/series_scene.h"

#include <catch2/catch.hpp>

namespace clinicd::testing {

using appointments::v1::AppointmentService;
using appointments::v1::CancelSeriesRequest;
using appointments::v1::CancelSeriesResponse;
using appointments::v1::CreateSeriesRequest;
using appointments::v1::CreateSeriesResponse;
using appointments::v1::ListSeriesAppointmentsRequest;
using appointments::v1::PreviewSeriesRequest;
using appointments::v1::PreviewSeriesResponse;
using appointments::v1::Series;
using appointments::v1::UpdateSeriesRequest;
using appointments::v1::UpdateSeriesResponse;

SeriesScene::SeriesScene()
    : desk_(server_, "sol"),
      patient_(desk_.RegisteredPatient()),
      practitioner_(desk_.AddPractitioner()) {}

Series SeriesScene::Form(const std::string& local_start, const std::string& rule) const {
  Series form;
  *form.mutable_appointment() = AppointmentForm(patient_, practitioner_, local_start);
  form.set_rule(rule);
  return form;
}

Reply<PreviewSeriesResponse> SeriesScene::Preview(const Series& form) const {
  PreviewSeriesRequest request;
  *request.mutable_series() = form;
  return desk_.client().Call(desk_.client().series(), &SeriesService::Stub::PreviewSeries, request);
}

Reply<CreateSeriesResponse> SeriesScene::Create(
    const Series& form, appointments::v1::SeriesConflictPolicy policy) const {
  CreateSeriesRequest request;
  *request.mutable_series() = form;
  request.set_conflict_policy(policy);
  request.set_request_id(server_.RequestId());
  return desk_.client().Call(desk_.client().series(), &SeriesService::Stub::CreateSeries, request);
}

Series SeriesScene::Created(const Series& form) const {
  const auto reply = Create(form);
  INFO(reply.status.error_message());
  REQUIRE(reply.ok());
  return reply.response.series();
}

Reply<Series> SeriesScene::Get(const std::string& id) const {
  appointments::v1::GetSeriesRequest request;
  request.set_id(id);
  return desk_.client().Call(desk_.client().series(), &SeriesService::Stub::GetSeries, request);
}

std::vector<Appointment> SeriesScene::Visits(const std::string& id) const {
  std::vector<Appointment> visits;
  ListSeriesAppointmentsRequest request;
  request.set_series_id(id);
  do {
    const auto reply = desk_.client().Call(desk_.client().series(),
                                           &SeriesService::Stub::ListSeriesAppointments, request);
    REQUIRE(reply.ok());
    for (const Appointment& visit : reply.response.appointments()) visits.push_back(visit);
    request.set_page_token(reply.response.next_page_token());
  } while (!request.page_token().empty());
  return visits;
}

std::vector<std::string> SeriesScene::Starts(const std::string& id) const {
  std::vector<std::string> starts;
  for (const Appointment& visit : Visits(id)) {
    if (visit.state() != Appointment::STATE_CANCELLED) starts.push_back(visit.local_start());
  }
  return starts;
}

UpdateSeriesRequest SeriesScene::Edit(const Series& series) const {
  UpdateSeriesRequest request;
  request.set_id(series.id());
  request.set_etag(series.etag());
  request.set_scope(appointments::v1::SERIES_SCOPE_ALL_FUTURE);
  request.set_request_id(server_.RequestId());
  return request;
}

UpdateSeriesRequest SeriesScene::Edit(const Series& series, const Appointment& first) const {
  UpdateSeriesRequest request = Edit(series);
  request.set_scope(appointments::v1::SERIES_SCOPE_THIS_AND_FOLLOWING);
  request.set_appointment_id(first.id());
  return request;
}

Reply<UpdateSeriesResponse> SeriesScene::Update(const UpdateSeriesRequest& request) const {
  return desk_.client().Call(desk_.client().series(), &SeriesService::Stub::UpdateSeries, request);
}

Reply<CancelSeriesResponse> SeriesScene::Cancel(const std::string& id, const std::string& first,
                                                const std::string& etag) const {
  CancelSeriesRequest request;
  request.set_id(id);
  request.set_scope(first.empty() ? appointments::v1::SERIES_SCOPE_ALL_FUTURE
                                  : appointments::v1::SERIES_SCOPE_THIS_AND_FOLLOWING);
  request.set_appointment_id(first);
  request.set_cancelled_by(appointments::v1::CANCELLED_BY_PATIENT);
  request.set_reason("moved away");
  request.set_etag(etag);
  request.set_request_id(server_.RequestId());
  return desk_.client().Call(desk_.client().series(), &SeriesService::Stub::CancelSeries, request);
}

Reply<Appointment> SeriesScene::Move(const Appointment& visit,
                                     const std::string& local_start) const {
  appointments::v1::RescheduleAppointmentRequest request;
  request.set_id(visit.id());
  request.set_etag(visit.etag());
  request.set_local_start(local_start);
  request.set_request_id(server_.RequestId());
  return desk_.client().Call(desk_.client().appointments(),
                             &AppointmentService::Stub::RescheduleAppointment, request);
}

Reply<Appointment> SeriesScene::Confirm(const std::string& id) const {
  appointments::v1::ConfirmAppointmentRequest request;
  request.set_id(id);
  request.set_request_id(server_.RequestId());
  return desk_.client().Call(desk_.client().appointments(),
                             &AppointmentService::Stub::ConfirmAppointment, request);
}

void SeriesScene::Begin(const Appointment& visit) const {
  Execute(
      "UPDATE clinicd.appointments SET starts_at = now() - interval '1 hour', ends_at = now() - "
      "interval '1 hour' + make_interval(mins => duration_minutes) WHERE id = '" +
      visit.id() + "'");
}

void SeriesScene::Execute(const std::string& sql) const {
  const absl::Status status = server_.database().Connect().Execute(sql);
  INFO(status);
  REQUIRE(status.ok());
}

int SeriesScene::CountRows(const std::string& table) const {
  db::AdminConnection superuser = server_.database().Connect();
  const auto rows = superuser.Query("SELECT count(*)::text FROM clinicd." + table);
  REQUIRE(rows.ok());
  return std::stoi(rows->at(0).at(0).value_or("-1"));
}

}  // namespace clinicd::testing
