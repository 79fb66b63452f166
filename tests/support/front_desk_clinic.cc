#include "tests/support/front_desk_clinic.h"

#include <signal.h>
#include <sys/wait.h>

#include <catch2/catch.hpp>
#include <cstdio>

#include "absl/strings/str_cat.h"
#include "services/server/demo/dev_file.h"
#include "tests/support/log_scene.h"

namespace clinicd::testing {
namespace {

constexpr int kNamesakes = 24;

}  // namespace

FrontDeskClinic::FrontDeskClinic()
    : server_(Options()),
      clinic_(server_.AddClinic("clinica-sol")),
      owner_(server_.AddUserWithPassword(clinic_, "owner@clinica-sol.example",
                                         {identity::v1::ROLE_OWNER})),
      receptionist_(server_.AddUserWithPassword(clinic_, "reception@clinica-sol.example",
                                                {identity::v1::ROLE_RECEPTIONIST})),
      url_(absl::StrCat("https://127.0.0.1:", server_.application().front_door()->port())) {
  Client owner = server_.SignedIn(clinic_, {identity::v1::ROLE_OWNER});
  // As the server's program does: a client that is gone is an error of a write, not a signal.
  ::signal(SIGPIPE, SIG_IGN);
  AddPractitioner(owner, "Núñez");
  AddPractitioner(owner, "Peña");
  AddPatient(owner, "Leocadia", "Ibáñez Zúñiga");
  for (int i = 0; i < kNamesakes; ++i) AddPatient(owner, "Paz", "Moreno");
  demo::DevFile file{.url = url(), .ca = ca_file(), .grpc = server_.target()};
  for (const auto& [user, role] : {std::pair{owner_, "owner"}, {receptionist_, "receptionist"}}) {
    file.logins.push_back({.clinic_slug = clinic_.slug,
                           .email = user.email,
                           .password = kTestPassword,
                           .role = role});
  }
  REQUIRE(demo::WriteDevFile(dev_file(), file).ok());
}

TestServer::Options FrontDeskClinic::Options() {
  const auto made = server::EnsureDevCertificates(directory_.path("tls"), clock_.Now(), random_);
  REQUIRE(made.ok());
  certificates_ = *made;
  return {.adjust = [this](server::ApplicationOptions& options) {
    options.front_door.edge.listeners = {{.address = {.host = "127.0.0.1", .port = 0}}};
    options.front_door.tls = certificates_.server;
    options.audit_origin = kLogOrigin;
  }};
}

void FrontDeskClinic::AddPractitioner(Client& owner, const std::string& family_name) {
  identity::v1::CreatePractitionerRequest request;
  request.mutable_practitioner()->set_given_name("Íñigo");
  request.mutable_practitioner()->set_family_name(family_name);
  request.mutable_practitioner()->set_active(true);
  request.set_request_id(server_.RequestId());
  REQUIRE(owner
              .Call(owner.practitioners(),
                    &identity::v1::PractitionerService::Stub::CreatePractitioner, request)
              .ok());
}

void FrontDeskClinic::AddPatient(Client& owner, const std::string& given_name,
                                 const std::string& family_name) {
  patients::v1::CreatePatientRequest request;
  request.mutable_patient()->set_given_name(given_name);
  request.mutable_patient()->set_family_name(family_name);
  request.mutable_patient()->mutable_birth_date()->set_year(1970);
  request.mutable_patient()->mutable_birth_date()->set_month(2);
  request.mutable_patient()->mutable_birth_date()->set_day(3);
  request.set_request_id(server_.RequestId());
  REQUIRE(owner.Call(owner.patients(), &patients::v1::PatientService::Stub::CreatePatient, request)
              .ok());
}

std::size_t FrontDeskClinic::Count(const std::string& from) const {
  const auto count =
      server_.database().Connect().QueryValue("SELECT count(*) FROM clinicd." + from);
  REQUIRE(count.ok());
  return std::stoul(*count);
}

CommandOutput RunCommand(const std::string& command) {
  // NOLINTNEXTLINE(cert-env33-c): see the declaration.
  FILE* const pipe = ::popen(absl::StrCat(command, " 2>&1").c_str(), "r");
  REQUIRE(pipe != nullptr);
  CommandOutput output;
  char buffer[4096];
  while (const std::size_t count = std::fread(buffer, 1, sizeof(buffer), pipe)) {
    output.text.append(buffer, count);
  }
  const int status = ::pclose(pipe);
  if (WIFEXITED(status)) output.exit_code = WEXITSTATUS(status);
  return output;
}

}  // namespace clinicd::testing
