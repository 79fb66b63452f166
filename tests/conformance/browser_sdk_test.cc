// The TypeScript SDK in Chromium against a whole server. Skipped where Chromium does not start or
// there is no Node.js for the SDK.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <iostream>
#include <string>

#include "tests/support/front_desk_clinic.h"
#include "tests/support/run_program.h"
#include "tests/support/source_directory.h"

namespace clinicd::testing {
namespace {

constexpr int kSkipped = 77;

[[noreturn]] void Skip(const std::string& why) {
  std::cout << why << std::endl;
  // Catch2 2 knows no skipped test; ctest knows this exit code.
  std::exit(kSkipped);  // NOLINT(concurrency-mt-unsafe): no other thread runs.
}

TEST_CASE("The TypeScript SDK works in Chromium and gets over the loss of the network",
          "[typescript]") {
  const std::string package = CLINICD_TYPESCRIPT_PACKAGE;
  if (package.empty()) Skip("skipped: there is no Node.js 20 to compile the TypeScript SDK with");
  const FrontDeskClinic clinic;
  const auto script = SourceDirectory() / "tests/conformance/clients/browser_sdk.mjs";

  const ProgramResult result = RunProgram({"node", script.string(), package, clinic.dev_file()},
                                          {"NODE_EXTRA_CA_CERTS=" + clinic.ca_file()});

  if (result.exit_code == kSkipped) Skip(result.output);
  CAPTURE(result.output);
  CHECK(result.exit_code == 0);
}

}  // namespace
}  // namespace clinicd::testing
