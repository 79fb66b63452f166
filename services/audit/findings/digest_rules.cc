#include "services/audit/findings/digest_rules.h"

#include <algorithm>

namespace clinicd::audit {
namespace {

int IsoWeekday(absl::CivilDay day) { return static_cast<int>(absl::GetWeekday(day)) + 1; }

bool IsValidOn(const OpeningHours& hours, absl::CivilDay day) {
  return IsoWeekday(day) == hours.weekday && (!hours.valid_from || *hours.valid_from <= day) &&
         (!hours.valid_until || day <= *hours.valid_until);
}

absl::Time InstantOf(absl::CivilDay day, int minute, absl::TimeZone zone) {
  return absl::FromCivil(absl::CivilMinute(day) + minute, zone);
}

}  // namespace

TimeSpan SpanOf(absl::CivilDay day, absl::TimeZone zone) {
  return {.from = absl::FromCivil(day, zone), .until = absl::FromCivil(day + 1, zone)};
}

std::vector<absl::CivilDay> DaysToDigest(absl::Time now, absl::TimeZone zone,
                                         std::optional<absl::CivilDay> last, absl::Time since) {
  const absl::CivilDay yesterday = absl::ToCivilDay(now, zone) - 1;
  absl::CivilDay first = last ? *last + 1 : yesterday;
  first = std::max({first, yesterday - (kDigestDaysMax - 1), absl::ToCivilDay(since, zone)});
  std::vector<absl::CivilDay> days;
  for (absl::CivilDay day = first; day <= yesterday; ++day) days.push_back(day);
  return days;
}

std::vector<TimeSpan> OpenSpans(absl::CivilDay day, const std::vector<OpeningHours>& hours) {
  std::vector<TimeSpan> spans;
  // The night before may reach into the day, and the day of another time zone may be the next one.
  for (absl::CivilDay around = day - 1; around <= day + 1; ++around) {
    for (const OpeningHours& each : hours) {
      if (!IsValidOn(each, around)) continue;
      const absl::CivilDay end = each.to_minute < each.from_minute ? around + 1 : around;
      spans.push_back({.from = InstantOf(around, each.from_minute, each.zone),
                       .until = InstantOf(end, each.to_minute, each.zone)});
    }
  }
  return spans;
}

}  // namespace clinicd::audit
