#include "clinicd/sdk/session.h"

#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <catch2/catch.hpp>
#include <deque>
#include <set>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "clinicd/patients/v1/patient_service.grpc.pb.h"
#include "clinicd/sdk/channel.h"
#include "common/base/uuid.h"
#include "common/status/error.h"
#include "common/status/grpc_status.h"
#include "tests/support/fakes.h"

namespace clinicd::sdk {
namespace {

using absl::StatusCode;
using clinicd::testing::FakeClock;

// Answers calls with what the test prepared, then well. Thread-safe.
class FakeServer final {
 public:
  explicit FakeServer(const FakeClock& clock) : sessions_(*this, clock), patients_(*this) {
    grpc::ServerBuilder builder;
    builder.RegisterService(&sessions_);
    builder.RegisterService(&patients_);
    server_ = builder.BuildAndStart();
  }
  ~FakeServer() { server_->Shutdown(); }
  FakeServer(const FakeServer&) = delete;
  FakeServer& operator=(const FakeServer&) = delete;

  std::shared_ptr<grpc::Channel> Channel() { return server_->InProcessChannel({}); }

  // The next call, of any kind but Refresh, is answered with this.
  void FailNext(absl::Status status) {
    const absl::MutexLock lock(&mutex_);
    failures_.push_back(std::move(status));
  }

  std::vector<std::string> request_ids() const {
    const absl::MutexLock lock(&mutex_);
    return request_ids_;
  }
  std::vector<std::string> authorizations() const {
    const absl::MutexLock lock(&mutex_);
    return authorizations_;
  }
  int refreshes() const {
    const absl::MutexLock lock(&mutex_);
    return refreshes_;
  }

 private:
  class Sessions final : public identity::v1::SessionService::Service {
   public:
    Sessions(FakeServer& server, const FakeClock& clock) : server_(server), clock_(clock) {}
    grpc::Status SignIn(grpc::ServerContext*, const identity::v1::SignInRequest*,
                        identity::v1::SignInResponse* response) override {
      SetTokens("first", *response->mutable_tokens());
      return server_.NextStatus();
    }
    grpc::Status Refresh(grpc::ServerContext*, const identity::v1::RefreshRequest* request,
                         identity::v1::RefreshResponse* response) override {
      const absl::MutexLock lock(&server_.mutex_);
      if (request->refresh_token() != server_.refresh_token_) {
        return status::ToGrpc(
            status::Error(StatusCode::kUnauthenticated, type::v1::REFRESH_TOKEN_INVALID, "Spent."),
            "");
      }
      server_.refresh_token_ = absl::StrCat("refresh-", ++server_.refreshes_);
      SetTokens(absl::StrCat("access-", server_.refreshes_), *response->mutable_tokens());
      response->mutable_tokens()->set_refresh_token(server_.refresh_token_);
      return grpc::Status::OK;
    }

   private:
    void SetTokens(const std::string& access, identity::v1::TokenPair& tokens) const {
      tokens.set_access_token(access);
      tokens.set_refresh_token("refresh-0");
      tokens.mutable_access_expire_time()->set_seconds(
          absl::ToUnixSeconds(clock_.Now() + absl::Minutes(10)));
    }
    FakeServer& server_;
    const FakeClock& clock_;
  };

  class Patients final : public patients::v1::PatientService::Service {
   public:
    explicit Patients(FakeServer& server) : server_(server) {}
    grpc::Status CreatePatient(grpc::ServerContext* context,
                               const patients::v1::CreatePatientRequest* request,
                               patients::v1::Patient* response) override {
      {
        const absl::MutexLock lock(&server_.mutex_);
        server_.request_ids_.push_back(request->request_id());
        const auto token = context->client_metadata().find("authorization");
        if (token != context->client_metadata().end()) {
          server_.authorizations_.emplace_back(token->second.data(), token->second.size());
        }
      }
      response->set_id("made");
      return server_.NextStatus();
    }

   private:
    FakeServer& server_;
  };

  grpc::Status NextStatus() {
    const absl::MutexLock lock(&mutex_);
    if (failures_.empty()) return grpc::Status::OK;
    const absl::Status status = failures_.front();
    failures_.pop_front();
    return status::ToGrpc(status, "");
  }

