#include "tests/conformance/desk.h"

#include <catch2/catch.hpp>
#include <filesystem>

#include "services/server/demo/dev_file.h"
#include "tests/support/source_directory.h"

namespace clinicd::testing {
namespace {

constexpr char kEmail[] = "reception@clinica-sol.example";

}  // namespace

Desk::Desk() : server_(Options()), clinic_(server_.AddClinic("clinica-sol")) {
  AddPeople();
  WriteDevFile();
}

TestServer::Options Desk::Options() {
  const auto made = server::EnsureDevCertificates(directory_.path("tls"), clock_.Now(), random_);
  REQUIRE(made.ok());
  certificates_ = *made;
  return {.adjust = [this](server::ApplicationOptions& options) {
    options.front_door.edge.listeners = {{.address = {.host = "127.0.0.1", .port = 0}}};
    options.front_door.tls = certificates_.server;
  }};
}

void Desk::AddPeople() {
  server_.AddUserWithPassword(clinic_, kEmail, {identity::v1::ROLE_RECEPTIONIST});
  Client owner = server_.SignedIn(clinic_, {identity::v1::ROLE_OWNER});
  for (const char* name : {"Núñez", "Peña"}) {
    identity::v1::CreatePractitionerRequest request;
    request.mutable_practitioner()->set_given_name("Íñigo");
    request.mutable_practitioner()->set_family_name(name);
    request.mutable_practitioner()->set_active(true);
    request.set_request_id(server_.RequestId());
    REQUIRE(owner
                .Call(owner.practitioners(),
                      &identity::v1::PractitionerService::Stub::CreatePractitioner, request)
                .ok());
  }
}

void Desk::WriteDevFile() {
  const int port = server_.application().front_door()->port();
  const demo::DevFile file{.url = "https://localhost:" + std::to_string(port),
                           .ca = certificates_.authority.string(),
                           .grpc = server_.target(),
                           .logins = {{.clinic_slug = clinic_.slug,
                                       .email = kEmail,
                                       .password = kTestPassword,
                                       .role = "receptionist"}}};
  REQUIRE(demo::WriteDevFile(dev_file(), file).ok());
}

ProgramResult Desk::Run(const std::string& interpreter, const std::string& script) const {
  const std::filesystem::path path =
      SourceDirectory() / "tests" / "conformance" / "clients" / script;
  return RunProgram(
      {interpreter, path.string(), CLINICD_CONFORMANCE_DESCRIPTORS, dev_file()},
      {"NODE_EXTRA_CA_CERTS=" + certificates_.authority.string(), "PYTHONDONTWRITEBYTECODE=1"});
}

}  // namespace clinicd::testing
