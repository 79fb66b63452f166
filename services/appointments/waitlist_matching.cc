#include "services/appointments/waitlist_matching.h"

#include <algorithm>
#include <utility>

#include "services/appointments/appointment_rules.h"
#include "services/appointments/appointment_states.h"

namespace clinicd::appointments {
namespace {

// The first instant of `day` on a clock in `zone`, or of a later one where clocks jump over that.
absl::Time FirstInstant(absl::CivilDay day, absl::TimeZone zone) {
  return InstantsOf(day, zone).begin;
}

TimeRange RangeOf(const Slot& slot) { return {slot.starts_at, slot.ends_at}; }

// What a practitioner alone was booked for.
Plan PlanOfPractitioner(PractitionerId practitioner, const TimeRange& range, absl::TimeZone zone) {
  const auto minutes = static_cast<std::int32_t>(absl::ToInt64Minutes(range.end - range.begin));
  return {.practitioner_id = practitioner,
          .slot = {.local_start = absl::ToCivilMinute(range.begin, zone),
                   .time_zone = zone.name(),
                   .duration_minutes = minutes,
                   .starts_at = range.begin,
                   .ends_at = range.end},
          .allocations = {{.kind = ResourceKind::kPractitioner,
                           .resource = practitioner.uuid(),
                           .offset_minutes = 0,
                           .duration_minutes = minutes}}};
}

TimeRange LongestOf(const TimeSet& set) {
  return *std::ranges::max_element(set.ranges(), {},
                                   [](const TimeRange& range) { return range.end - range.begin; });
}

bool Takes(const WaitlistEntry& entry, const Site& site) {
  if (entry.location) return *entry.location == site.id;
  return !entry.main_site || site.id.is_nil();
}

// When in `range` the patient can come to a site in `zone` and be there.
TimeSet ComingTime(const WaitingPerson& person, const TimeRange& range, absl::TimeZone zone) {
  TimeSet time(range);
  std::vector<WeeklyHours> hours;
  for (const ComingWindow& window : person.entry.windows) {
    for (const std::int32_t weekday : window.weekdays) {
      hours.push_back({.weekday = weekday, .span = window.span});
    }
  }
  if (!hours.empty()) {
    const DayPeriod days{.first_day = absl::ToCivilDay(range.begin, zone) - 1,
                         .last_day = absl::ToCivilDay(range.end, zone) + 1};
    time = Intersection(time, InstantsWhen(ReadingsOf(hours, days), zone));
  }
  for (const TimeRange& busy : person.busy) time.Subtract(busy);
  return time;
}

// The earliest start in `limits`, the end excluded, from which `length` lies in `time`.
std::optional<Fit> FirstFitIn(const TimeSet& time, const TimeRange& limits, absl::Duration length,
                              const FreeTime& free) {
  absl::Time from = limits.begin;
  while (const std::optional<absl::Time> possible = time.FirstFit(from, length)) {
    const absl::Duration later = *possible - free.plan.slot.starts_at;
    const absl::Time start = free.plan.slot.starts_at + absl::Ceil(later, kMatchGrid);
    if (start >= limits.end) return std::nullopt;
    const std::optional<absl::CivilMinute> local = BookableLocal(start, free.zone);
    if (start == *possible && local) return Fit{.start = start, .local_start = *local};
    from = start == *possible ? start + kMatchGrid : start;
  }
  return std::nullopt;
}

std::optional<Fit> FitAt(const WaitingPerson& person, const FreeTime& free, const Site& site,
                         absl::Time now) {
  const WaitlistEntry& entry = person.entry;
  const TimeRange range = RangeOf(free.plan.slot);
  const absl::Duration notice =
      entry.short_notice_minutes ? absl::Minutes(*entry.short_notice_minutes) : kUsualNotice;
  TimeRange starts{std::max(range.begin, now + notice), range.end};
  if (entry.earliest_day) {
    starts.begin = std::max(starts.begin, FirstInstant(*entry.earliest_day, site.zone));
  }
  if (entry.latest_day) {
    starts.end = std::min(starts.end, FirstInstant(*entry.latest_day + 1, site.zone));
  }
  if (starts.empty()) return std::nullopt;
  return FirstFitIn(ComingTime(person, range, site.zone), starts,
                    absl::Minutes(person.needed_minutes), free);
}

}  // namespace

std::optional<Plan> TimeFreedBy(const Appointment& appointment,
                                const std::vector<AppointmentEvent>& events) {
  const Plan& plan = appointment.booking.plan;
  if (!Occupies(appointment.progress.state)) return plan;
  const auto moved = std::find_if(events.rbegin(), events.rend(), [](const auto& event) {
    return event.kind == EventKind::kRescheduled;
  });
  if (moved == events.rend() || std::next(moved) == events.rend()) return std::nullopt;
  const AppointmentEvent& before = *std::next(moved);
  absl::TimeZone zone = absl::UTCTimeZone();
  if (!absl::LoadTimeZone(before.time_zone, &zone)) return std::nullopt;
  const absl::StatusOr<Slot> slot = SlotAt(before.local_start, before.duration_minutes, zone);
  if (!slot.ok()) return std::nullopt;
  TimeSet freed(RangeOf(*slot));
  if (before.practitioner_id == plan.practitioner_id) freed.Subtract(RangeOf(plan.slot));
  if (freed.empty()) return std::nullopt;
  return PlanOfPractitioner(before.practitioner_id, LongestOf(freed), zone);
}

bool LiesIn(const Plan& part, const Plan& whole) {
  return part.practitioner_id == whole.practitioner_id &&
         RangeOf(whole.slot).Contains(RangeOf(part.slot));
}

std::optional<Fit> FitOf(const WaitingPerson& person, const FreeTime& time, absl::Time now) {
  const WaitlistEntry& entry = person.entry;
  if (entry.practitioner && *entry.practitioner != time.plan.practitioner_id) return std::nullopt;
  if (person.needed_minutes <= 0) return std::nullopt;
  std::optional<Fit> first;
  for (const Site& site : time.sites) {
    if (!Takes(entry, site)) continue;
    const std::optional<Fit> here = FitAt(person, time, site, now);
    if (here && (!first || here->start < first->start)) first = here;
  }
  if (first) first->short_call = first->start < now + kUsualNotice;
  return first;
}

std::vector<WaitlistMatch> MatchesAmong(const std::vector<WaitingPerson>& people,
                                        const FreeTime& time, absl::Time now,
                                        std::int32_t first_rank, std::size_t count_max) {
  std::vector<WaitlistMatch> matches;
  for (const WaitingPerson& person : people) {
    if (matches.size() == count_max) break;
    const std::optional<Fit> fit = FitOf(person, time, now);
    if (!fit) continue;
    matches.push_back({.person = person,
                       .fit = *fit,
                       .rank = first_rank + static_cast<std::int32_t>(matches.size())});
  }
  return matches;
}

}  // namespace clinicd::appointments
