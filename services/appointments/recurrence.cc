#include "services/appointments/recurrence.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "services/appointments/appointment_errors.h"

namespace clinicd::appointments {
namespace {

absl::CivilDay FirstDayOf(const Series& series) { return absl::CivilDay(series.local_start); }

absl::CivilDay HorizonOf(const Series& series) {
  const absl::CivilDay first = FirstDayOf(series);
  const absl::CivilMonth month = absl::CivilMonth(first) + kHorizonMonths;
  // 29 February becomes 1 March.
  return absl::CivilDay(month.year(), month.month(), first.day());
}

absl::CivilMinute AtTimeOf(const Series& series, absl::CivilDay day) {
  return absl::CivilMinute(day.year(), day.month(), day.day(), series.local_start.hour(),
                           series.local_start.minute());
}

absl::CivilDay MondayOf(absl::CivilDay day) {
  return absl::PrevWeekday(day + 1, absl::Weekday::monday);
}

bool IsLastOfMonth(absl::CivilDay day) { return (day + 1).day() == 1; }

bool IsWeekdayOf(const Series& series, absl::CivilDay day) {
  const std::vector<absl::Weekday>& weekdays = series.rule.weekdays;
  if (weekdays.empty()) return absl::GetWeekday(day) == absl::GetWeekday(FirstDayOf(series));
  return std::find(weekdays.begin(), weekdays.end(), absl::GetWeekday(day)) != weekdays.end();
}

bool IsMonthDayOf(const Series& series, absl::CivilDay day) {
  const RecurrenceRule& rule = series.rule;
  if (rule.month_days.empty() && rule.nth_weekdays.empty()) {
    return day.day() == series.local_start.day();
  }
  const bool is_named =
      std::any_of(rule.month_days.begin(), rule.month_days.end(), [&](int month_day) {
        return month_day == day.day() || (month_day == -1 && IsLastOfMonth(day));
      });
  const int nth = (day.day() - 1) / 7 + 1;
  const bool is_last = (day + 7).month() != day.month();
  return is_named || std::any_of(rule.nth_weekdays.begin(), rule.nth_weekdays.end(),
                                 [&](const NthWeekday& named) {
                                   return named.weekday == absl::GetWeekday(day) &&
                                          (named.nth == nth || (named.nth == -1 && is_last));
                                 });
}

// Whether the rule has `day`, not before the start, apart from where the rule ends.
bool Recurs(const Series& series, absl::CivilDay day) {
  const absl::CivilDay first = FirstDayOf(series);
  const int interval = series.rule.interval;
  switch (series.rule.frequency) {
    case Frequency::kDaily:
      return (day - first) % interval == 0;
    case Frequency::kWeekly:
      return (MondayOf(day) - MondayOf(first)) / 7 % interval == 0 && IsWeekdayOf(series, day);
    case Frequency::kMonthly:
      return (absl::CivilMonth(day) - absl::CivilMonth(first)) % interval == 0 &&
             IsMonthDayOf(series, day);
  }
  return false;
}

struct Walk {
  // Those of the rule, also if they are excluded.
  std::vector<Occurrence> occurrences;
  // Whether the rule has ended by the horizon.
  bool has_ended = false;
};

// Asks of each day whether the rule has it: two years have few days, and there is nothing in this
// to get wrong about months, weeks and intervals.
Walk WalkOf(const Series& series) {
  const RecurrenceRule& rule = series.rule;
  Walk walk;
  const absl::CivilDay horizon = HorizonOf(series);
  for (absl::CivilDay day = FirstDayOf(series); day <= horizon; ++day) {
    if (!Recurs(series, day)) continue;
    const absl::CivilMinute local = AtTimeOf(series, day);
    const OccurrenceTime time = OccurrenceAt(local, series.zone);
    if (rule.until && time.starts_at > *rule.until) break;
    walk.occurrences.push_back({.ordinal = static_cast<int>(walk.occurrences.size()) + 1,
                                .local_start = local,
                                .time = time});
    if (rule.count && static_cast<int>(walk.occurrences.size()) == *rule.count) {
      walk.has_ended = true;
      break;
    }
  }
  // By the day, so that the end of a day will do in every zone.
  if (rule.until) walk.has_ended = absl::ToCivilDay(*rule.until, series.zone) <= horizon;
  return walk;
}

absl::Status OutsideRule(const Series& series, const SeriesFields& fields) {
  const absl::CivilDay horizon = HorizonOf(series);
  for (absl::CivilDay day = FirstDayOf(series); day <= horizon; ++day) {
    if (Recurs(series, day)) return StartOutsideRule(fields.local_start, AtTimeOf(series, day));
  }
  return StartOutsideRule(fields.local_start, std::nullopt);
}

}  // namespace

absl::StatusOr<std::vector<Occurrence>> Expand(const Series& series, const SeriesFields& fields) {
  if (!Recurs(series, FirstDayOf(series))) return OutsideRule(series, fields);
  Walk walk = WalkOf(series);
  if (!walk.has_ended) {
    return RruleUnsupported(
        fields.rule, series.rule.count ? "COUNT" : "UNTIL",
        absl::StrCat("such that the series ends ", kHorizonMonths, " months after its start"));
  }
  if (walk.occurrences.empty()) {
    return status::InvalidField(fields.rule, "must not end before the start of the series");
  }
  std::vector<absl::CivilMinute> excluded = series.excluded;
  std::sort(excluded.begin(), excluded.end());
  walk.occurrences.erase(std::remove_if(walk.occurrences.begin(), walk.occurrences.end(),
                                        [&](const Occurrence& occurrence) {
                                          return std::binary_search(excluded.begin(),
                                                                    excluded.end(),
                                                                    occurrence.local_start);
                                        }),
                         walk.occurrences.end());
  return std::move(walk.occurrences);
}

std::optional<SplitSeries> SplitAt(const Series& series, absl::CivilMinute local_start) {
  const Walk walk = WalkOf(series);
  const auto cut = std::find_if(
      walk.occurrences.begin(), walk.occurrences.end(),
      [&](const Occurrence& occurrence) { return occurrence.local_start == local_start; });
  if (cut == walk.occurrences.end()) return std::nullopt;
  if (cut == walk.occurrences.begin()) return SplitSeries{.tail = series};

  Series head = series;
  Series tail = series;
  tail.local_start = local_start;
  if (series.rule.count) {
    const int before = cut->ordinal - 1;
    head.rule.count = before;
    tail.rule.count = *series.rule.count - before;
  } else {
    head.rule.until = std::prev(cut)->time.starts_at;
  }
  const auto is_after = [&](absl::CivilMinute excluded) { return excluded >= local_start; };
  std::erase_if(head.excluded, is_after);
  std::erase_if(tail.excluded, std::not_fn(is_after));
  return SplitSeries{.head = std::move(head), .tail = std::move(tail)};
}

}  // namespace clinicd::appointments
