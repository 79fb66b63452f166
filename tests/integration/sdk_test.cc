// The C++ SDK against a real server.
#include <catch2/catch.hpp>
#include <set>
#include <string>
#include <vector>

#include "clinicd/sdk/channel.h"
#include "clinicd/sdk/pages.h"
#include "clinicd/sdk/session.h"
#include "clinicd/sdk/watch.h"
#include "tests/support/fakes.h"
#include "tests/support/front_desk_clinic.h"

namespace clinicd::testing {
namespace {

using appointments::v1::Appointment;
using appointments::v1::AppointmentService;
using appointments::v1::CreateAppointmentRequest;
using identity::v1::PractitionerService;
using patients::v1::ListPatientsResponse;
using patients::v1::PatientService;

std::unique_ptr<sdk::Session> SignIn(const FrontDeskClinic& clinic,
                                     const sdk::SessionOptions& options = {}) {
  const auto channel = sdk::OpenChannel({.target = clinic.url(), .ca_file = clinic.ca_file()});
  REQUIRE(channel.ok());
  auto session = sdk::Session::SignIn(*channel,
                                      {.clinic_slug = clinic.clinic().slug,
                                       .email = clinic.receptionist().email,
                                       .password = kTestPassword},
                                      options);
  INFO(session.status().ToString());
  REQUIRE(session.ok());
  return *std::move(session);
}

CreateAppointmentRequest Booking(sdk::Session& session, const std::string& local_start) {
  const auto patients = PatientService::NewStub(session.channel());
  const auto practitioners = PractitionerService::NewStub(session.channel());
  const auto patient = session.Call(*patients, &PatientService::Stub::ListPatients,
                                    patients::v1::ListPatientsRequest());
  const auto practitioner =
      session.Call(*practitioners, &PractitionerService::Stub::ListPractitioners,
                   identity::v1::ListPractitionersRequest());
  REQUIRE(patient.ok());
  REQUIRE(practitioner.ok());
  CreateAppointmentRequest request;
  request.mutable_appointment()->set_patient_id(patient->patients(0).id());
  request.mutable_appointment()->set_practitioner_id(practitioner->practitioners(0).id());
  request.mutable_appointment()->set_local_start(local_start);
  request.mutable_appointment()->set_duration_minutes(30);
  return request;
}

// Loses the first answer: the server has booked, and nobody knows.
class LossyStub final {
 public:
  explicit LossyStub(const std::shared_ptr<grpc::Channel>& channel)
      : stub_(AppointmentService::NewStub(channel)) {}
  grpc::Status CreateAppointment(grpc::ClientContext* context,
                                 const CreateAppointmentRequest& request, Appointment* response) {
    request_ids.push_back(request.request_id());
    const grpc::Status status = stub_->CreateAppointment(context, request, response);
    if (request_ids.size() > 1) return status;
    return {grpc::StatusCode::UNAVAILABLE, "The connection broke."};
  }

  std::vector<std::string> request_ids;

