#include "services/appointments/time_zone_version.h"

#include <catch2/catch.hpp>
#include <optional>
#include <string>

#include "tests/support/temporary_directory.h"

namespace clinicd::appointments {
namespace {

using testing::TemporaryDirectory;

TEST_CASE("the version of a time zone database is in its first line", "[timezones][unit]") {
  const auto [text, version] = GENERATE(table<std::string, std::optional<std::string>>({
      {"# version 2026f\n# This file\n", "2026f"},
      {"# version 2026f", "2026f"},
      {"# version 1999za\r\n", "1999za"},
      {"# version 2026\n", std::nullopt},
      {"# version 2026zzz\n", std::nullopt},
      {"# version 2026F\n", std::nullopt},
      {"# version 2026f-dirty\n", std::nullopt},
      {"# version 2026 f\n", std::nullopt},
      {"# version 202xf\n", std::nullopt},
      {"# version \n", std::nullopt},
      {"#version 2026f\n", std::nullopt},
      {"\n# version 2026f\n", std::nullopt},
      {"", std::nullopt},
  }));
  CAPTURE(text);

  CHECK(ParseTimeZoneVersion(text) == version);
}

TEST_CASE("versions are in order of years, then of letters, of which two follow one",
          "[timezones][unit]") {
  const auto [older, newer] = GENERATE(table<std::string, std::string>({
      {"2025z", "2026a"},
      {"2026a", "2026b"},
      {"2026z", "2026za"},
      {"2026za", "2026zb"},
      {"2025zb", "2026a"},
  }));
  CAPTURE(older, newer);

  CHECK(IsOlderVersion(older, newer));
  CHECK_FALSE(IsOlderVersion(newer, older));
  CHECK_FALSE(IsOlderVersion(newer, newer));
}

TEST_CASE("time zones come from where the environment says, else from the machine's place",
          "[timezones][unit]") {
  CHECK(TimeZoneDirectory("/srv/zones") == "/srv/zones");
  CHECK(TimeZoneDirectory("") == "/usr/share/zoneinfo");
  CHECK(TimeZoneDirectory(nullptr) == "/usr/share/zoneinfo");
}

TEST_CASE("a time zone database without a version is an error that names the package",
          "[timezones][unit]") {
  const TemporaryDirectory directory;
  const absl::StatusOr<std::string> absent = ReadTimeZoneVersion(directory.path());
  directory.Write("tzdata.zi", "R A 1916 o - Jun 14 23s 1 S\n");
  const absl::StatusOr<std::string> headless = ReadTimeZoneVersion(directory.path());
  directory.Write("tzdata.zi", "# version 2026f\nR A 1916 o - Jun 14 23s 1 S\n");
  const absl::StatusOr<std::string> whole = ReadTimeZoneVersion(directory.path());

  CHECK(absent.status().code() == absl::StatusCode::kFailedPrecondition);
  CHECK(absent.status().message().find("package tzdata") != absl::string_view::npos);
  CHECK(headless.status().code() == absl::StatusCode::kFailedPrecondition);
  REQUIRE(whole.ok());
  CHECK(*whole == "2026f");
}

}  // namespace
}  // namespace clinicd::appointments
