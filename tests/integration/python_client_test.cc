// clients/python/front_desk_day.py against a real server, over both of its listeners.
#include <sys/wait.h>

#include <catch2/catch.hpp>
#include <cstdio>
#include <filesystem>
#include <string>

#include "services/server/demo/dev_file.h"
#include "services/server/dev_certificates.h"
#include "tests/support/source_directory.h"
#include "tests/support/temporary_directory.h"
#include "tests/support/test_server.h"

namespace clinicd::testing {
namespace {

// A server with TLS, a clinic with a receptionist, two practitioners and a patient, and a dev.json.
class FrontDeskClinic final {
 public:
  FrontDeskClinic() : server_(Options()), clinic_(server_.AddClinic("clinica-sol")) {
    server_.AddUserWithPassword(clinic_, "reception@clinica-sol.example",
                                {identity::v1::ROLE_RECEPTIONIST});
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
    patients::v1::CreatePatientRequest request;
    request.mutable_patient()->set_given_name("Leocadia");
    request.mutable_patient()->set_family_name("Ibáñez Zúñiga");
    request.mutable_patient()->mutable_birth_date()->set_year(1970);
    request.mutable_patient()->mutable_birth_date()->set_month(2);
    request.mutable_patient()->mutable_birth_date()->set_day(3);
    request.set_request_id(server_.RequestId());
    REQUIRE(
        owner.Call(owner.patients(), &patients::v1::PatientService::Stub::CreatePatient, request)
            .ok());
    WriteDevFile();
  }

  std::string dev_file() const { return directory_.path("dev.json"); }
  const TestServer& server() const { return server_; }

 private:
  TestServer::Options Options() {
    const auto made = server::EnsureDevCertificates(directory_.path("tls"), clock_.Now(), random_);
    REQUIRE(made.ok());
    certificates_ = *made;
    return {.adjust = [this](server::ApplicationOptions& options) {
      options.front_door.edge.listeners = {{.address = {.host = "127.0.0.1", .port = 0}}};
      options.front_door.tls = certificates_.server;
    }};
  }

  void WriteDevFile() {
    const demo::DevFile file{
        .url = "https://127.0.0.1:" + std::to_string(server_.application().front_door()->port()),
        .ca = certificates_.authority.string(),
        .grpc = server_.target(),
        .logins = {{.clinic_slug = clinic_.slug,
                    .email = "reception@clinica-sol.example",
                    .password = kTestPassword,
                    .role = "receptionist"}}};
    REQUIRE(demo::WriteDevFile(dev_file(), file).ok());
  }

  TemporaryDirectory directory_;
  SystemClock clock_;
  SystemRandom random_;
  server::DevCertificates certificates_;
  TestServer server_;
  TestClinic clinic_;
};

struct Output {
  int exit_code = -1;
  std::string text;

  bool Has(const std::string& part) const { return text.find(part) != std::string::npos; }
};

// Runs the script; what it wrote to both of its outputs.
Output RunScript(const std::string& arguments) {
  const std::string script = (SourceDirectory() / "clients/python/front_desk_day.py").string();
  // Nothing of it comes from outside the test.
  const std::string command =
      std::string("CLINICD_PYTHON_STUBS='") + CLINICD_PYTHON_STUBS +
      "' PYTHONDONTWRITEBYTECODE=1 PYTHONIOENCODING=utf-8 /usr/bin/python3 '" + script + "' " +
      arguments + " 2>&1";
  // NOLINTNEXTLINE(cert-env33-c): see above.
  FILE* const pipe = ::popen(command.c_str(), "r");
  REQUIRE(pipe != nullptr);
  Output output;
  char buffer[4096];
  while (const std::size_t count = std::fread(buffer, 1, sizeof(buffer), pipe)) {
    output.text.append(buffer, count);
  }
  const int status = ::pclose(pipe);
  if (WIFEXITED(status)) output.exit_code = WEXITSTATUS(status);
  return output;
}

std::string AppointmentsIn(const FrontDeskClinic& clinic, const std::string& state) {
  const auto count = clinic.server().database().Connect().QueryValue(
      "SELECT count(*) FROM clinicd.appointments WHERE state = '" + state + "'");
  REQUIRE(count.ok());
  return *count;
}

TEST_CASE("The Python example works a front-desk day", "[python][integration]") {
  const std::string listener = GENERATE(as<std::string>(), "", "--raw");
  const FrontDeskClinic clinic;

  const Output output = RunScript("--dev-json '" + clinic.dev_file() + "' " + listener);

  CAPTURE(output.text);
  CHECK(output.exit_code == 0);
  CHECK(output.Has("Typed \"iban leo\", found 1:"));
  CHECK(output.Has("Booked Leocadia Ibáñez Zúñiga with Íñigo"));
  CHECK(output.Has("FAILED_PRECONDITION, APPOINTMENT_SLOT_TAKEN"));
  CHECK(output.Has("Checked in at"));
  CHECK(output.Has("Cancelled"));
  CHECK(output.Has("Signed out."));
  CHECK(AppointmentsIn(clinic, "arrived") == "1");
  CHECK(AppointmentsIn(clinic, "cancelled") == "1");
  CHECK(AppointmentsIn(clinic, "booked") == "0");
}

TEST_CASE("The Python example says what is wrong with a login", "[python][integration]") {
  const FrontDeskClinic clinic;

  const Output output =
      RunScript("--raw --clinic elsewhere --dev-json '" + clinic.dev_file() + "'");

  CHECK(output.exit_code == 1);
  CHECK_FALSE(output.Has("Traceback"));
}

}  // namespace
}  // namespace clinicd::testing
