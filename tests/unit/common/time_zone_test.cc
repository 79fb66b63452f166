#include "common/validate/time_zone.h"

#include <catch2/catch.hpp>
#include <string>

namespace clinicd::validate {
namespace {

TEST_CASE("Names of the time zone database are time zones", "[validate][unit]") {
  const std::string name = GENERATE("UTC", "Europe/Madrid", "America/Argentina/Buenos_Aires",
                                    "America/Port-au-Prince", "Etc/GMT+3");
  CAPTURE(name);

  CHECK(IsTimeZone(name));
}

TEST_CASE("What only looks like a time zone is none", "[validate][unit]") {
  const std::string name =
      GENERATE("", "Europe", "Europe/", "europe/madrid", "Europe/Atlantis", "localtime", "UTC+2",
               "Fixed/UTC+02:00:00", "../etc/passwd", "/etc/localtime", "file:/etc/localtime",
               "Europe/../Europe/Madrid", "Europe/Madrid ", "+02:00", "Europe/Madrid\nUTC");
  CAPTURE(name);

  CHECK_FALSE(IsTimeZone(name));
}

}  // namespace
}  // namespace clinicd::validate
