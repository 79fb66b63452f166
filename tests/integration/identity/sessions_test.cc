// A user's own sessions and password through the whole server.

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "tests/integration/identity/identity_support.h"
#include "tests/support/fakes.h"

namespace clinicd::testing {
namespace {

using grpc::StatusCode;
using identity::v1::ChangePasswordRequest;
using identity::v1::ChangePasswordResponse;
using identity::v1::ListSessionsRequest;
using identity::v1::ListSessionsResponse;
using identity::v1::RevokeSessionRequest;
using identity::v1::RevokeSessionResponse;
using identity::v1::ROLE_OWNER;
using identity::v1::ROLE_RECEPTIONIST;
using identity::v1::SignOutRequest;

constexpr char kEmail[] = "ana@north.example";
constexpr char kNewPassword[] = "another slow morning at home";

Reply<ListSessionsResponse> List(const Client& client, int page_size = 0,
                                 const std::string& page_token = "") {
  ListSessionsRequest request;
  request.set_page_size(page_size);
  request.set_page_token(page_token);
  return client.Call(client.sessions(), &SessionStub::ListSessions, request);
}

Reply<RevokeSessionResponse> Revoke(const Client& client, const std::string& id,
                                    const std::string& request_id) {
  RevokeSessionRequest request;
  request.set_id(id);
  request.set_request_id(request_id);
  return client.Call(client.sessions(), &SessionStub::RevokeSession, request);
}

ChangePasswordRequest NewPassword(TestServer& server, const std::string& old_password,
                                  const std::string& new_password) {
  ChangePasswordRequest request;
  request.set_old_password(old_password);
  request.set_new_password(new_password);
  request.set_request_id(server.RequestId());
  return request;
}

Reply<ChangePasswordResponse> Change(const Client& client, const ChangePasswordRequest& request) {
  return client.Call(client.sessions(), &SessionStub::ChangePassword, request, kAnyClock);
}

TEST_CASE("ListSessions lists the caller's running sessions, newest first, page by page",
          "[identity][integration]") {
  TestServer server;
  const TestClinic north = server.AddClinic("north");
  const TestUser ana = server.AddUser(north, {ROLE_OWNER});
  const Client oldest = server.SignedInAs(ana);
  const Client middle = server.SignedInAs(ana);
  const Client newest = server.SignedInAs(ana);
  server.SignedIn(north, {ROLE_OWNER});

  const auto all = List(middle);
  REQUIRE(all.response.sessions_size() == 3);
  CHECK(all.response.sessions(0).id() > all.response.sessions(1).id());
  CHECK(all.response.sessions(1).id() > all.response.sessions(2).id());
  CHECK_FALSE(all.response.sessions(0).current());
  CHECK(all.response.sessions(1).current());
  CHECK(all.response.next_page_token().empty());

  const auto first = List(middle, 2);
  REQUIRE(first.response.sessions_size() == 2);
  const auto second = List(middle, 2, first.response.next_page_token());
  REQUIRE(second.response.sessions_size() == 1);
  CHECK(second.response.sessions(0).id() == all.response.sessions(2).id());
  CHECK(second.response.next_page_token().empty());
  CHECK(List(middle, 3).response.next_page_token().empty());
  CHECK(List(middle, 2, "nonsense").reason() == ErrorReason::PAGE_TOKEN_INVALID);
}

TEST_CASE("SignOut ends the caller's session and leaves its trace", "[identity][integration]") {
  TestServer server;
  const TestClinic north = server.AddClinic("north");
  const TestUser ana = server.AddUser(north, {ROLE_OWNER});
  const Client desk = server.SignedInAs(ana);
  const Client tablet = server.SignedInAs(ana);
  const std::string session = WhoAmI(desk).response.session_id();
  SignOutRequest request;
  request.set_request_id(server.RequestId());

  REQUIRE(desk.Call(desk.sessions(), &SessionStub::SignOut, request).ok());

  CHECK(TimeUntilRefused(desk, ErrorReason::SESSION_REVOKED) <= kBiteTime);
  CHECK(WhoAmI(tablet).ok());
  CHECK(List(tablet).response.sessions_size() == 1);
  CHECK(ValueOf(server,
                "SELECT count(*) FROM clinicd.audit_events WHERE method LIKE '%/SignOut' AND "
                "entity_id = $1 AND before_sealed IS NOT NULL AND after_sealed IS NULL",
                {session}) == "1");
}

TEST_CASE("RevokeSession ends one of the caller's sessions", "[identity][integration]") {
  TestServer server;
  const TestClinic north = server.AddClinic("north");
  const TestUser ana = server.AddUser(north, {ROLE_OWNER});
  const Client desk = server.SignedInAs(ana);
  const Client tablet = server.SignedInAs(ana);
  const std::string session = WhoAmI(tablet).response.session_id();
  const std::string request_id = server.RequestId();

  CHECK(Revoke(desk, session, request_id).ok());

  CHECK(TimeUntilRefused(tablet, ErrorReason::SESSION_REVOKED) <= kBiteTime);
  CHECK(WhoAmI(desk).ok());
  // A retry gets the first answer, a new intent the news.
  CHECK(Revoke(desk, session, request_id).ok());
  CHECK(Revoke(desk, session, server.RequestId()).reason() == ErrorReason::SESSION_NOT_FOUND);
}

TEST_CASE("RevokeSession finds no session of a colleague, of another clinic, or of nobody",
          "[identity][integration]") {
  TestServer server;
  const TestClinic north = server.AddClinic("north");
  const Client ana = server.SignedIn(north, {ROLE_OWNER});
  const Client eva = server.SignedIn(north, {ROLE_RECEPTIONIST});
  const Client stranger = server.SignedIn(server.AddClinic("south"), {ROLE_OWNER});
  const std::vector<std::string> ids = {WhoAmI(eva).response.session_id(),
                                        WhoAmI(stranger).response.session_id(), server.RequestId()};

  for (const std::string& id : ids) {
    const auto reply = Revoke(ana, id, server.RequestId());
    CHECK(reply.code() == StatusCode::NOT_FOUND);
    CHECK(reply.reason() == ErrorReason::SESSION_NOT_FOUND);
  }

  CHECK(WhoAmI(eva).ok());
  CHECK(WhoAmI(stranger).ok());
}

TEST_CASE("ChangePassword replaces the password and ends the other sessions",
          "[identity][integration]") {
  TestServer server;
  const TestClinic north = server.AddClinic("north");
  const TestUser ana = server.AddUserWithPassword(north, kEmail, {ROLE_OWNER});
  const auto mine = SignIn(server, "north", kEmail);
  const Client desk = With(server, mine.response.tokens().access_token());
  const auto other = SignIn(server, "north", kEmail);
  const ChangePasswordRequest request = NewPassword(server, kTestPassword, kNewPassword);

  REQUIRE(Change(desk, request).ok());

  CHECK_FALSE(SignIn(server, "north", kEmail).ok());
  CHECK(SignIn(server, "north", kEmail, kNewPassword).ok());
  CHECK(Refresh(server, other.response.tokens().refresh_token()).reason() ==
        ErrorReason::REFRESH_TOKEN_INVALID);
  // The session that changed it goes on, with new tokens; and a retry gets the first answer.
  const auto refreshed = Refresh(server, mine.response.tokens().refresh_token());
  REQUIRE(refreshed.ok());
  const Client again = With(server, refreshed.response.tokens().access_token());
  CHECK(Change(again, request).ok());
  CHECK(ValueOf(server,
                "SELECT count(*) FROM clinicd.audit_events WHERE method LIKE '%/ChangePassword' "
                "AND outcome = 'OK' AND entity_id = $1",
                {ana.id.ToString()}) == "1");
}

TEST_CASE("ChangePassword with a wrong old password changes nothing and counts as a failure",
          "[identity][integration]") {
  FakeClock clock(WholeNow());
  TestServer server({.clock = &clock});
  const TestClinic north = server.AddClinic("north");
  const TestUser ana = server.AddUserWithPassword(north, kEmail, {ROLE_OWNER});
  const Client desk = server.SignedInAs(ana);
  for (int i = 0; i < 5; ++i) {
    const auto reply = Change(desk, NewPassword(server, "a wrong password", kNewPassword));
    CHECK(reply.code() == StatusCode::UNAUTHENTICATED);
    CHECK(reply.reason() == ErrorReason::CREDENTIALS_INVALID);
  }

  CHECK(Change(desk, NewPassword(server, kTestPassword, kNewPassword)).reason() ==
        ErrorReason::SIGN_IN_THROTTLED);
  CHECK(SignIn(server, "north", kEmail).reason() == ErrorReason::SIGN_IN_THROTTLED);
  CHECK(ValueOf(server,
                "SELECT count(*) FROM clinicd.audit_events WHERE method LIKE '%/ChangePassword' "
                "AND outcome = 'CREDENTIALS_INVALID' AND actor_id = $1",
                {ana.id.ToString()}) == "5");
  clock.Advance(absl::Minutes(1));
  CHECK(Change(desk, NewPassword(server, kTestPassword, kNewPassword)).ok());
  CHECK(SignIn(server, "north", kEmail, kNewPassword).ok());
}

TEST_CASE("ChangePassword refuses a new password that is not acceptable",
          "[identity][integration]") {
  TestServer server;
  const TestClinic north = server.AddClinic("north");
  const TestUser ana = server.AddUserWithPassword(north, kEmail, {ROLE_OWNER});
  const Client desk = server.SignedInAs(ana);
  const std::string password =
      GENERATE(as<std::string>(), "short", "passwordpassword", kTestPassword);
  CAPTURE(password);

  const auto reply = Change(desk, NewPassword(server, kTestPassword, password));

  CHECK(reply.code() == StatusCode::INVALID_ARGUMENT);
  CHECK(reply.reason() == ErrorReason::PASSWORD_UNACCEPTABLE);
  CHECK(reply.fields() == std::vector<std::string>{"new_password"});
  CHECK(SignIn(server, "north", kEmail).ok());
}

}  // namespace
}  // namespace clinicd::testing
