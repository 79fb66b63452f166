#include "clinicd/sdk/watch.h"

#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <catch2/catch.hpp>
#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "clinicd/appointments/v1/appointment_service.grpc.pb.h"
#include "clinicd/identity/v1/session_service.grpc.pb.h"
#include "common/status/error.h"
#include "common/status/grpc_status.h"

namespace clinicd::sdk {
namespace {

using absl::StatusCode;
using appointments::v1::AppointmentService;
using appointments::v1::WatchDayEvent;
using appointments::v1::WatchDayRequest;

using Writer = grpc::ServerWriter<WatchDayEvent>;
using Stream = std::function<grpc::Status(grpc::ServerContext&, Writer&)>;

grpc::Status Fail(StatusCode code, type::v1::ErrorReason reason) {
  return status::ToGrpc(status::Error(code, reason, ""), "");
}

void Send(Writer& writer, const std::string& id, const std::string& resume_token) {
  WatchDayEvent event;
  event.mutable_remove()->set_id(id);
  event.set_resume_token(resume_token);
  writer.Write(event);
}

// A stream that sends one event and ends in the given way.
Stream One(const std::string& id, const std::string& resume_token,
           const grpc::Status& end = grpc::Status::OK) {
  return [=](grpc::ServerContext&, Writer& writer) {
    Send(writer, id, resume_token);
    return end;
  };
}

Stream Broken() {
  return [](grpc::ServerContext&, Writer&) {
    return Fail(StatusCode::kUnavailable, type::v1::DATABASE_UNAVAILABLE);
  };
}

class Days final : public AppointmentService::Service {
 public:
  grpc::Status WatchDay(grpc::ServerContext* context, const WatchDayRequest* request,
                        Writer* writer) override {
    resume_tokens.push_back(request->resume_token());
    if (streams.empty()) return Fail(StatusCode::kPermissionDenied, type::v1::PERMISSION_MISSING);
    const Stream stream = streams.front();
    streams.pop_front();
    return stream(*context, *writer);
  }

  std::vector<std::string> resume_tokens;
  std::deque<Stream> streams;
};

class Sessions final : public identity::v1::SessionService::Service {
 public:
  grpc::Status Refresh(grpc::ServerContext*, const identity::v1::RefreshRequest*,
                       identity::v1::RefreshResponse* response) override {
    response->mutable_tokens()->set_access_token(absl::StrCat("access-", ++refreshes));
    response->mutable_tokens()->set_refresh_token("refresh");
    return grpc::Status::OK;
  }

  int refreshes = 0;
};

struct Fixture {
  Fixture() {
    grpc::ServerBuilder builder;
    builder.RegisterService(&days);
    builder.RegisterService(&sessions);
    server = builder.BuildAndStart();
    SessionOptions options;
    options.retry.backoff = absl::Seconds(1);
    options.retry.backoff_max = absl::Seconds(4);
    options.timing.now = [this] { return now; };
    options.timing.sleep = [this](absl::Duration wait) {
      waited += wait;
      now += wait;
    };
    session = *Session::Resume(
        server->InProcessChannel({}),
        std::make_shared<MemoryTokenStore>(
            Tokens{.access_token = "first", .access_expire_time = absl::InfiniteFuture()}),
        options);
    stub = AppointmentService::NewStub(session->channel());
    watch.on_disconnect = [this](const absl::Status& status) {
      ends.push_back(status.code());
      waits.push_back(std::exchange(waited, absl::ZeroDuration()));
    };
  }
  // Watches until the server refuses for good, or `count` events have come.
  absl::Status Run(std::size_t count = 1000) {
    return Watch(
        *session, *stub, &AppointmentService::Stub::PrepareAsyncWatchDay, WatchDayRequest(),
        [&](const WatchDayEvent& event) {
          ids += event.remove().id();
          return ids.size() < count;
        },
        watch);
  }