 private:
  std::unique_ptr<AppointmentService::Stub> stub_;
};

TEST_CASE("The SDK books once when the first answer is lost", "[sdk][integration]") {
  const FrontDeskClinic clinic;
  const auto session = SignIn(clinic);
  LossyStub stub(session->channel());

  const auto booked =
      session->Call(stub, &LossyStub::CreateAppointment, Booking(*session, "2031-01-07T10:00"));

  REQUIRE(booked.ok());
  REQUIRE(stub.request_ids.size() == 2);
  CHECK(stub.request_ids[0] == stub.request_ids[1]);
  CHECK(clinic.Count("appointments") == 1);
}

TEST_CASE("The SDK tells what the server says of an error", "[sdk][integration]") {
  const FrontDeskClinic clinic;
  const auto session = SignIn(clinic);
  const auto stub = AppointmentService::NewStub(session->channel());
  CreateAppointmentRequest request = Booking(*session, "tomorrow");
  request.mutable_appointment()->set_duration_minutes(0);

  const auto refused = session->Call(*stub, &AppointmentService::Stub::CreateAppointment, request);

  const sdk::ErrorDetails details = sdk::DetailsOf(refused.status());
  CHECK(absl::IsInvalidArgument(refused.status()));
  CHECK(details.reason == type::v1::VALIDATION_FAILED);
  REQUIRE(details.fields.size() == 2);
  CHECK(details.fields[0].field == "appointment.local_start");
  CHECK(details.fields[1].field == "appointment.duration_minutes");
}

TEST_CASE("The SDK lists several pages as one", "[sdk][integration]") {
  const FrontDeskClinic clinic;
  const auto session = SignIn(clinic);
  const auto stub = PatientService::NewStub(session->channel());
  patients::v1::ListPatientsRequest request;
  request.set_page_size(10);
  std::set<std::string> ids;

  const absl::Status status = sdk::ForEachRow(
      *session, *stub, &PatientService::Stub::ListPatients, request,
      &ListPatientsResponse::patients,
      [&](const patients::v1::Patient& patient) { return ids.insert(patient.id()).second; });

  CHECK(status.ok());
  CHECK(ids.size() == clinic.Count("patients"));
}

TEST_CASE("The SDK goes on when its rights have changed", "[sdk][integration]") {
  FrontDeskClinic clinic;
  const auto session = SignIn(clinic);
  const auto before = session->AccessToken();
  REQUIRE(before.ok());
  Client owner = clinic.server().SignedIn(clinic.clinic(), {identity::v1::ROLE_OWNER});
  identity::v1::SetUserRolesRequest change;
  change.set_id(clinic.receptionist().id.ToString());
  change.add_roles(identity::v1::ROLE_ASSISTANT);
  change.add_roles(identity::v1::ROLE_RECEPTIONIST);
  change.set_request_id(clinic.server().RequestId());
  identity::v1::GetUserRequest get;
  get.set_id(change.id());
  change.set_etag(
      owner.Call(owner.users(), &identity::v1::UserService::Stub::GetUser, get).response.etag());
  REQUIRE(owner.Call(owner.users(), &identity::v1::UserService::Stub::SetUserRoles, change).ok());

  // The server ends the old token within a second; only a refresh helps then.
  const absl::Time deadline = absl::Now() + absl::Seconds(20);
  while (*session->AccessToken() == *before && absl::Now() < deadline) {
    REQUIRE(session->WhoAmI().ok());
  }

  CHECK(*session->AccessToken() != *before);
}

TEST_CASE("The SDK exchanges tokens before they expire", "[sdk][integration]") {
  const FrontDeskClinic clinic;
  FakeClock clock(absl::Now());
  const sdk::SessionOptions options{.timing = {.now = [&] { return clock.Now(); }}};
  const auto channel = sdk::OpenChannel({.target = clinic.url(), .ca_file = clinic.ca_file()});
  REQUIRE(channel.ok());
  const auto tokens = sdk::SignIn(*channel, {.clinic_slug = clinic.clinic().slug,
                                             .email = clinic.receptionist().email,
                                             .password = kTestPassword});
  REQUIRE(tokens.ok());
  const auto store = std::make_shared<sdk::MemoryTokenStore>(*tokens);
  const auto session = sdk::Session::Resume(*channel, store, options);
  REQUIRE(session.ok());
  clock.Advance(absl::Hours(1));

  CHECK((*session)->WhoAmI().ok());

  const std::string exchanged = store->Load()->refresh_token;
  CHECK(exchanged != tokens->refresh_token);
  CHECK((*session)->WhoAmI().ok());
  CHECK(store->Load()->refresh_token == exchanged);
  CHECK((*session)->SignOut().ok());
}

TEST_CASE("The SDK watches a day, across the loss of a stream", "[sdk][integration]") {
  const FrontDeskClinic clinic;
  const auto session = SignIn(clinic);
  const auto stub = AppointmentService::NewStub(session->channel());
  appointments::v1::WatchDayRequest request;
  request.mutable_date()->set_year(2033);
  request.mutable_date()->set_month(1);
  request.mutable_date()->set_day(7);
  std::set<std::string> seen;
  std::vector<std::string> booked;
  const auto book = [&](const std::string& local_start) {
    const auto reply = session->Call(*stub, &AppointmentService::Stub::CreateAppointment,
                                     Booking(*session, local_start));
    REQUIRE(reply.ok());
    booked.push_back(reply->id());
  };
  int streams = 0;
  sdk::WatchOptions options;
  options.silence_max = absl::Seconds(2);
  options.on_disconnect = [&](const absl::Status& status) {
    CHECK(absl::IsUnavailable(status));
    // While nobody watches.
    if (++streams == 1) book("2033-01-07T12:00");
  };

  // The server's heartbeats come too rarely for this client, so it opens stream after stream.
  const absl::Status status = sdk::Watch(
      *session, *stub, &AppointmentService::Stub::PrepareAsyncWatchDay, request,
      [&](const appointments::v1::WatchDayEvent& event) {
        for (const auto& one : event.snapshot().appointments()) seen.insert(one.id());
        if (event.has_upsert()) seen.insert(event.upsert().id());
        if (event.snapshot().last() && booked.empty()) book("2033-01-07T10:00");
        return seen.size() < 2;
      },
      options);

  CHECK(status.ok());
  CHECK(streams >= 1);
  CHECK(seen == std::set<std::string>(booked.begin(), booked.end()));
}

}  // namespace
}  // namespace clinicd::testing
