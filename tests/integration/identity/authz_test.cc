// Changes of rights, on two servers of one database.

#include <catch2/catch.hpp>
#include <string>

#include "tests/integration/identity/identity_support.h"
#include "tests/support/fakes.h"

namespace clinicd::testing {
namespace {

using identity::v1::ROLE_ASSISTANT;
using identity::v1::ROLE_OWNER;
using identity::v1::ROLE_RECEPTIONIST;

constexpr char kEmail[] = "ana@north.example";
constexpr char kNewPassword[] = "another slow morning at home";

// Two servers; the owner works on one, Ana on the other.
struct TwoNodes {
  TwoNodes() : clinic(one.AddClinic("north")), owner(one.SignedIn(clinic, {ROLE_OWNER})) {
    user = one.AddUserWithPassword(clinic, kEmail, {ROLE_RECEPTIONIST});
    const auto reply = SignIn(two, "north", kEmail);
    REQUIRE(reply.ok());
    tokens = reply.response.tokens();
    session = reply.response.session().id();
  }
  // Ana, on the first server or the second.
  Client Ana(TestServer& server) const { return With(server, tokens.access_token()); }

  TestServer one;
  TestServer two{{.database = &one.database(), .key_directory = one.key_directory()}};
  TestClinic clinic;
  Client owner;
  TestUser user;
  identity::v1::TokenPair tokens;
  std::string session;
};

void SetRoles(TwoNodes& nodes, identity::v1::Role role) {
  identity::v1::SetUserRolesRequest request;
  request.set_id(nodes.user.id.ToString());
  request.add_roles(role);
  request.set_request_id(nodes.one.RequestId());
  REQUIRE(nodes.owner.Call(nodes.owner.users(), &UserStub::SetUserRoles, request).ok());
}

void Disable(TwoNodes& nodes) {
  identity::v1::DisableUserRequest request;
  request.set_id(nodes.user.id.ToString());
  request.set_request_id(nodes.one.RequestId());
  REQUIRE(nodes.owner.Call(nodes.owner.users(), &UserStub::DisableUser, request).ok());
}

void SignOut(TwoNodes& nodes) {
  identity::v1::SignOutRequest request;
  request.set_request_id(nodes.one.RequestId());
  const Client ana = nodes.Ana(nodes.one);
  REQUIRE(ana.Call(ana.sessions(), &SessionStub::SignOut, request).ok());
}

void Revoke(TwoNodes& nodes) {
  identity::v1::RevokeSessionRequest request;
  request.set_id(nodes.session);
  request.set_request_id(nodes.one.RequestId());
  const Client ana = nodes.one.SignedInAs(nodes.user);
  REQUIRE(ana.Call(ana.sessions(), &SessionStub::RevokeSession, request).ok());
}

void ChangePassword(TwoNodes& nodes) {
  identity::v1::ChangePasswordRequest request;
  request.set_old_password(kTestPassword);
  request.set_new_password(kNewPassword);
  request.set_request_id(nodes.one.RequestId());
  const Client ana = nodes.one.SignedInAs(nodes.user);
  REQUIRE(ana.Call(ana.sessions(), &SessionStub::ChangePassword, request).ok());
}

void MoveClinic(TwoNodes& nodes) {
  const auto before = nodes.owner.Call(nodes.owner.clinics(), &ClinicStub::GetClinic,
                                       identity::v1::GetClinicRequest());
  identity::v1::UpdateClinicRequest request;
  *request.mutable_clinic() = before.response;
  request.mutable_clinic()->set_time_zone("Asia/Tokyo");
  request.mutable_update_mask()->add_paths("time_zone");
  request.set_request_id(nodes.one.RequestId());
  REQUIRE(nodes.owner.Call(nodes.owner.clinics(), &ClinicStub::UpdateClinic, request).ok());
}

TEST_CASE("A change of rights on one server bites on the other within a second",
          "[identity][integration]") {
  TwoNodes nodes;
  const Client ana = nodes.Ana(nodes.two);
  REQUIRE(WhoAmI(ana).ok());

  bool refresh_works = false;
  SECTION("other roles") {
    SetRoles(nodes, ROLE_ASSISTANT);
    refresh_works = true;
  }
  SECTION("the user is disabled") { Disable(nodes); }
  SECTION("the user signs out") { SignOut(nodes); }
  SECTION("the session is revoked") { Revoke(nodes); }
  SECTION("the password is changed") { ChangePassword(nodes); }
  SECTION("the clinic's time zone is changed") {
    MoveClinic(nodes);
    refresh_works = true;
  }

  CHECK(TimeUntilRefused(ana, ErrorReason::SESSION_REVOKED) <= kBiteTime);
  CHECK(Refresh(nodes.two, nodes.tokens.refresh_token()).ok() == refresh_works);
}

TEST_CASE("After other roles a refreshed session has the new rights and not the old",
          "[identity][integration]") {
  TwoNodes nodes;
  patients::v1::CreatePatientRequest request;
  request.mutable_patient()->set_given_name("Luz");
  request.mutable_patient()->set_family_name("Rey");
  request.set_request_id(nodes.one.RequestId());

  SetRoles(nodes, ROLE_ASSISTANT);
  REQUIRE(TimeUntilRefused(nodes.Ana(nodes.two), ErrorReason::SESSION_REVOKED) <= kBiteTime);
  const auto refreshed = Refresh(nodes.two, nodes.tokens.refresh_token());
  REQUIRE(refreshed.ok());
  const Client ana = With(nodes.two, refreshed.response.tokens().access_token());
  const auto reply =
      ana.Call(ana.patients(), &patients::v1::PatientService::Stub::CreatePatient, request);

  CHECK(reply.code() == grpc::StatusCode::PERMISSION_DENIED);
  CHECK(reply.reason() == ErrorReason::PERMISSION_MISSING);
  CHECK(reply.metadata("permission") == "patients.patient.write");
}

TEST_CASE("A change of rights reaches nobody whom it is not about", "[identity][integration]") {
  TwoNodes nodes;
  const Client colleague = nodes.two.SignedIn(nodes.clinic, {ROLE_RECEPTIONIST});
  const TestClinic south = nodes.one.AddClinic("south");
  const Client stranger = nodes.two.SignedIn(south, {ROLE_OWNER});

  SetRoles(nodes, ROLE_ASSISTANT);
  REQUIRE(TimeUntilRefused(nodes.Ana(nodes.two), ErrorReason::SESSION_REVOKED) <= kBiteTime);

  CHECK(WhoAmI(colleague).ok());
  CHECK(WhoAmI(stranger).ok());
  CHECK(WhoAmI(nodes.owner).ok());
}

TEST_CASE("A server that starts after a change of rights knows it", "[identity][integration]") {
  TwoNodes nodes;
  SetRoles(nodes, ROLE_ASSISTANT);

  TestServer late({.database = &nodes.one.database(), .key_directory = nodes.one.key_directory()});

  CHECK(WhoAmI(nodes.Ana(late)).reason() == ErrorReason::SESSION_REVOKED);
}

TEST_CASE("A server that cannot follow changes of rights admits nobody, until it can again",
          "[identity][integration]") {
  TestServer server;
  const TestClinic clinic = server.AddClinic("north");
  const Client client = server.SignedIn(clinic, {ROLE_OWNER});
  REQUIRE(WhoAmI(client).ok());
  auto superuser = server.database().Connect();

  REQUIRE(superuser.Execute("REVOKE SELECT ON clinicd.authz_changes FROM clinicd_auth").ok());
  CHECK(TimeUntilRefused(client, ErrorReason::DATABASE_UNAVAILABLE) <= absl::Seconds(2));
  CHECK(WhoAmI(client).code() == grpc::StatusCode::UNAVAILABLE);
  CHECK_FALSE(server.application().Ready().ok());

  REQUIRE(superuser.Execute("GRANT SELECT ON clinicd.authz_changes TO clinicd_auth").ok());
  const absl::Time start = absl::Now();
  while (!WhoAmI(client).ok() && absl::Now() - start < absl::Seconds(5)) {
  }
  CHECK(WhoAmI(client).ok());
  CHECK(server.application().Ready().ok());
}

TEST_CASE("The connection that follows changes of rights is made again when it breaks",
          "[identity][integration]") {
  TwoNodes nodes;
  auto superuser = nodes.one.database().Connect();
  REQUIRE(superuser
              .Query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                     "WHERE datname = current_database() AND usename = 'clinicd_auth'")
              .ok());

