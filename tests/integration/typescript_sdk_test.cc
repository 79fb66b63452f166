// The TypeScript SDK's own tests, against a real server.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <iostream>
#include <string>

#include "tests/support/front_desk_clinic.h"

namespace clinicd::testing {
namespace {

constexpr int kSkipped = 77;

TEST_CASE("The TypeScript SDK passes its own tests", "[typescript][integration]") {
  const std::string package = CLINICD_TYPESCRIPT_PACKAGE;
  if (package.empty()) {
    std::cout << "skipped: there is no Node.js 20 to run the TypeScript SDK with\n";
    std::exit(kSkipped);  // NOLINT(concurrency-mt-unsafe): no other thread runs.
  }
  const FrontDeskClinic clinic;

  const CommandOutput output = RunCommand("CLINICD_DEV_JSON='" + clinic.dev_file() +
                                          "' node --test '" + package + "/dist/test/'");

  CAPTURE(output.text);
  CHECK(output.exit_code == 0);
  CHECK(output.Has("# fail 0"));
  CHECK(output.Has("# skipped 0"));
  CHECK_FALSE(output.Has("# pass 0"));
}

}  // namespace
}  // namespace clinicd::testing