  mutable absl::Mutex mutex_;
  std::deque<absl::Status> failures_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::string> request_ids_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::string> authorizations_ ABSL_GUARDED_BY(mutex_);
  std::string refresh_token_ ABSL_GUARDED_BY(mutex_) = "refresh-0";
  int refreshes_ ABSL_GUARDED_BY(mutex_) = 0;
  Sessions sessions_;
  Patients patients_;
  std::unique_ptr<grpc::Server> server_;
};

struct Fixture {
  Fixture() {
    session = *Session::SignIn(server.Channel(),
                               {.clinic_slug = "a", .email = "b", .password = "c"}, Options());
    patients = patients::v1::PatientService::NewStub(session->channel());
  }
  SessionOptions Options() {
    return {.retry = {.deadline = absl::Seconds(60),
                      .attempts_max = 3,
                      .backoff = absl::Seconds(1),
                      .backoff_max = absl::Seconds(4)},
            .timing = {.now = [this] { return clock.Now(); },
                       .sleep =
                           [this](absl::Duration wait) {
                             waits.push_back(wait);
                             clock.Advance(wait);
                           }}};
  }
  absl::Status CreatePatient() {
    patients::v1::CreatePatientRequest request;
    return session->Call(*patients, &patients::v1::PatientService::Stub::CreatePatient, request)
        .status();
  }
  FakeClock clock{absl::FromUnixSeconds(1'700'000'000)};
  FakeServer server{clock};
  // The waits between attempts; the clock moves on as if they had been.
  std::vector<absl::Duration> waits;
  std::unique_ptr<Session> session;
  std::unique_ptr<patients::v1::PatientService::Stub> patients;
};

TEST_CASE("Session sends its token with each call", "[sdk][unit]") {
  Fixture fixture;

  REQUIRE(fixture.CreatePatient().ok());

  CHECK(fixture.server.authorizations() == std::vector<std::string>{"Bearer first"});
}

TEST_CASE("Session repeats what may pass with the same request id", "[sdk][unit]") {
  const auto [code, reason] = GENERATE(table<StatusCode, type::v1::ErrorReason>({
      {StatusCode::kUnavailable, type::v1::DATABASE_UNAVAILABLE},
      {StatusCode::kAborted, type::v1::CONFLICT_RETRY},
      {StatusCode::kResourceExhausted, type::v1::SERVER_BUSY},
      {StatusCode::kDeadlineExceeded, type::v1::DEADLINE_PASSED},
  }));
  Fixture fixture;
  fixture.server.FailNext(status::Error(code, reason, ""));
  fixture.server.FailNext(status::Error(code, reason, ""));

  REQUIRE(fixture.CreatePatient().ok());

  const std::vector<std::string> ids = fixture.server.request_ids();
  REQUIRE(ids.size() == 3);
  CHECK(std::set<std::string>(ids.begin(), ids.end()).size() == 1);
  REQUIRE(fixture.waits.size() == 2);
  CHECK(fixture.waits[0] >= absl::Milliseconds(500));
  CHECK(fixture.waits[0] <= absl::Seconds(1));
  CHECK(fixture.waits[1] >= absl::Seconds(1));
  CHECK(fixture.waits[1] <= absl::Seconds(2));
}

TEST_CASE("Session makes a request id for each call that has none", "[sdk][unit]") {
  Fixture fixture;
  REQUIRE(fixture.CreatePatient().ok());
  REQUIRE(fixture.CreatePatient().ok());
  patients::v1::CreatePatientRequest request;
  request.set_request_id("mine");
  REQUIRE(fixture.session
              ->Call(*fixture.patients, &patients::v1::PatientService::Stub::CreatePatient, request)
              .ok());

  const std::vector<std::string> ids = fixture.server.request_ids();
  REQUIRE(ids.size() == 3);
  CHECK(Uuid::Parse(ids[0]).has_value());
  CHECK(ids[0] != ids[1]);
  CHECK(ids[2] == "mine");
}

TEST_CASE("Session waits as long as the server asks", "[sdk][unit]") {
  Fixture fixture;
  fixture.server.FailNext(status::Error(StatusCode::kResourceExhausted, type::v1::SERVER_BUSY, "")
                              .RetryAfter(absl::Seconds(3)));

  REQUIRE(fixture.CreatePatient().ok());

  CHECK(fixture.waits == std::vector<absl::Duration>{absl::Seconds(3)});
}

TEST_CASE("Session does not begin an attempt behind the deadline of the call", "[sdk][unit]") {
  Fixture fixture;
  SessionOptions options = fixture.Options();
  options.retry.deadline = absl::Seconds(1);
  const auto session = Session::SignIn(fixture.server.Channel(), {}, options);
  REQUIRE(session.ok());
  for (int i = 0; i < 2; ++i) {
    fixture.server.FailNext(
        status::Error(StatusCode::kUnavailable, type::v1::DATABASE_UNAVAILABLE, ""));
  }

  const auto reply =
      (*session)->Call(*fixture.patients, &patients::v1::PatientService::Stub::CreatePatient,
                       patients::v1::CreatePatientRequest());

  CHECK(ReasonOf(reply.status()) == type::v1::DATABASE_UNAVAILABLE);
  CHECK(fixture.server.request_ids().size() == 2);
}

TEST_CASE("Session does not repeat what will not pass", "[sdk][unit]") {
  const auto [code, reason] = GENERATE(table<StatusCode, type::v1::ErrorReason>({
      {StatusCode::kInvalidArgument, type::v1::VALIDATION_FAILED},
      {StatusCode::kAborted, type::v1::ETAG_MISMATCH},
      {StatusCode::kFailedPrecondition, type::v1::APPOINTMENT_SLOT_TAKEN},
      {StatusCode::kPermissionDenied, type::v1::PERMISSION_MISSING},
      {StatusCode::kUnauthenticated, type::v1::TOKEN_INVALID},
  }));
  Fixture fixture;
  fixture.server.FailNext(status::Error(code, reason, "").With("id", "7"));

  const absl::Status status = fixture.CreatePatient();

  CHECK(status.code() == code);
  CHECK(status::ReasonOf(status) == reason);
  CHECK(MetadataOf(status, "id") == "7");
  // What the server's own code knows of it.
  CHECK(status::ReasonOf(status) == reason);
  CHECK(fixture.server.request_ids().size() == 1);
  CHECK(fixture.server.refreshes() == 0);
}

TEST_CASE("Session gives up after the last attempt", "[sdk][unit]") {
  Fixture fixture;
  for (int i = 0; i < 4; ++i) {
    fixture.server.FailNext(
        status::Error(StatusCode::kUnavailable, type::v1::DATABASE_UNAVAILABLE, ""));
  }

  CHECK(ReasonOf(fixture.CreatePatient()) == type::v1::DATABASE_UNAVAILABLE);
  CHECK(fixture.server.request_ids().size() == 3);
}

TEST_CASE("Session does not wait longer than it was told to", "[sdk][unit]") {
  Fixture fixture;
  fixture.server.FailNext(
      status::Error(StatusCode::kResourceExhausted, type::v1::SIGN_IN_THROTTLED, "")
          .RetryAfter(absl::Minutes(15)));

  CHECK(ReasonOf(fixture.CreatePatient()) == type::v1::SIGN_IN_THROTTLED);
  CHECK(fixture.server.request_ids().size() == 1);
}

TEST_CASE("Session refreshes before its token expires", "[sdk][unit]") {
  Fixture fixture;

  fixture.clock.Advance(absl::Minutes(9) - absl::Seconds(1));
  REQUIRE(fixture.CreatePatient().ok());
  fixture.clock.Advance(absl::Seconds(1));
  REQUIRE(fixture.CreatePatient().ok());
  REQUIRE(fixture.CreatePatient().ok());
  fixture.clock.Advance(absl::Minutes(9));
  REQUIRE(fixture.CreatePatient().ok());

  CHECK(fixture.server.authorizations() ==
        std::vector<std::string>{"Bearer first", "Bearer access-1", "Bearer access-1",
                                 "Bearer access-2"});
}

TEST_CASE("Session refreshes once when its token is refused", "[sdk][unit]") {
  const auto reason = GENERATE(type::v1::TOKEN_EXPIRED, type::v1::SESSION_REVOKED);
  Fixture fixture;
  fixture.server.FailNext(status::Error(StatusCode::kUnauthenticated, reason, ""));
  REQUIRE(fixture.CreatePatient().ok());
  CHECK(fixture.server.refreshes() == 1);

  fixture.server.FailNext(status::Error(StatusCode::kUnauthenticated, reason, ""));
  fixture.server.FailNext(status::Error(StatusCode::kUnauthenticated, reason, ""));

  CHECK(ReasonOf(fixture.CreatePatient()) == reason);
  CHECK(fixture.server.refreshes() == 2);
}

TEST_CASE("Session exchanges a refresh token once for all threads", "[sdk][unit]") {
  Fixture fixture;
  fixture.clock.Advance(absl::Minutes(10));
  std::vector<absl::Status> results(8);
  std::vector<std::thread> threads;

  for (absl::Status& result : results) {
    threads.emplace_back([&fixture, &result] { result = fixture.CreatePatient(); });
  }
  for (std::thread& thread : threads) thread.join();

  for (const absl::Status& result : results) CHECK(result.ok());
  CHECK(fixture.server.refreshes() == 1);
}

TEST_CASE("Session says why it could not sign in", "[sdk][unit]") {
  FakeClock clock(absl::UnixEpoch());
  FakeServer server(clock);
  server.FailNext(
      status::Error(StatusCode::kUnauthenticated, type::v1::CREDENTIALS_INVALID, "No."));

  const auto session = Session::SignIn(server.Channel(), {});

  CHECK(ReasonOf(session.status()) == type::v1::CREDENTIALS_INVALID);
}

// A store as several processes would share it.
class CountedStore final : public TokenStore {
 public:
  explicit CountedStore(Tokens tokens) : store_(std::move(tokens)) {}
  absl::StatusOr<Tokens> Load() override { return store_.Load(); }
  absl::StatusOr<Tokens> Update(
      const std::function<absl::StatusOr<Tokens>(const Tokens&)>& change) override {
    ++updates_;
    return store_.Update(change);
  }
  int updates() const { return updates_; }

 private:
  MemoryTokenStore store_;
  int updates_ = 0;
};

TEST_CASE("Sessions that share a store exchange a refresh token once", "[sdk][unit]") {
  Fixture fixture;
  const auto tokens = sdk::SignIn(fixture.server.Channel(), {}, fixture.Options());
  REQUIRE(tokens.ok());
  const auto store = std::make_shared<CountedStore>(*tokens);
  const auto one = Session::Resume(fixture.server.Channel(), store, fixture.Options());
  const auto other = Session::Resume(fixture.server.Channel(), store, fixture.Options());
  REQUIRE(one.ok());
  REQUIRE(other.ok());
  fixture.clock.Advance(absl::Minutes(10));

  const auto first = (*one)->AccessToken();
  const auto second = (*other)->AccessToken();

  REQUIRE(first.ok());
  REQUIRE(second.ok());
  CHECK(*first == *second);
  CHECK(store->updates() == 2);
  CHECK(fixture.server.refreshes() == 1);
  CHECK(store->Load()->access_token == *first);
}

TEST_CASE("OpenChannel knows an address from what is none", "[sdk][unit]") {
  CHECK(OpenChannel({.target = "https://localhost:1/", .ca_file = "/dev/null"}).ok());
  CHECK(OpenChannel({.target = "[::1]:8443", .ca_file = "/dev/null"}).ok());
  const auto target = GENERATE(as<std::string>(), "", "https://", "http://localhost:1");
  CHECK(OpenChannel({.target = target}).status().code() == StatusCode::kInvalidArgument);
}

TEST_CASE("OpenChannel names a certificate file that is not there", "[sdk][unit]") {
  CHECK(OpenChannel({.target = "localhost:1", .ca_file = "/nonexistent/ca.pem"}).status().code() ==
        StatusCode::kNotFound);
  CHECK(OpenChannel({.target = "unix:/nonexistent/socket"}).ok());
}

}  // namespace
}  // namespace clinicd::sdk
