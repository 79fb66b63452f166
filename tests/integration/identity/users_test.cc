// Users and roles through the whole server.

#include <atomic>
#include <catch2/catch.hpp>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/integration/identity/identity_support.h"
#include "tests/support/trail.h"

namespace clinicd::testing {
namespace {

using grpc::StatusCode;
using identity::v1::CreateUserRequest;
using identity::v1::DisableUserRequest;
using identity::v1::EnableUserRequest;
using identity::v1::GetUserRequest;
using identity::v1::ListUsersRequest;
using identity::v1::ListUsersResponse;
using identity::v1::ROLE_ASSISTANT;
using identity::v1::ROLE_OWNER;
using identity::v1::ROLE_RECEPTIONIST;
using identity::v1::SetUserRolesRequest;
using identity::v1::UpdateUserRequest;
using identity::v1::User;

// A clinic with one owner.
struct Office {
  TestServer server;
  TestClinic clinic = server.AddClinic("north");
  TestUser owner_user = server.AddUser(clinic, {ROLE_OWNER});
  Client owner = server.SignedInAs(owner_user);
};

CreateUserRequest NewUser(TestServer& server, const std::string& email,
                          const std::string& family_name = "Rey") {
  CreateUserRequest request;
  request.mutable_user()->set_email(email);
  request.mutable_user()->set_given_name("Luz");
  request.mutable_user()->set_family_name(family_name);
  request.mutable_user()->add_roles(ROLE_RECEPTIONIST);
  request.set_initial_password(kTestPassword);
  request.set_request_id(server.RequestId());
  return request;
}

Reply<User> Create(const Client& client, const CreateUserRequest& request) {
  return client.Call(client.users(), &UserStub::CreateUser, request);
}

Reply<User> Get(const Client& client, const std::string& id) {
  GetUserRequest request;
  request.set_id(id);
  return client.Call(client.users(), &UserStub::GetUser, request);
}

Reply<User> SetRoles(const Client& client, const std::string& id,
                     const std::vector<identity::v1::Role>& roles, const std::string& request_id,
                     const std::string& etag = "") {
  SetUserRolesRequest request;
  request.set_id(id);
  for (const auto role : roles) request.add_roles(role);
  request.set_etag(etag);
  request.set_request_id(request_id);
  return client.Call(client.users(), &UserStub::SetUserRoles, request);
}

Reply<User> Disable(const Client& client, const std::string& id, const std::string& request_id) {
  DisableUserRequest request;
  request.set_id(id);
  request.set_request_id(request_id);
  return client.Call(client.users(), &UserStub::DisableUser, request);
}

Reply<User> Enable(const Client& client, const std::string& id, const std::string& request_id) {
  EnableUserRequest request;
  request.set_id(id);
  request.set_request_id(request_id);
  return client.Call(client.users(), &UserStub::EnableUser, request);
}

TEST_CASE("CreateUser adds a user who can sign in, once", "[identity][integration]") {
  Office office;
  const CreateUserRequest request = NewUser(office.server, "Luz@North.example");

  const auto created = Create(office.owner, request);
  const auto again = Create(office.owner, request);

  REQUIRE(created.ok());
  CHECK(created.response.email() == "Luz@North.example");
  CHECK(created.response.state() == User::STATE_ACTIVE);
  CHECK(created.response.etag() == "\"1\"");
  CHECK(again.response.SerializeAsString() == created.response.SerializeAsString());
  CHECK(Get(office.owner, created.response.id()).response.SerializeAsString() ==
        created.response.SerializeAsString());
  CHECK(SignIn(office.server, "north", "luz@north.example").ok());
  const auto trail = testing::TrailOf(office.owner, "/CreateUser");
  REQUIRE(trail.size() == 1);
  CHECK(trail[0].entity_id() == created.response.id());
  CHECK(trail[0].category() == audit::v1::Event::CATEGORY_PERMISSION);
  CHECK_FALSE(trail[0].has_before());
  CHECK(trail[0].after().fields().at("email").string_value() == "Luz@North.example");
}

TEST_CASE("CreateUser refuses an address that the clinic has, in whatever case",
          "[identity][integration]") {
  Office office;
  REQUIRE(Create(office.owner, NewUser(office.server, "luz@north.example")).ok());

  const auto reply = Create(office.owner, NewUser(office.server, "LUZ@north.example"));

  CHECK(reply.code() == StatusCode::ALREADY_EXISTS);
  CHECK(reply.reason() == ErrorReason::USER_EMAIL_TAKEN);
  CHECK(reply.metadata("field") == "user.email");
}

TEST_CASE("The same person may be a user of two clinics, which nobody can tell",
          "[identity][integration]") {
  Office office;
  const TestClinic south = office.server.AddClinic("south");
  const Client other = office.server.SignedIn(south, {ROLE_OWNER});

  const auto here = Create(office.owner, NewUser(office.server, "luz@north.example"));
  const auto there = Create(other, NewUser(office.server, "luz@north.example"));

  REQUIRE(here.ok());
  REQUIRE(there.ok());
  CHECK(here.response.id() != there.response.id());
  CHECK(SignIn(office.server, "north", "luz@north.example").ok());
  CHECK(SignIn(office.server, "south", "luz@north.example").ok());
  CHECK(ValueOf(office.server,
                "SELECT count(DISTINCT user_id) FROM clinicd.memberships "
                "WHERE email_key = 'luz@north.example'") == "1");
}

TEST_CASE("CreateUser refuses a bad password and leaves nothing", "[identity][integration]") {
  Office office;
  CreateUserRequest request = NewUser(office.server, "luz@north.example");
  request.set_initial_password(GENERATE("short", "passwordpassword", "luz@north.example"));

  const auto reply = Create(office.owner, request);

  CHECK(reply.code() == StatusCode::INVALID_ARGUMENT);
  CHECK(reply.reason() == ErrorReason::PASSWORD_UNACCEPTABLE);
  CHECK(reply.fields() == std::vector<std::string>{"initial_password"});
  CHECK(ValueOf(office.server, "SELECT count(*) FROM clinicd.memberships") == "1");
}

TEST_CASE("ListUsers pages by name", "[identity][integration]") {
  Office office;
  for (const char* name : {"Cano", "Abad", "Bosch"}) {
    REQUIRE(
        Create(office.owner, NewUser(office.server, absl::StrCat(name, "@x.example"), name)).ok());
  }
  ListUsersRequest request;
  request.set_page_size(2);
  std::vector<std::string> names;
  do {
    const auto reply = office.owner.Call(office.owner.users(), &UserStub::ListUsers, request);
    REQUIRE(reply.ok());
    REQUIRE(reply.response.users_size() > 0);
    for (const User& user : reply.response.users()) names.push_back(user.family_name());
    request.set_page_token(reply.response.next_page_token());
  } while (!request.page_token().empty());

  CHECK(names == std::vector<std::string>{"Abad", "Bosch", "Cano", "User"});
  request.set_page_token("nonsense");
  CHECK(office.owner.Call(office.owner.users(), &UserStub::ListUsers, request).reason() ==
        ErrorReason::PAGE_TOKEN_INVALID);
}

TEST_CASE("UpdateUser changes the names that the mask says", "[identity][integration]") {
  Office office;
  const User user = Create(office.owner, NewUser(office.server, "luz@north.example")).response;
  UpdateUserRequest request;
  *request.mutable_user() = user;
  request.mutable_user()->set_given_name("Lucía");
  request.mutable_user()->set_family_name("ignored");
  request.mutable_update_mask()->add_paths("given_name");
  request.set_request_id(office.server.RequestId());

  const auto reply = office.owner.Call(office.owner.users(), &UserStub::UpdateUser, request);

  REQUIRE(reply.ok());
  CHECK(reply.response.given_name() == "Lucía");
  CHECK(reply.response.family_name() == "Rey");
  CHECK(reply.response.etag() == "\"2\"");
  // The version that was read is no longer the current one.
  request.set_request_id(office.server.RequestId());
  const auto stale = office.owner.Call(office.owner.users(), &UserStub::UpdateUser, request);
  CHECK(stale.code() == StatusCode::ABORTED);
  CHECK(stale.reason() == ErrorReason::ETAG_MISMATCH);
}

TEST_CASE("UpdateUser needs a version and changes names only", "[identity][integration]") {
  Office office;
  const User user = Create(office.owner, NewUser(office.server, "luz@north.example")).response;
  UpdateUserRequest request;
  *request.mutable_user() = user;
  request.set_request_id(office.server.RequestId());
  std::string field;
  SECTION("no etag") {
    field = "user.etag";
    request.mutable_user()->clear_etag();
    request.mutable_update_mask()->add_paths("given_name");
  }
  SECTION("another field") {
    field = "update_mask";
    request.mutable_update_mask()->add_paths(GENERATE("email", "roles", "state", "id"));
  }

  const auto reply = office.owner.Call(office.owner.users(), &UserStub::UpdateUser, request);

  CHECK(reply.reason() == ErrorReason::VALIDATION_FAILED);
  CHECK(reply.fields() == std::vector<std::string>{field});
}

TEST_CASE("A user of another clinic looks like one who does not exist", "[identity][integration]") {
  Office office;
  const TestClinic south = office.server.AddClinic("south");
  const TestUser stranger = office.server.AddUser(south, {ROLE_OWNER});
  const std::string id = GENERATE_REF(stranger.id.ToString(), office.server.NewUuid().ToString());
  UpdateUserRequest update;
  update.mutable_user()->set_id(id);
  update.mutable_user()->set_given_name("X");
  update.mutable_user()->set_etag("\"1\"");
  update.mutable_update_mask()->add_paths("given_name");
  update.set_request_id(office.server.RequestId());

  const std::vector<Reply<User>> replies = {
      Get(office.owner, id), office.owner.Call(office.owner.users(), &UserStub::UpdateUser, update),
      SetRoles(office.owner, id, {ROLE_ASSISTANT}, office.server.RequestId()),
      Disable(office.owner, id, office.server.RequestId()),
      Enable(office.owner, id, office.server.RequestId())};

  for (const auto& reply : replies) {
    CHECK(reply.code() == StatusCode::NOT_FOUND);
    CHECK(reply.reason() == ErrorReason::USER_NOT_FOUND);
  }
  CHECK(
      ValueOf(office.server,
              "SELECT state || array_to_string(roles, ',') FROM clinicd.memberships WHERE id = $1",
              {stranger.id.ToString()}) == "activeowner");
}

TEST_CASE("SetUserRoles replaces roles, under the version that is named",
          "[identity][integration]") {
  Office office;
  const User user = Create(office.owner, NewUser(office.server, "luz@north.example")).response;

  const auto reply = SetRoles(office.owner, user.id(), {ROLE_ASSISTANT, ROLE_OWNER},
                              office.server.RequestId(), user.etag());

  REQUIRE(reply.ok());
  REQUIRE(reply.response.roles_size() == 2);
  CHECK(reply.response.roles(0) == ROLE_OWNER);
  CHECK(reply.response.roles(1) == ROLE_ASSISTANT);
  CHECK(SetRoles(office.owner, user.id(), {ROLE_ASSISTANT}, office.server.RequestId(), user.etag())
            .reason() == ErrorReason::ETAG_MISMATCH);
  const auto trail = testing::TrailOf(office.owner, "/SetUserRoles");
  REQUIRE(trail.size() == 2);
  CHECK(trail[1].outcome() == "ETAG_MISMATCH");
  const auto roles = [](const google::protobuf::Struct& snapshot) {
    std::vector<std::string> names;
    for (const auto& role : snapshot.fields().at("roles").list_value().values()) {
      names.push_back(role.string_value());
    }
    return names;
  };
  CHECK(roles(trail[0].before()) == std::vector<std::string>{"ROLE_RECEPTIONIST"});
  CHECK(roles(trail[0].after()) == std::vector<std::string>{"ROLE_OWNER", "ROLE_ASSISTANT"});
}

TEST_CASE("SetUserRoles with the roles that the user has leaves their tokens alone",
          "[identity][integration]") {
  Office office;
  const TestUser user = office.server.AddUser(office.clinic, {ROLE_ASSISTANT});

  const auto reply =
      SetRoles(office.owner, user.id.ToString(), {ROLE_ASSISTANT}, office.server.RequestId());

  REQUIRE(reply.ok());
  CHECK(reply.response.etag() == "\"1\"");
  CHECK(ValueOf(office.server, "SELECT count(*) FROM clinicd.authz_changes") == "0");
}

TEST_CASE("A disabled user is out until enabled again", "[identity][integration]") {
  Office office;
  const User user = Create(office.owner, NewUser(office.server, "luz@north.example")).response;
  const auto tokens = SignIn(office.server, "north", "luz@north.example").response.tokens();

  const auto disabled = Disable(office.owner, user.id(), office.server.RequestId());
  REQUIRE(disabled.ok());
  CHECK(disabled.response.state() == User::STATE_DISABLED);
  CHECK(TimeUntilRefused(With(office.server, tokens.access_token()),
                         ErrorReason::SESSION_REVOKED) <= kBiteTime);
  CHECK_FALSE(SignIn(office.server, "north", "luz@north.example").ok());
  const auto again = Disable(office.owner, user.id(), office.server.RequestId());
  CHECK(again.response.etag() == disabled.response.etag());

  const auto enabled = Enable(office.owner, user.id(), office.server.RequestId());
  REQUIRE(enabled.ok());
  CHECK(enabled.response.state() == User::STATE_ACTIVE);
  CHECK(SignIn(office.server, "north", "luz@north.example").ok());
  // The old session stays ended.
  CHECK_FALSE(Refresh(office.server, tokens.refresh_token()).ok());
}

TEST_CASE("Enabling forgives failed sign-ins", "[identity][integration]") {
  Office office;
  const User user = Create(office.owner, NewUser(office.server, "luz@north.example")).response;
  for (int i = 0; i < 5; ++i) SignIn(office.server, "north", "luz@north.example", "a wrong one");
  REQUIRE(SignIn(office.server, "north", "luz@north.example").reason() ==
          ErrorReason::SIGN_IN_THROTTLED);

  REQUIRE(Disable(office.owner, user.id(), office.server.RequestId()).ok());
  REQUIRE(Enable(office.owner, user.id(), office.server.RequestId()).ok());

  CHECK(SignIn(office.server, "north", "luz@north.example").ok());
}

TEST_CASE("A clinic keeps its last owner", "[identity][integration]") {
  Office office;
  const std::string id = office.owner_user.id.ToString();

  const auto demoted = SetRoles(office.owner, id, {ROLE_ASSISTANT}, office.server.RequestId());
  const auto disabled = Disable(office.owner, id, office.server.RequestId());

  CHECK(demoted.code() == StatusCode::FAILED_PRECONDITION);
  CHECK(demoted.reason() == ErrorReason::LAST_OWNER);
  CHECK(disabled.reason() == ErrorReason::LAST_OWNER);
  CHECK(WhoAmI(office.owner).ok());
}

TEST_CASE("Two owners who remove each other at once leave one", "[identity][integration]") {
  TestServer server;
  for (int round = 0; round < 20; ++round) {
    const TestClinic clinic = server.AddClinic(absl::StrCat("clinic-", round));
    const TestUser users[] = {server.AddUser(clinic, {ROLE_OWNER}),
                              server.AddUser(clinic, {ROLE_OWNER})};
    const Client clients[] = {server.SignedInAs(users[0]), server.SignedInAs(users[1])};
    std::atomic<int> removed = 0;

    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < 2; ++i) {
      threads.emplace_back([&, i] {
        const std::string other = users[1 - i].id.ToString();
        const auto reply = i == 0
                               ? Disable(clients[i], other, server.RequestId())
                               : SetRoles(clients[i], other, {ROLE_ASSISTANT}, server.RequestId());
        if (reply.ok()) ++removed;
      });
    }
    for (std::thread& thread : threads) thread.join();

    CAPTURE(round);
    CHECK(removed == 1);
    CHECK(ValueOf(server,
                  "SELECT count(*) FROM clinicd.memberships WHERE clinic_id = $1 AND "
                  "state = 'active' AND 'owner' = ANY (roles)",
                  {clinic.id.ToString()}) == "1");
  }
}

TEST_CASE("Users are the owners' business", "[identity][integration]") {
  Office office;
  const Client desk = office.server.SignedIn(office.clinic, {ROLE_RECEPTIONIST});
  const std::string id = office.owner_user.id.ToString();

  const auto create = Create(desk, NewUser(office.server, "luz@north.example"));
  CHECK(create.code() == StatusCode::PERMISSION_DENIED);
  CHECK(create.metadata("permission") == "identity.user.write");
  CHECK(Get(desk, id).metadata("permission") == "identity.user.read");
  CHECK(SetRoles(desk, id, {ROLE_ASSISTANT}, office.server.RequestId()).metadata("permission") ==
        "identity.role.write");
  CHECK(Disable(desk, id, office.server.RequestId()).reason() == ErrorReason::PERMISSION_MISSING);
  // Each refusal left its trace.
  CHECK(ValueOf(office.server,
                "SELECT count(*) FROM clinicd.audit_events WHERE "
                "outcome = 'PERMISSION_MISSING'") == "4");
}

}  // namespace
}  // namespace clinicd::testing
