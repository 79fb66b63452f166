#include "services/appointments/clock_hours.h"

#include <algorithm>
#include <utility>

namespace clinicd::appointments {
namespace {

// No zone is farther from UTC.
constexpr absl::Duration kOffsetMax = absl::Hours(26);

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// When the clocks of `zone` change next after `time`.
absl::Time NextChange(absl::Time time, absl::TimeZone zone) {
  absl::TimeZone::CivilTransition transition;
  if (!zone.NextTransition(time, &transition)) return absl::InfiniteFuture();
  const absl::TimeZone::TimeInfo info = zone.At(transition.to);
  return info.kind == absl::TimeZone::TimeInfo::UNIQUE ? info.pre : info.trans;
}

bool IsValidOn(const WeeklyHours& hours, absl::CivilDay day) {
  return (!hours.valid_from || *hours.valid_from <= day) &&
         (!hours.valid_to || day <= *hours.valid_to);
}

}  // namespace

std::optional<std::int32_t> ParseClock(std::string_view text) {
  const bool formed = text.size() == 5 && IsDigit(text[0]) && IsDigit(text[1]) && text[2] == ':' &&
                      IsDigit(text[3]) && IsDigit(text[4]);
  if (!formed) return std::nullopt;
  const int hour = (text[0] - '0') * 10 + (text[1] - '0');
  const int minute = (text[3] - '0') * 10 + (text[4] - '0');
  const std::int32_t minutes = hour * 60 + minute;
  return minute < 60 && minutes <= kMinutesPerDay ? std::optional(minutes) : std::nullopt;
}

absl::Time ReadingOf(absl::CivilSecond local) {
  return absl::FromCivil(local, absl::UTCTimeZone());
}

absl::Time ReadingAt(absl::Time time, absl::TimeZone zone) {
  return time + absl::Seconds(zone.At(time).offset);
}

TimeRange ReadingsOf(const DayPeriod& days) {
  return {ReadingOf(absl::CivilSecond(days.first_day)),
          ReadingOf(absl::CivilSecond(days.last_day + 1))};
}

TimeRange ReadingsOf(absl::CivilDay day, const ClockSpan& span) {
  const absl::Time midnight = ReadingOf(absl::CivilSecond(day));
  const std::int32_t to_minute =
      span.to_minute < span.from_minute ? span.to_minute + kMinutesPerDay : span.to_minute;
  return {midnight + absl::Minutes(span.from_minute), midnight + absl::Minutes(to_minute)};
}

TimeSet ReadingsOf(const std::vector<WeeklyHours>& hours, const DayPeriod& days) {
  std::vector<TimeRange> readings;
  for (absl::CivilDay day = days.first_day - 1; day <= days.last_day; ++day) {
    const std::int32_t weekday = static_cast<std::int32_t>(absl::GetWeekday(day)) + 1;
    for (const WeeklyHours& entry : hours) {
      if (entry.weekday == weekday && IsValidOn(entry, day)) {
        readings.push_back(ReadingsOf(day, entry.span));
      }
    }
  }
  return Intersection(TimeSet(std::move(readings)), TimeSet(ReadingsOf(days)));
}

TimeSet InstantsWhen(const TimeSet& readings, absl::TimeZone zone) {
  if (readings.empty()) return {};
  const absl::Time last = readings.ranges().back().end + kOffsetMax;
  std::vector<TimeRange> instants;
  absl::Time begin = readings.ranges().front().begin - kOffsetMax;
  while (begin < last) {
    // From here to there the clock goes on without a jump.
    const absl::Time end = std::min(NextChange(begin, zone), last);
    const absl::Duration offset = absl::Seconds(zone.At(begin).offset);
    const TimeSet shown(TimeRange{begin + offset, end + offset});
    for (const TimeRange& range : Intersection(readings, shown).ranges()) {
      instants.push_back({range.begin - offset, range.end - offset});
    }
    begin = end;
  }
  return TimeSet(std::move(instants));
}

}  // namespace clinicd::appointments
