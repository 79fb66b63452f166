// A server as clients outside of the test's process meet it.
#pragma once

#include <string>

#include "services/server/dev_certificates.h"
#include "tests/support/temporary_directory.h"
#include "tests/support/test_server.h"

namespace clinicd::testing {

// A server with TLS; a clinic with an owner and a receptionist who can sign in, two practitioners,
// one patient called Leocadia Ibáñez Zúñiga and 24 called Paz Moreno; and its dev.json.
class FrontDeskClinic final {
 public:
  FrontDeskClinic();
  FrontDeskClinic(const FrontDeskClinic&) = delete;
  FrontDeskClinic& operator=(const FrontDeskClinic&) = delete;
  FrontDeskClinic(FrontDeskClinic&&) = delete;
  FrontDeskClinic& operator=(FrontDeskClinic&&) = delete;
  ~FrontDeskClinic() = default;

  // The directory of dev.json, and that file.
  std::string directory() const { return directory_.path(); }
  std::string dev_file() const { return directory_.path("dev.json"); }
  // "https://127.0.0.1:port" of the TLS listener, and the PEM file with its authority.
  const std::string& url() const { return url_; }
  std::string ca_file() const { return certificates_.authority.string(); }

  TestServer& server() { return server_; }
  const TestServer& server() const { return server_; }
  const TestClinic& clinic() const { return clinic_; }
  const TestUser& owner() const { return owner_; }
  const TestUser& receptionist() const { return receptionist_; }

  // Rows of a table, as in Count("appointments WHERE state = 'booked'").
  std::size_t Count(const std::string& from) const;

 private:
  TestServer::Options Options();
  void AddPractitioner(Client& owner, const std::string& family_name);
  void AddPatient(Client& owner, const std::string& given_name, const std::string& family_name);

  TemporaryDirectory directory_;
  SystemClock clock_;
  SystemRandom random_;
  server::DevCertificates certificates_;
  TestServer server_;
  TestClinic clinic_;
  TestUser owner_;
  TestUser receptionist_;
  std::string url_;
};

// What a program wrote to both of its outputs, and how it ended.
struct CommandOutput {
  int exit_code = -1;
  std::string text = {};

  bool Has(const std::string& part) const { return text.find(part) != std::string::npos; }
};

// Runs a shell command that is made of nothing from outside the test.
CommandOutput RunCommand(const std::string& command);

}  // namespace clinicd::testing
