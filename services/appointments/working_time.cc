#include "services/appointments/working_time.h"

#include <algorithm>
#include <utility>

namespace clinicd::appointments {
namespace {

// Calls `visit` with the readings of the exception on each of its days that can matter in `days`.
template <typename Visit>
void ForEachDay(const HoursException& exception, const DayPeriod& days, const Visit& visit) {
  const absl::CivilDay first = std::max(exception.first_day, days.first_day - 1);
  const absl::CivilDay last = std::min(exception.last_day, days.last_day);
  for (absl::CivilDay day = first; day <= last; ++day) {
    visit(ReadingsOf(day, exception.span.value_or(ClockSpan())));
  }
}

bool CoversSpan(const HoursException& exception, const DayPeriod& days, absl::Time reading) {
  bool covers = false;
  ForEachDay(exception, days, [&](const TimeRange& range) { covers |= range.Contains(reading); });
  return covers;
}

// The whole days of the exception that can matter in `days`.
TimeRange DaysOf(const HoursException& exception, const DayPeriod& days) {
  return ReadingsOf(DayPeriod{std::max(exception.first_day, days.first_day),
                              std::min(exception.last_day, days.last_day)});
}

// The reason of the exception that closes at `reading`, where one is known to.
std::string ReasonAt(const std::vector<HoursException>& exceptions, const DayPeriod& days,
                     absl::Time reading) {
  for (const HoursException& exception : exceptions) {
    if (exception.kind == ExceptionKind::kClosed && CoversSpan(exception, days, reading)) {
      return exception.reason;
    }
  }
  for (const HoursException& exception : exceptions) {
    if (exception.kind == ExceptionKind::kChanged && DaysOf(exception, days).Contains(reading)) {
      return exception.reason;
    }
  }
  return "";
}

}  // namespace

WorkingCalendar::WorkingCalendar(Place place, const DayPeriod& days)
    : place_(std::move(place)),
      days_(days),
      location_(EffectOf(place_.location.exceptions)),
      clinic_(EffectOf(place_.clinic)),
      shut_(Union(Difference(clinic_.shut, location_.opened), location_.shut)) {
  const TimeSet usual = place_.location.weekly.empty() ? TimeSet(ReadingsOf(days_))
                                                       : ReadingsOf(place_.location.weekly, days_);
  const TimeSet without_location = Union(Difference(usual, clinic_.shut), clinic_.opened);
  location_readings_ = Union(Difference(without_location, location_.shut), location_.opened);
}

WorkingCalendar::Effect WorkingCalendar::EffectOf(
    const std::vector<HoursException>& exceptions) const {
  std::vector<TimeRange> changed;
  std::vector<TimeRange> extra;
  std::vector<TimeRange> closed_part;
  std::vector<TimeRange> closed_days;
  std::vector<TimeRange> changed_days;
  for (const HoursException& exception : exceptions) {
    std::vector<TimeRange>* spans = &extra;
    if (exception.kind == ExceptionKind::kChanged) {
      spans = &changed;
      changed_days.push_back(DaysOf(exception, days_));
    } else if (exception.kind == ExceptionKind::kClosed) {
      spans = exception.span ? &closed_part : &closed_days;
    }
    ForEachDay(exception, days_, [spans](const TimeRange& range) { spans->push_back(range); });
  }
  const TimeSet part(std::move(closed_part));
  Effect effect{.extra = Difference(TimeSet(std::move(extra)), part)};
  const TimeSet stated = Union(TimeSet(std::move(changed)), effect.extra);
  effect.opened = Difference(stated, part);
  effect.closed = Union(Difference(TimeSet(std::move(closed_days)), stated), part);
  effect.shut = Union(Difference(TimeSet(std::move(changed_days)), stated), effect.closed);
  return effect;
}

TimeSet WorkingCalendar::WorkingReadings(const DeclaredHours& resource, const Effect& own) const {
  const TimeSet usual = resource.weekly.empty()
                            ? location_readings_
                            : Difference(ReadingsOf(resource.weekly, days_), shut_);
  // An extra opens a closed location for who has it, changed hours do not.
  const TimeSet opened = Union(Difference(own.opened, location_.closed), own.extra);
  return Union(Difference(usual, own.shut), opened);
}

TimeSet WorkingCalendar::InstantsOf(const TimeSet& readings) const {
  return InstantsWhen(Intersection(readings, TimeSet(ReadingsOf(days_))), place_.zone);
}

TimeSet WorkingCalendar::LocationTime() const { return InstantsOf(location_readings_); }

TimeSet WorkingCalendar::TimeOf(const DeclaredHours& resource) const {
  return InstantsOf(WorkingReadings(resource, EffectOf(resource.exceptions)));
}

std::optional<Closure> WorkingCalendar::WhyClosed(const DeclaredHours& resource,
                                                  const TimeRange& range) const {
  const Effect own = EffectOf(resource.exceptions);
  const std::optional<absl::Time> at =
      InstantsOf(WorkingReadings(resource, own)).FirstMissing(range);
  if (!at) return std::nullopt;
  const absl::Time reading = ReadingAt(*at, place_.zone);
  if (own.shut.Contains(reading)) {
    return Closure{*at, ClosedBy::kResource, ReasonAt(resource.exceptions, days_, reading)};
  }
  if (location_.shut.Contains(reading)) {
    return Closure{*at, ClosedBy::kLocation, ReasonAt(place_.location.exceptions, days_, reading)};
  }
  if (shut_.Contains(reading)) {
    return Closure{*at, ClosedBy::kClinic, ReasonAt(place_.clinic, days_, reading)};
  }
  return Closure{.at = *at};
}

}  // namespace clinicd::appointments
