#include "tests/support/local_time.h"

#include <catch2/catch.hpp>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace clinicd::testing {

std::string ZoneWhereItIs(int hour, absl::Time time) {
  int ahead = hour - absl::ToCivilHour(time, absl::UTCTimeZone()).hour();
  if (ahead > 12) ahead -= 24;
  if (ahead < -11) ahead += 24;
  // POSIX counts westwards.
  return absl::StrCat("Etc/GMT", ahead > 0 ? "-" : "+", ahead > 0 ? ahead : -ahead);
}

std::string LocalAt(absl::Time time, const std::string& zone_name) {
  absl::TimeZone zone;
  REQUIRE(absl::LoadTimeZone(zone_name, &zone));
  return absl::FormatTime("%Y-%m-%dT%H:%M", time, zone);
}

const std::string& NoonZone() {
  static const std::string zone = ZoneWhereItIs(12, absl::Now());
  return zone;
}

std::string NoonTime(absl::Duration from_now) {
  return LocalAt(absl::Now() + from_now, NoonZone());
}

}  // namespace clinicd::testing
