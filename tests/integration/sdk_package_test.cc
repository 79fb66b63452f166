// The C++ SDK as partners get it: installed, found by CMake, and built upon.
#include <catch2/catch.hpp>
#include <string>

#include "tests/support/front_desk_clinic.h"
#include "tests/support/source_directory.h"

namespace clinicd::testing {
namespace {

// Kept between runs, so that only the first one compiles the API.
const std::string kBuild = CLINICD_SDK_PACKAGE_BUILD;

std::string Quoted(const std::string& text) { return "'" + text + "'"; }

void Run(const std::string& command) {
  const CommandOutput output = RunCommand(command);
  CAPTURE(command, output.text);
  REQUIRE(output.exit_code == 0);
}

TEST_CASE("A program builds upon the installed C++ SDK and works", "[sdk][integration]") {
  const TemporaryDirectory directory;
  const std::string prefix = directory.path("prefix");
  const std::string source = (SourceDirectory() / "clients/cpp").string();
  const std::string consumer = (SourceDirectory() / "tests/integration/sdk_consumer").string();
  const std::string launcher = CLINICD_COMPILER_LAUNCHER;
  const std::string configure =
      "cmake -G Ninja -DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_COMPILER_LAUNCHER=" + Quoted(launcher);

  Run(configure + " -S " + Quoted(source) + " -B " + Quoted(kBuild) +
      " -DCMAKE_CXX_FLAGS_DEBUG=-O0");
  Run("cmake --build " + Quoted(kBuild) + " --parallel 2");
  Run("cmake --install " + Quoted(kBuild) + " --prefix " + Quoted(prefix));
  Run(configure + " -S " + Quoted(consumer) + " -B " + Quoted(directory.path("consumer")) +
      " -DCMAKE_PREFIX_PATH=" + Quoted(prefix));
  Run("cmake --build " + Quoted(directory.path("consumer")));

  const FrontDeskClinic clinic;
  const CommandOutput output =
      RunCommand(Quoted(directory.path("consumer/consumer")) + " " + clinic.url() + " " +
                 Quoted(clinic.ca_file()) + " " + clinic.clinic().slug + " " +
                 clinic.receptionist().email + " " + Quoted(kTestPassword));
  CAPTURE(output.text);
  CHECK(output.exit_code == 0);
  CHECK(output.Has("patients: 25"));
}

}  // namespace
}  // namespace clinicd::testing