  absl::Time now = absl::FromUnixSeconds(1'700'000'000);
  Days days;
  Sessions sessions;
  std::unique_ptr<grpc::Server> server;
  std::unique_ptr<Session> session;
  std::unique_ptr<AppointmentService::Stub> stub;
  WatchOptions watch;
  std::string ids;
  std::vector<StatusCode> ends;
  // What was waited for in front of each stream, and since the last.
  std::vector<absl::Duration> waits;
  absl::Duration waited;
};

TEST_CASE("A watch goes on behind the last event when a stream breaks or ends", "[sdk][unit]") {
  Fixture fixture;
  fixture.days.streams = {
      One("a", "1", Fail(StatusCode::kUnavailable, type::v1::SHUTTING_DOWN)), One("b", ""),
      One("c", "3", Fail(StatusCode::kUnauthenticated, type::v1::TOKEN_EXPIRED))};

  const absl::Status status = fixture.Run();

  CHECK(ReasonOf(status) == type::v1::PERMISSION_MISSING);
  CHECK(fixture.ids == "abc");
  CHECK(fixture.days.resume_tokens == std::vector<std::string>{"", "1", "1", "3"});
  CHECK(fixture.sessions.refreshes == 1);
  CHECK(fixture.ends == std::vector<StatusCode>{StatusCode::kUnavailable, StatusCode::kOk,
                                                StatusCode::kUnauthenticated,
                                                StatusCode::kPermissionDenied});
}

TEST_CASE("A watch waits longer while streams fail, and begins anew after an event",
          "[sdk][unit]") {
  Fixture fixture;
  fixture.days.streams = {Broken(), Broken(), Broken(), One("a", "1"), Broken()};

  CHECK(absl::IsPermissionDenied(fixture.Run()));

  REQUIRE(fixture.waits.size() == 6);
  CHECK(fixture.waits[1] == absl::ZeroDuration());
  CHECK(fixture.waits[2] >= absl::Milliseconds(500));
  CHECK(fixture.waits[2] <= absl::Seconds(1));
  CHECK(fixture.waits[3] >= absl::Seconds(1));
  CHECK(fixture.waits[3] <= absl::Seconds(2));
  CHECK(fixture.waits[4] == absl::ZeroDuration());
}

TEST_CASE("A watch gives up after the failures it may have", "[sdk][unit]") {
  Fixture fixture;
  fixture.watch.failures_max = 2;
  fixture.days.streams = {Broken(), Broken(), Broken(), Broken()};

  CHECK(ReasonOf(fixture.Run()) == type::v1::DATABASE_UNAVAILABLE);
  CHECK(fixture.days.streams.size() == 1);
}

TEST_CASE("A watch begins anew when the server does not take its resume token", "[sdk][unit]") {
  Fixture fixture;
  const Stream refuse = [](grpc::ServerContext&, Writer&) {
    return Fail(StatusCode::kInvalidArgument, type::v1::RESUME_TOKEN_INVALID);
  };
  fixture.days.streams = {One("a", "1"), refuse, One("b", "2")};

  CHECK(absl::IsPermissionDenied(fixture.Run()));

  CHECK(fixture.ids == "ab");
  CHECK(fixture.days.resume_tokens == std::vector<std::string>{"", "1", "", "2"});
}

TEST_CASE("A watch opens a new stream when the server falls silent", "[sdk][unit]") {
  Fixture fixture;
  fixture.watch.silence_max = absl::Milliseconds(150);
  fixture.days.streams = {[&](grpc::ServerContext& context, Writer& writer) {
    Send(writer, "a", "1");
    while (!context.IsCancelled()) absl::SleepFor(absl::Milliseconds(1));
    return grpc::Status::CANCELLED;
  }};

  CHECK(absl::IsPermissionDenied(fixture.Run()));

  CHECK(fixture.ids == "a");
  CHECK(fixture.days.resume_tokens == std::vector<std::string>{"", "1"});
  CHECK(fixture.ends.front() == StatusCode::kUnavailable);
}

TEST_CASE("A watch ends when its caller has seen enough, or says so", "[sdk][unit]") {
  Fixture fixture;
  fixture.days.streams = {[](grpc::ServerContext& context, Writer& writer) {
    Send(writer, "a", "1");
    Send(writer, "b", "2");
    while (!context.IsCancelled()) absl::SleepFor(absl::Milliseconds(1));
    return grpc::Status::CANCELLED;
  }};
  SECTION("by what it returns") {
    CHECK(fixture.Run(2).ok());
    CHECK(fixture.ids == "ab");
  }
  SECTION("by its options") {
    fixture.watch.should_stop = [&] { return fixture.ids.size() == 2; };
    CHECK(fixture.Run().ok());
    CHECK(fixture.ids == "ab");
  }
  CHECK(fixture.ends.empty());
}

}  // namespace
}  // namespace clinicd::sdk