  Disable(nodes);

  CHECK(TimeUntilRefused(nodes.Ana(nodes.two), ErrorReason::SESSION_REVOKED) <= absl::Seconds(2));
}

TEST_CASE("Clocks of servers may differ by thirty seconds", "[identity][integration]") {
  const absl::Time now = WholeNow();
  FakeClock ahead(now);
  FakeClock behind(now);
  TestServer one({.clock = &ahead});
  TestServer two(
      {.database = &one.database(), .key_directory = one.key_directory(), .clock = &behind});
  const TestClinic clinic = one.AddClinic("north");
  const TestUser user = one.AddUser(clinic, {ROLE_OWNER});

  ahead.Advance(absl::Seconds(30));
  CHECK(WhoAmI(With(two, one.TokenFor(user))).ok());
  ahead.Advance(absl::Seconds(1));
  CHECK(WhoAmI(With(two, one.TokenFor(user))).reason() == ErrorReason::TOKEN_INVALID);

  // Expiry has no leeway.
  const std::string token = two.TokenFor(user);
  behind.Advance(absl::Minutes(10) - absl::Seconds(1));
  CHECK(WhoAmI(With(two, token)).ok());
  behind.Advance(absl::Seconds(1));
  CHECK(WhoAmI(With(two, token)).reason() == ErrorReason::TOKEN_EXPIRED);
}

TEST_CASE("A clinic whose time zone this machine does not know is not served in another",
          "[identity]") {
  TestServer server;
  const TestClinic known = server.AddClinic("known", "Europe/Madrid");
  const TestClinic unknown = server.AddClinic("unknown", "Europe/Atlantis");

  const auto served = WhoAmI(server.SignedIn(known, {ROLE_OWNER}));
  const auto refused = WhoAmI(server.SignedIn(unknown, {ROLE_OWNER}));

  CHECK(served.ok());
  CHECK(refused.status.error_code() == grpc::StatusCode::INTERNAL);
  CHECK(refused.reason() == ErrorReason::INTERNAL_DEFECT);
  CHECK(server.Log().find("Europe/Atlantis") != std::string::npos);
}

}  // namespace
}  // namespace clinicd::testing
