// How streams live and end.
#include <catch2/catch.hpp>
#include <memory>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "tests/support/fakes.h"
#include "tests/support/front_desk.h"
#include "tests/support/watcher.h"

namespace clinicd::testing {
namespace {

using appointments::v1::Appointment;
using appointments::v1::WatchDayRequest;
using Event = Watcher::Event;

constexpr int kWatchers = 200;
constexpr int kChanges = 100;

WatchDayRequest TheDay(const std::string& token = "") { return DayRequest(2027, 3, 29, token); }

bool IsComplete(const Watcher& watcher) { return watcher.complete(); }

Appointment Slot(const FrontDesk& desk, const std::string& patient, const std::string& practitioner,
                 int number) {
  Appointment form = AppointmentForm(
      patient, practitioner, absl::StrFormat("2027-03-29T%02d:%02d", number / 12, number % 12 * 5));
  form.set_duration_minutes(5);
  return desk.Booked(form);
}

// A server whose time a test decides, with one who watches.
struct Timed {
  Timed() {
    TestServer::Options options;
    options.clock = &clock;
    server = std::make_unique<TestServer>(options);
    desk = std::make_unique<FrontDesk>(*server, "a");
  }

  FakeClock clock{absl::Now()};
  std::unique_ptr<TestServer> server;
  std::unique_ptr<FrontDesk> desk;
};

TEST_CASE("A stream with nothing to tell sends heartbeats with tokens, every 20 seconds",
          "[streams][integration]") {
  Timed timed;
  Watcher watcher(timed.desk->client(), TheDay());
  REQUIRE(watcher.Await(IsComplete));

  timed.clock.Advance(absl::Seconds(20));
  const std::optional<Event> first = watcher.Next();
  timed.clock.Advance(absl::Seconds(20));
  const std::optional<Event> second = watcher.Next();

  REQUIRE(second);
  CHECK(first->has_heartbeat());
  CHECK_FALSE(first->resume_token().empty());
  CHECK(second->has_heartbeat());
}

TEST_CASE("A stream of full age ends with OK after a heartbeat with a token",
          "[streams][integration]") {
  FakeClock clock(absl::Now());
  TestServer::Options options;
  options.clock = &clock;
  options.adjust = [](server::ApplicationOptions& application) {
    application.stream_age_max = absl::Minutes(5);
  };
  TestServer server(options);
  const FrontDesk desk(server, "a");
  Watcher watcher(desk.client(), TheDay());
  REQUIRE(watcher.Await(IsComplete));

  clock.Advance(absl::Minutes(5));
  const grpc::Status status = watcher.End();

  CHECK(status.ok());
  CHECK(watcher.kinds() == std::vector<Watcher::Kind>{Event::kSnapshot, Event::kHeartbeat});
  CHECK(Watcher(desk.client(), TheDay(watcher.token())).Next());
}

TEST_CASE("A token older than the change table brings the whole day again",
          "[streams][integration]") {
  Timed timed;
  const TestUser user =
      timed.server->AddUser(timed.desk->clinic(), {identity::v1::ROLE_RECEPTIONIST});
  std::string token;
  {
    Watcher watcher(timed.server->SignedInAs(user), TheDay());
    REQUIRE(watcher.Await(IsComplete));
    token = watcher.token();
  }

  timed.clock.Advance(absl::Hours(23) - absl::Minutes(1));
  const std::optional<Event> known = Watcher(timed.server->SignedInAs(user), TheDay(token)).Next();
  timed.clock.Advance(absl::Minutes(1));
  const std::optional<Event> old = Watcher(timed.server->SignedInAs(user), TheDay(token)).Next();

  REQUIRE(known);
  CHECK_FALSE(known->has_snapshot());
  REQUIRE(old);
  CHECK(old->has_snapshot());
}

TEST_CASE("A stream ends when the access token expires", "[streams][integration]") {
  Timed timed;
  Watcher watcher(timed.desk->client(), TheDay());
  REQUIRE(watcher.Await(IsComplete));

  timed.clock.Advance(absl::Minutes(10) + absl::Seconds(1));
  const grpc::Status status = watcher.End();

  CHECK(status.error_code() == grpc::StatusCode::UNAUTHENTICATED);
  CHECK(ReasonOf(status) == ErrorReason::TOKEN_EXPIRED);
}

// Changes that take the right to watch from a user.
enum class Loss { kDisabled, kRoles, kSignedOut };

TEST_CASE("A stream ends within a second of the loss of rights, and tells nothing afterwards",
          "[streams][integration]") {
  const Loss loss = GENERATE(Loss::kDisabled, Loss::kRoles, Loss::kSignedOut);
  TestServer server;
  const FrontDesk desk(server, "a");
  const std::string patient = desk.RegisteredPatient();
  const std::string practitioner = desk.AddPractitioner();
  const Client owner = server.SignedIn(desk.clinic(), {identity::v1::ROLE_OWNER});
  const TestUser user = server.AddUser(desk.clinic(), {identity::v1::ROLE_ASSISTANT});
  const Client assistant = server.SignedInAs(user);
  Watcher watcher(assistant, TheDay());
  REQUIRE(watcher.Await(IsComplete));

  if (loss == Loss::kDisabled) {
    identity::v1::DisableUserRequest request;
    request.set_id(user.id.ToString());
    request.set_request_id(server.RequestId());
    REQUIRE(owner.Call(owner.users(), &identity::v1::UserService::Stub::DisableUser, request).ok());
  } else if (loss == Loss::kRoles) {
    identity::v1::SetUserRolesRequest request;
    request.set_id(user.id.ToString());
    request.add_roles(identity::v1::ROLE_PATIENT);
    request.set_request_id(server.RequestId());
    REQUIRE(
        owner.Call(owner.users(), &identity::v1::UserService::Stub::SetUserRoles, request).ok());
  } else {
    identity::v1::SignOutRequest request;
    request.set_request_id(server.RequestId());
    REQUIRE(
        assistant.Call(assistant.sessions(), &identity::v1::SessionService::Stub::SignOut, request)
            .ok());
  }
  const absl::Time lost_at = absl::Now();
  const grpc::Status status = watcher.End();
  const absl::Duration took = absl::Now() - lost_at;

  CHECK(status.error_code() == grpc::StatusCode::UNAUTHENTICATED);
  CHECK(ReasonOf(status) == ErrorReason::SESSION_REVOKED);
  CHECK(took < absl::Seconds(1));
  CHECK(watcher.kinds().size() == 1);
}

TEST_CASE("A server that stops ends its streams with UNAVAILABLE and a token that another takes",
          "[streams][integration]") {
  const TestDatabase database;
  TestServer::Options options;
  options.database = &database;
  auto first = std::make_unique<TestServer>(options);
  const FrontDesk desk(*first, "a");
  const std::string patient = desk.RegisteredPatient();
  const std::string practitioner = desk.AddPractitioner();
  Watcher watcher(desk.client(), TheDay());
  REQUIRE(watcher.Await(IsComplete));

  std::thread stop([&] { first->application().Stop(absl::Seconds(20)); });
  const grpc::Status status = watcher.End();
  stop.join();

  CHECK(status.error_code() == grpc::StatusCode::UNAVAILABLE);
  CHECK(ReasonOf(status) == ErrorReason::SHUTTING_DOWN);
  CHECK(watcher.kinds() == std::vector<Watcher::Kind>{Event::kSnapshot, Event::kHeartbeat});
  options.key_directory = first->key_directory();
  TestServer second(options);
  const Client again(second.Channel(), desk.client().token());
  const std::optional<Event> event = Watcher(again, TheDay(watcher.token())).Next();
  REQUIRE(event);
  CHECK_FALSE(event->has_snapshot());
}

TEST_CASE("200 who watch one day all see the last state of 100 changes", "[streams][integration]") {
  TestServer server;
  const FrontDesk desk(server, "a");
  const std::string patient = desk.RegisteredPatient();
  const std::string practitioner = desk.AddPractitioner();
  std::vector<std::unique_ptr<Watcher>> watchers;
  for (int i = 0; i < kWatchers; ++i) {
    watchers.push_back(std::make_unique<Watcher>(desk.client(), TheDay()));
  }
  for (const auto& watcher : watchers) REQUIRE(watcher->Await(IsComplete));

  // Half of the changes book, the others cancel every second of what was booked and book again.
  std::map<std::string, std::string> expected;
  for (int i = 0; i < kChanges / 2; ++i) {
    const Appointment booked = Slot(desk, patient, practitioner, i);
    expected[booked.id()] = booked.etag();
    if (i % 2 == 0) continue;
    REQUIRE(desk.Cancel(booked.id()).ok());
    expected.erase(booked.id());
    const Appointment anew = Slot(desk, patient, practitioner, i);
    expected[anew.id()] = anew.etag();
  }

  int complete = 0;
  for (const auto& watcher : watchers) {
    const auto agrees = [&](const Watcher& w) {
      std::map<std::string, std::string> seen;
      for (const auto& [id, appointment] : w.day()) seen[id] = appointment.etag();
      return seen == expected;
    };
    complete += watcher->Await(agrees) ? 1 : 0;
  }
  CHECK(complete == kWatchers);
  CHECK_THAT(server.metrics().Exposition(), Catch::Contains("clinicd_streams 200"));

  // As many as one user may have. Another's are not counted among them.
  const grpc::Status refused = Watcher(desk.client(), TheDay()).End();
  CHECK(refused.error_code() == grpc::StatusCode::RESOURCE_EXHAUSTED);
  CHECK(ReasonOf(refused) == ErrorReason::STREAM_LIMIT_REACHED);
  Watcher other(server.SignedInAs(server.AddUser(desk.clinic(), {identity::v1::ROLE_RECEPTIONIST})),
                TheDay());
  CHECK(other.Await(IsComplete));
}

}  // namespace
}  // namespace clinicd::testing
