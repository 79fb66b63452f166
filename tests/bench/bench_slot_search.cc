// How long a slot search takes without the database: four weeks, ten practitioners, five chairs,
// weekly hours with a break, and a diary as full as asked for.
//
//   bench_slot_search            prints microseconds a search, for diaries of several fullness
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <random>
#include <vector>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "services/appointments/slot_search.h"
#include "services/appointments/working_time.h"

namespace clinicd::appointments {
namespace {

constexpr auto kPractitioner = static_cast<ResourceKind>(0);
constexpr auto kChair = static_cast<ResourceKind>(1);
constexpr absl::CivilDay kFirstDay(2027, 3, 8);
constexpr int kDays = 28;
constexpr int kRuns = 500;

DeclaredHours WorkingWeek() {
  DeclaredHours hours;
  for (std::int32_t weekday = 1; weekday <= 5; ++weekday) {
    hours.weekly.push_back({.weekday = weekday, .span = {9 * 60, 13 * 60}});
    hours.weekly.push_back({.weekday = weekday, .span = {14 * 60, 18 * 60}});
  }
  return hours;
}

// Visits of half an hour, in `percent` of the half hours that are worked.
TimeSet Diary(const TimeSet& working, unsigned percent, std::mt19937& random) {
  TimeSet busy;
  for (const TimeRange& range : working.ranges()) {
    for (absl::Time t = range.begin; t < range.end; t += absl::Minutes(30)) {
      // Minutes off the grid, so that neighbours do not merge into one range.
      if (random() % 100 < percent) busy.Add({t, t + absl::Minutes(29)});
    }
  }
  return busy;
}

void Measure(unsigned percent, std::size_t limit) {
  std::mt19937 random(1);
  absl::TimeZone zone;
  if (!absl::LoadTimeZone("Europe/Madrid", &zone)) return;
  const WorkingCalendar calendar({.zone = zone}, {kFirstDay, kFirstDay + kDays});
  const absl::Time begun_calendar = absl::Now();
  for (int run = 0; run < kRuns; ++run) calendar.TimeOf(WorkingWeek());
  const absl::Duration one_calendar = (absl::Now() - begun_calendar) / kRuns;
  const TimeSet working = calendar.TimeOf(WorkingWeek());
  std::vector<SearchPlace> places(1);
  places[0].zone = zone;
  for (std::uint8_t i = 0; i < 15; ++i) {
    places[0].candidates.push_back({.kind = i < 10 ? kPractitioner : kChair,
                                    .id = Uuid({i}),
                                    .working = working,
                                    .busy = Diary(working, percent, random)});
  }
  const VisitPlan plan{.duration_minutes = 40,
                       .buffer_after_minutes = 10,
                       .segments = {{.kind = kPractitioner, .duration_minutes = 30},
                                    {.kind = kChair, .duration_minutes = 40}}};
  const absl::Time begin = absl::FromCivil(kFirstDay, zone);
  const SlotQuery query{.period = {begin, begin + absl::Hours(24 * kDays)}, .limit = limit};
  std::vector<absl::Duration> times;
  std::size_t found = 0;
  for (int run = 0; run < kRuns; ++run) {
    const absl::Time begun = absl::Now();
    found = FindOpenings(plan, places, query).size();
    times.push_back(absl::Now() - begun);
  }
  std::sort(times.begin(), times.end());
  std::printf(
      "%3u%% full, limit %4zu: found %4zu, p50 %6.1f us, p99 %6.1f us (hours of one: %.1f us)\n",
      percent, limit, found, absl::ToDoubleMicroseconds(times[kRuns / 2]),
      absl::ToDoubleMicroseconds(times[kRuns * 99 / 100]),
      absl::ToDoubleMicroseconds(one_calendar));
}

}  // namespace
}  // namespace clinicd::appointments

int main() {
  for (const unsigned percent : {0U, 50U, 90U, 100U}) {
    for (const std::size_t limit : {std::size_t{20}, std::size_t{5000}}) {
      clinicd::appointments::Measure(percent, limit);
    }
  }
  return 0;
}
