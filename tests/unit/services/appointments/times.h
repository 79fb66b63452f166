// Times as the tests of appointments write them.
#pragma once

#include <catch2/catch.hpp>
#include <optional>
#include <string>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "services/appointments/appointment_rules.h"

namespace clinicd::testing {

inline absl::TimeZone Zone(const std::string& name) {
  absl::TimeZone zone;
  REQUIRE(absl::LoadTimeZone(name, &zone));
  return zone;
}

// "2027-03-01T08:00:00Z".
inline absl::Time Utc(const std::string& text) {
  absl::Time time;
  std::string error;
  REQUIRE(absl::ParseTime(absl::RFC3339_sec, text, &time, &error));
  return time;
}

// "2027-03-01T09:00".
inline absl::CivilMinute Local(const std::string& text) {
  const std::optional<absl::CivilMinute> local = appointments::ParseLocal(text);
  REQUIRE(local.has_value());
  return *local;
}

}  // namespace clinicd::testing
