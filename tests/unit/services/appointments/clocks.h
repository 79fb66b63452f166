// Ranges and times of day as tests write them.
#pragma once

#include <catch2/catch.hpp>
#include <cstdint>
#include <optional>
#include <string>

#include "services/appointments/clock_hours.h"
#include "tests/unit/services/appointments/times.h"

namespace clinicd::testing {

// From and to instants such as "2027-03-01T08:00:00Z".
inline appointments::TimeRange UtcRange(const std::string& begin, const std::string& end) {
  return {Utc(begin), Utc(end)};
}

// "09:00", "24:00".
inline std::int32_t Clock(const std::string& text) {
  const std::optional<std::int32_t> minutes = appointments::ParseClock(text);
  REQUIRE(minutes);
  return *minutes;
}

inline appointments::ClockSpan Span(const std::string& from, const std::string& to) {
  return {Clock(from), Clock(to)};
}

}  // namespace clinicd::testing
