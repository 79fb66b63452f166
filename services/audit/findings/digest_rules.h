// Which days of a clinic are to be gone through, and when it was open on them.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"

namespace clinicd::audit {

// More calls of one user than these are refused in a day: unusual.
inline constexpr std::int64_t kRefusedCallsMost = 20;
// Days that were missed are made good for, but no more than these.
inline constexpr int kDigestDaysMax = 7;

struct TimeSpan {
  absl::Time from;
  // Exclusive.
  absl::Time until;

  friend bool operator==(const TimeSpan&, const TimeSpan&) = default;
};

// A day of the clock of `zone`.
TimeSpan SpanOf(absl::CivilDay day, absl::TimeZone zone);

// The days that are over at `now` and were not gone through, oldest first: those after `last`, or
// only the last one where that is absent; none before `since`, when there was no clinic.
std::vector<absl::CivilDay> DaysToDigest(absl::Time now, absl::TimeZone zone,
                                         std::optional<absl::CivilDay> last, absl::Time since);

// When a site is open in a usual week; as working hours are kept.
struct OpeningHours {
  // ISO 8601: Monday is 1.
  int weekday = 1;
  // After midnight on the clock of `zone`; an end before the start is on the next day.
  int from_minute = 0;
  int to_minute = 0;
  std::optional<absl::CivilDay> valid_from = {};
  // Included.
  std::optional<absl::CivilDay> valid_until = {};
  absl::TimeZone zone = absl::UTCTimeZone();
};

// When any site is open on `day` or around it. Spans may overlap.
std::vector<TimeSpan> OpenSpans(absl::CivilDay day, const std::vector<OpeningHours>& hours);

}  // namespace clinicd::audit
