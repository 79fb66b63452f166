// Hours on a local clock, as people state them, and the instants that they are.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "services/appointments/time_set.h"

namespace clinicd::appointments {

inline constexpr std::int32_t kMinutesPerDay = 24 * 60;

// Part of a day, in minutes after midnight as the clock shows them: from 0 to 1439, to 0 to 1440,
// exclusive. Where `from_minute` is the greater one it ends on the next day; where both are the
// same there is nothing of it.
struct ClockSpan {
  std::int32_t from_minute = 0;
  std::int32_t to_minute = kMinutesPerDay;
};

// "HH:MM" as minutes after midnight; nullopt for another form. "24:00" is the end of the day.
std::optional<std::int32_t> ParseClock(std::string_view text);

// What repeats every week. The validity is about the day on which the span begins.
struct WeeklyHours {
  // ISO 8601: Monday is 1, Sunday 7.
  std::int32_t weekday = 1;
  ClockSpan span = {};
  // First and last day, both included; no limit where absent.
  std::optional<absl::CivilDay> valid_from = {};
  std::optional<absl::CivilDay> valid_to = {};
};

// Both days included.
struct DayPeriod {
  absl::CivilDay first_day = {};
  absl::CivilDay last_day = {};
};

// A local clock as a straight line, on which sets can be reckoned with before it is known which
// instants they are: a reading is the absl::Time at which a clock in UTC reads the same.
absl::Time ReadingOf(absl::CivilSecond local);
// What a clock in `zone` reads at `time`.
absl::Time ReadingAt(absl::Time time, absl::TimeZone zone);
// The readings of whole days, and of `span` on `day`.
TimeRange ReadingsOf(const DayPeriod& days);
TimeRange ReadingsOf(absl::CivilDay day, const ClockSpan& span);
// The readings of `hours` during `days`, with what began the day before and reaches into them.
TimeSet ReadingsOf(const std::vector<WeeklyHours>& hours, const DayPeriod& days);

// The instants at which a clock in `zone` reads what is in `readings`. An hour that clocks skip is
// no time at all; one that they show twice counts twice.
TimeSet InstantsWhen(const TimeSet& readings, absl::TimeZone zone);

}  // namespace clinicd::appointments
