// The Python SDK, and the front desk's day that is worked with it, against a real server.
#include <catch2/catch.hpp>
#include <string>

#include "absl/strings/str_cat.h"
#include "tests/support/front_desk_clinic.h"
#include "tests/support/source_directory.h"

namespace clinicd::testing {
namespace {

// Nothing of it comes from outside the test.
std::string Python(const FrontDeskClinic& clinic) {
  return absl::StrCat("CLINICD_PYTHON_PACKAGE='", CLINICD_PYTHON_PACKAGE, "' PYTHONPATH='",
                      CLINICD_PYTHON_PACKAGE, "' CLINICD_DEV_JSON='", clinic.dev_file(),
                      "' PYTHONDONTWRITEBYTECODE=1 PYTHONIOENCODING=utf-8 /usr/bin/python3 ");
}

CommandOutput WorkDay(const FrontDeskClinic& clinic, const std::string& arguments) {
  const std::string script = (SourceDirectory() / "clients/python/front_desk_day.py").string();
  return RunCommand(Python(clinic) + "'" + script + "' --dev-json '" + clinic.dev_file() + "' " +
                    arguments);
}

TEST_CASE("The Python example works a front-desk day", "[python][integration]") {
  const std::string listener = GENERATE(as<std::string>(), "", "--raw");
  const FrontDeskClinic clinic;

  const CommandOutput output = WorkDay(clinic, listener);

  CAPTURE(output.text);
  CHECK(output.exit_code == 0);
  CHECK(output.Has("Typed \"iban leo\", found 1:"));
  CHECK(output.Has("Booked Leocadia Ibáñez Zúñiga with Íñigo"));
  CHECK(output.Has("FAILED_PRECONDITION, APPOINTMENT_SLOT_TAKEN"));
  CHECK(output.Has("Checked in at"));
  CHECK(output.Has("Cancelled"));
  CHECK(output.Has("Signed out."));
  CHECK(clinic.Count("appointments WHERE state = 'arrived'") == 1);
  CHECK(clinic.Count("appointments WHERE state = 'cancelled'") == 1);
  CHECK(clinic.Count("appointments WHERE state = 'booked'") == 0);
}

TEST_CASE("The Python example says what is wrong with a login", "[python][integration]") {
  const FrontDeskClinic clinic;

  const CommandOutput output = WorkDay(clinic, "--raw --clinic elsewhere");

  CHECK(output.exit_code == 1);
  CHECK_FALSE(output.Has("Traceback"));
}

TEST_CASE("The Python SDK passes its own tests", "[python][integration]") {
  const FrontDeskClinic clinic;
  const std::string tests = (SourceDirectory() / "clients/python/tests").string();

  const CommandOutput output =
      RunCommand(Python(clinic) + "-m unittest discover -s '" + tests + "'");

  CAPTURE(output.text);
  CHECK(output.exit_code == 0);
  CHECK(output.Has("\nOK"));
}

}  // namespace
}  // namespace clinicd::testing
