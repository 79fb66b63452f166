// A clinic's desk on a whole server, for clients of other makers.
#pragma once

#include <string>

#include "common/base/clock.h"
#include "common/base/random.h"
#include "services/server/dev_certificates.h"
#include "tests/support/run_program.h"
#include "tests/support/temporary_directory.h"
#include "tests/support/test_server.h"

namespace clinicd::testing {

// A server with a front door, a clinic with a receptionist and two practitioners, and a dev.json.
class Desk final {
 public:
  Desk();

  // Runs a script of tests/conformance/clients at the desk.
  ProgramResult Run(const std::string& interpreter, const std::string& script) const;

 private:
  TestServer::Options Options();
  void AddPeople();
  void WriteDevFile();
  std::string dev_file() const { return directory_.path("dev.json"); }

  TemporaryDirectory directory_;
  SystemClock clock_;
  SystemRandom random_;
  server::DevCertificates certificates_;
  TestServer server_;
  TestClinic clinic_;
};

}  // namespace clinicd::testing
