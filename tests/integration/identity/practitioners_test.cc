// Practitioners through the whole server.

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "tests/integration/identity/identity_support.h"
#include "tests/support/front_desk.h"

namespace clinicd::testing {
namespace {

using grpc::StatusCode;
using identity::v1::CreatePractitionerRequest;
using identity::v1::GetPractitionerRequest;
using identity::v1::ListPractitionersRequest;
using identity::v1::Practitioner;
using identity::v1::ROLE_ASSISTANT;
using identity::v1::ROLE_OWNER;
using identity::v1::ROLE_PATIENT;
using identity::v1::ROLE_PRACTITIONER;
using identity::v1::UpdatePractitionerRequest;

struct Office {
  TestServer server;
  TestClinic clinic = server.AddClinic("north");
  Client owner = server.SignedIn(clinic, {ROLE_OWNER});
};

CreatePractitionerRequest NewPractitioner(TestServer& server, const std::string& family_name) {
  CreatePractitionerRequest request;
  request.mutable_practitioner()->set_given_name("Luz");
  request.mutable_practitioner()->set_family_name(family_name);
  request.set_request_id(server.RequestId());
  return request;
}

Reply<Practitioner> Create(const Client& client, const CreatePractitionerRequest& request) {
  return client.Call(client.practitioners(), &PractitionerStub::CreatePractitioner, request);
}

Reply<Practitioner> Get(const Client& client, const std::string& id) {
  GetPractitionerRequest request;
  request.set_id(id);
  return client.Call(client.practitioners(), &PractitionerStub::GetPractitioner, request);
}

Reply<Practitioner> Update(const TestServer& server, const Client& client,
                           const Practitioner& practitioner,
                           const std::vector<std::string>& paths) {
  UpdatePractitionerRequest request;
  *request.mutable_practitioner() = practitioner;
  for (const std::string& path : paths) request.mutable_update_mask()->add_paths(path);
  request.set_request_id(server.RequestId());
  return client.Call(client.practitioners(), &PractitionerStub::UpdatePractitioner, request);
}

Reply<Practitioner> Update(const Office& office, const Practitioner& practitioner,
                           const std::vector<std::string>& paths) {
  return Update(office.server, office.owner, practitioner, paths);
}

TEST_CASE("CreatePractitioner adds an active practitioner, once", "[identity][integration]") {
  Office office;
  const TestUser user = office.server.AddUser(office.clinic, {ROLE_ASSISTANT});
  CreatePractitionerRequest request = NewPractitioner(office.server, "Rey");
  request.mutable_practitioner()->set_user_id(user.id.ToString());
  request.mutable_practitioner()->set_speciality("Orthodontics");

  const auto created = Create(office.owner, request);
  const auto again = Create(office.owner, request);

  REQUIRE(created.ok());
  CHECK(created.response.active());
  CHECK(created.response.user_id() == user.id.ToString());
  CHECK(again.response.id() == created.response.id());
  // Others in the clinic see them; who has no business there does not.
  const Client assistant = office.server.SignedIn(office.clinic, {ROLE_ASSISTANT});
  CHECK(Get(assistant, created.response.id()).response.SerializeAsString() ==
        created.response.SerializeAsString());
  const Client patient = office.server.SignedIn(office.clinic, {ROLE_PATIENT});
  CHECK(Get(patient, created.response.id()).metadata("permission") == "identity.practitioner.read");
}

TEST_CASE("CreatePractitioner names the practitioner who has the external id",
          "[identity][integration]") {
  Office office;
  CreatePractitionerRequest request = NewPractitioner(office.server, "Rey");
  request.mutable_practitioner()->set_external_id("synthea:1");
  const auto first = Create(office.owner, request);
  REQUIRE(first.ok());
  request.set_request_id(office.server.RequestId());

  const auto second = Create(office.owner, request);

  CHECK(second.code() == StatusCode::ALREADY_EXISTS);
  CHECK(second.reason() == ErrorReason::PRACTITIONER_EXTERNAL_ID_TAKEN);
  CHECK(second.metadata("id") == first.response.id());
  CHECK(second.metadata("field") == "practitioner.external_id");
  // Another clinic has external ids of its own.
  const Client other = office.server.SignedIn(office.server.AddClinic("south"), {ROLE_OWNER});
  request.set_request_id(office.server.RequestId());
  CHECK(Create(other, request).ok());
}

TEST_CASE("A practitioner's user must be of the same clinic", "[identity][integration]") {
  Office office;
  const TestUser stranger =
      office.server.AddUser(office.server.AddClinic("south"), {ROLE_ASSISTANT});
  const std::string id = GENERATE_REF(stranger.id.ToString(), office.server.RequestId());
  CreatePractitionerRequest request = NewPractitioner(office.server, "Rey");
  Practitioner existing = Create(office.owner, request).response;
  request.mutable_practitioner()->set_user_id(id);
  request.set_request_id(office.server.RequestId());
  existing.set_user_id(id);

  const auto created = Create(office.owner, request);
  const auto updated = Update(office, existing, {"user_id"});

  CHECK(created.code() == StatusCode::NOT_FOUND);
  CHECK(created.reason() == ErrorReason::USER_NOT_FOUND);
  CHECK(updated.reason() == ErrorReason::USER_NOT_FOUND);
}

TEST_CASE("UpdatePractitioner changes what the mask says, under the version that was read",
          "[identity][integration]") {
  Office office;
  Practitioner practitioner = Create(office.owner, NewPractitioner(office.server, "Rey")).response;
  practitioner.set_speciality("Surgery");
  practitioner.set_active(false);
  practitioner.set_family_name("ignored");

  const auto updated = Update(office, practitioner, {"speciality", "active"});

  REQUIRE(updated.ok());
  CHECK(updated.response.speciality() == "Surgery");
  CHECK_FALSE(updated.response.active());
  CHECK(updated.response.family_name() == "Rey");
  CHECK(Update(office, practitioner, {"active"}).reason() == ErrorReason::ETAG_MISMATCH);
  practitioner.clear_etag();
  CHECK(Update(office, practitioner, {"active"}).fields() ==
        std::vector<std::string>{"practitioner.etag"});
  practitioner.set_etag(updated.response.etag());
  CHECK(Update(office, practitioner, {"external_id"}).fields() ==
        std::vector<std::string>{"update_mask"});
  practitioner.set_id(office.server.RequestId());
  CHECK(Update(office, practitioner, {"active"}).reason() == ErrorReason::PRACTITIONER_NOT_FOUND);
}

TEST_CASE("ListPractitioners pages by name and leaves out who is inactive",
          "[identity][integration]") {
  Office office;
  for (const char* name : {"Cano", "Abad", "Bosch", "Dato"}) {
    REQUIRE(Create(office.owner, NewPractitioner(office.server, name)).ok());
  }
  Practitioner gone = Create(office.owner, NewPractitioner(office.server, "Baz")).response;
  gone.set_active(false);
  REQUIRE(Update(office, gone, {"active"}).ok());
  const auto names = [&](bool show_inactive) {
    std::vector<std::string> found;
    ListPractitionersRequest request;
    request.set_page_size(2);
    request.set_show_inactive(show_inactive);
    do {
      const auto reply = office.owner.Call(office.owner.practitioners(),
                                           &PractitionerStub::ListPractitioners, request);
      REQUIRE(reply.ok());
      for (const auto& practitioner : reply.response.practitioners()) {
        found.push_back(practitioner.family_name());
      }
      request.set_page_token(reply.response.next_page_token());
    } while (!request.page_token().empty());
    return found;
  };

  CHECK(names(false) == std::vector<std::string>{"Abad", "Bosch", "Cano", "Dato"});
  CHECK(names(true) == std::vector<std::string>{"Abad", "Baz", "Bosch", "Cano", "Dato"});
}

TEST_CASE("A page token of one filter is no good for another", "[identity][integration]") {
  Office office;
  for (const char* name : {"Cano", "Abad"}) {
    REQUIRE(Create(office.owner, NewPractitioner(office.server, name)).ok());
  }
  ListPractitionersRequest request;
  request.set_page_size(1);
  const auto first = office.owner.Call(office.owner.practitioners(),
                                       &PractitionerStub::ListPractitioners, request);
  REQUIRE_FALSE(first.response.next_page_token().empty());

  request.set_page_token(first.response.next_page_token());
  request.set_show_inactive(true);

  CHECK(
      office.owner.Call(office.owner.practitioners(), &PractitionerStub::ListPractitioners, request)
          .reason() == ErrorReason::PAGE_TOKEN_INVALID);
}

TEST_CASE("A practitioner of another clinic looks like one who does not exist",
          "[identity][integration]") {
  Office office;
  const Client other = office.server.SignedIn(office.server.AddClinic("south"), {ROLE_OWNER});
  const Practitioner theirs = Create(other, NewPractitioner(office.server, "Rey")).response;

  const auto foreign = Get(office.owner, theirs.id());
  const auto random = Get(office.owner, office.server.RequestId());

  CHECK(foreign.reason() == ErrorReason::PRACTITIONER_NOT_FOUND);
  CHECK(foreign.status.error_details() == random.status.error_details());
  CHECK(Update(office, theirs, {"active"}).reason() == ErrorReason::PRACTITIONER_NOT_FOUND);
}

TEST_CASE("Who becomes another user's practitioner leaves the linked diary of the former one",
          "[identity][integration]") {
  Office office;
  const FrontDesk desk(office.server, "south");
  const TestUser former = office.server.AddUser(desk.clinic(), {ROLE_PRACTITIONER});
  const TestUser successor = office.server.AddUser(desk.clinic(), {ROLE_PRACTITIONER});
  const Client owner = office.server.SignedIn(desk.clinic(), {ROLE_OWNER});
  CreatePractitionerRequest form = NewPractitioner(office.server, "Rey");
  form.mutable_practitioner()->set_user_id(former.id.ToString());
  Practitioner practitioner = Create(owner, form).response;
  const auto booked =
      desk.Book(AppointmentForm(desk.RegisteredPatient(), practitioner.id(), "2027-03-29T09:00"));
  REQUIRE(booked.ok());
  const Client dentist = office.server.SignedInAs(former);
  appointments::v1::SetDiaryLinkRequest link;
  link.set_linked(true);
  link.set_request_id(office.server.RequestId());
  REQUIRE(dentist
              .Call(dentist.appointments(),
                    &appointments::v1::AppointmentService::Stub::SetDiaryLink, link)
              .ok());
  const auto linked = [&] {
    return office.server.database()
        .Connect()
        .QueryValue(
            "SELECT (SELECT count(*) FROM clinicd.practitioners WHERE person_id IS NOT NULL) || "
            "' ' || (SELECT count(*) FROM clinicd.occupancies WHERE person_id IS NOT NULL)")
        .value();
  };
  REQUIRE(linked() == "1 1");

  practitioner = Get(owner, practitioner.id()).response;
  practitioner.set_speciality("Surgery");
  const auto same = Update(office.server, owner, practitioner, {"speciality", "user_id"});
  REQUIRE(same.ok());
  CHECK(linked() == "1 1");

  practitioner.set_etag(same.response.etag());
  practitioner.set_user_id(successor.id.ToString());
  REQUIRE(Update(office.server, owner, practitioner, {"user_id"}).ok());
  CHECK(linked() == "0 0");
}

}  // namespace
}  // namespace clinicd::testing
