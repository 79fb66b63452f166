// The clinic's settings, and what the operator creates, through the whole server.

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "common/status/error.h"
#include "services/identity/builtin_roles.h"
#include "services/identity/identity_admin.h"
#include "tests/integration/identity/identity_support.h"

namespace clinicd::testing {
namespace {

using grpc::StatusCode;
using identity::v1::Clinic;
using identity::v1::GetClinicRequest;
using identity::v1::ROLE_ASSISTANT;
using identity::v1::ROLE_OWNER;
using identity::v1::UpdateClinicRequest;

Reply<Clinic> Get(const Client& client) {
  return client.Call(client.clinics(), &ClinicStub::GetClinic, GetClinicRequest());
}

Reply<Clinic> Update(TestServer& server, const Client& client, const Clinic& clinic,
                     const std::vector<std::string>& paths) {
  UpdateClinicRequest request;
  *request.mutable_clinic() = clinic;
  for (const std::string& path : paths) request.mutable_update_mask()->add_paths(path);
  request.set_request_id(server.RequestId());
  return client.Call(client.clinics(), &ClinicStub::UpdateClinic, request);
}

TEST_CASE("GetClinic gives everybody in the clinic the clinic of the session",
          "[identity][integration]") {
  TestServer server;
  const TestClinic north = server.AddClinic("north");
  const TestClinic south = server.AddClinic("south");

  CHECK(Get(server.SignedIn(north, {ROLE_ASSISTANT})).response.id() == north.id.ToString());
  CHECK(Get(server.SignedIn(south, {ROLE_ASSISTANT})).response.slug() == "south");
  CHECK(Get(server.Anonymous()).reason() == ErrorReason::TOKEN_MISSING);
}

TEST_CASE("UpdateClinic changes what the mask says, under the version that was read",
          "[identity][integration]") {
  TestServer server;
  const TestClinic north = server.AddClinic("north");
  const Client owner = server.SignedIn(north, {ROLE_OWNER});
  Clinic clinic = Get(owner).response;
  clinic.set_name("North & Sons");
  clinic.set_locale("ca-ES");

  const auto updated = Update(server, owner, clinic, {"name"});

  REQUIRE(updated.ok());
  CHECK(updated.response.name() == "North & Sons");
  CHECK(updated.response.locale() == "es-ES");
  CHECK(Update(server, owner, clinic, {"name"}).reason() == ErrorReason::ETAG_MISMATCH);
  // Nobody's tokens are void because of a name.
  CHECK(ValueOf(server, "SELECT count(*) FROM clinicd.authz_changes") == "0");
  clinic.set_etag(updated.response.etag());
  CHECK(Update(server, owner, clinic, {"slug"}).fields() ==
        std::vector<std::string>{"update_mask"});
  clinic.set_time_zone("Europe/Atlantis");
  CHECK(Update(server, owner, clinic, {"time_zone"}).fields() ==
        std::vector<std::string>{"clinic.time_zone"});
  clinic.clear_etag();
  CHECK(Update(server, owner, clinic, {"name"}).fields() ==
        std::vector<std::string>{"clinic.etag"});
  const Client assistant = server.SignedIn(north, {ROLE_ASSISTANT});
  CHECK(Update(server, assistant, clinic, {"name"}).metadata("permission") ==
        "identity.clinic.write");
}

identity::NewClinicForm ClinicForm() {
  return {.slug = "north",
          .name = "North",
          .country = "CO",
          .time_zone = "America/Bogota",
          .currency = "COP",
          .locale = "es-CO"};
}

identity::NewUserForm UserForm() {
  return {.clinic_slug = "north",
          .email = "Ana@North.example",
          .given_name = "Ana",
          .family_name = "Rey",
          .roles = identity::RoleBit(ROLE_OWNER),
          .password = kTestPassword};
}

TEST_CASE("The operator creates a clinic and an owner who can sign in", "[identity][integration]") {
  TestServer server;
  const identity::IdentityAdmin& admin = server.application().identity_admin();

  const auto clinic = admin.CreateClinic(ClinicForm());
  REQUIRE(clinic.ok());
  const auto user = admin.CreateUser(UserForm());
  REQUIRE(user.ok());

  const auto reply = SignIn(server, "north", "ana@north.example");
  REQUIRE(reply.ok());
  const Clinic seen = Get(With(server, reply.response.tokens().access_token())).response;
  CHECK(seen.id() == clinic->id.ToString());
  CHECK(seen.currency_code() == "COP");
  CHECK(admin.FindClinic("north").value() == clinic->id);
  CHECK(ValueOf(server,
                "SELECT string_agg(entity_type, ',' ORDER BY id) FROM clinicd.audit_events "
                "WHERE method LIKE 'clinicd %' AND actor_id IS NULL AND "
                "after_sealed IS NOT NULL") ==
        "clinic,user");
}

TEST_CASE("The operator is told what is wrong", "[identity][integration]") {
  TestServer server;
  const identity::IdentityAdmin& admin = server.application().identity_admin();
  REQUIRE(admin.CreateClinic(ClinicForm()).ok());
  REQUIRE(admin.CreateUser(UserForm()).ok());
  identity::NewUserForm user = UserForm();
  identity::NewClinicForm clinic = ClinicForm();

  CHECK(status::ReasonOf(admin.CreateClinic(clinic).status()) == ErrorReason::VALIDATION_FAILED);
  CHECK(status::ReasonOf(admin.CreateUser(user).status()) == ErrorReason::USER_EMAIL_TAKEN);
  user.email = "no address";
  CHECK(status::ReasonOf(admin.CreateUser(user).status()) == ErrorReason::VALIDATION_FAILED);
  user = UserForm();
  user.clinic_slug = "nowhere";
  CHECK(status::ReasonOf(admin.CreateUser(user).status()) == ErrorReason::VALIDATION_FAILED);
  user = UserForm();
  user.password = "short";
  CHECK(status::ReasonOf(admin.CreateUser(user).status()) == ErrorReason::PASSWORD_UNACCEPTABLE);
  CHECK(status::ReasonOf(admin.FindClinic("nowhere").status()) == ErrorReason::VALIDATION_FAILED);
  CHECK(ValueOf(server, "SELECT count(*) FROM clinicd.clinics") == "1");
  CHECK(ValueOf(server, "SELECT count(*) FROM clinicd.memberships") == "1");
}

}  // namespace
}  // namespace clinicd::testing
