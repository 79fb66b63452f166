#include "services/appointments/working_time.h"

#include <rapidcheck/catch.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>

namespace clinicd::appointments {
namespace {

constexpr absl::Duration kStep = absl::Minutes(15);

absl::TimeZone Zone(const std::string& name) {
  absl::TimeZone zone;
  RC_ASSERT(absl::LoadTimeZone(name, &zone));
  return zone;
}

std::int32_t AnyQuarter(std::int32_t last) {
  return *rc::gen::inRange<std::int32_t>(0, last / 15 + 1) * 15;
}

ClockSpan AnySpan() {
  const std::int32_t from = AnyQuarter(kMinutesPerDay - 15);
  return {from, AnyQuarter(kMinutesPerDay)};
}

std::vector<WeeklyHours> AnyHours(absl::CivilDay around) {
  std::vector<WeeklyHours> hours(*rc::gen::inRange<std::size_t>(0, 6));
  for (WeeklyHours& entry : hours) {
    entry.weekday = *rc::gen::inRange(1, 8);
    entry.span = AnySpan();
    if (*rc::gen::inRange(0, 4) == 0) entry.valid_from = around + *rc::gen::inRange(-3, 4);
    if (*rc::gen::inRange(0, 4) == 0) entry.valid_to = around + *rc::gen::inRange(-3, 4);
  }
  return hours;
}

std::vector<HoursException> AnyExceptions(absl::CivilDay around) {
  std::vector<HoursException> exceptions(*rc::gen::inRange<std::size_t>(0, 6));
  for (HoursException& exception : exceptions) {
    exception.first_day = around + *rc::gen::inRange(-2, 2);
    exception.last_day = exception.first_day + *rc::gen::inRange(0, 3);
    exception.kind =
        *rc::gen::element(ExceptionKind::kClosed, ExceptionKind::kExtra, ExceptionKind::kChanged);
    if (*rc::gen::inRange(0, 4) > 0) exception.span = AnySpan();
  }
  return exceptions;
}

// The rules as the header states them, asked of one minute at a time.
class Minute final {
 public:
  explicit Minute(absl::CivilMinute local)
      : day_(local), minute_(local.hour() * 60 + local.minute()) {}

  bool InSpanOf(absl::CivilDay day, const ClockSpan& span) const {
    const bool crosses = span.from_minute > span.to_minute;
    if (day == day_) return minute_ >= span.from_minute && (crosses || minute_ < span.to_minute);
    return day == day_ - 1 && crosses && minute_ < span.to_minute;
  }

  bool In(const std::vector<WeeklyHours>& hours) const {
    return std::any_of(hours.begin(), hours.end(), [this](const WeeklyHours& entry) {
      return In(entry, day_) || In(entry, day_ - 1);
    });
  }

  // The first line that applies to these exceptions.
  enum class Verdict { kClosedPart, kExtra, kChanged, kClosedDay, kOutsideChanged, kNone };
  Verdict Of(const std::vector<HoursException>& exceptions) const {
    const auto any = [&](ExceptionKind kind, bool with_span) {
      return std::any_of(exceptions.begin(), exceptions.end(), [&](const HoursException& e) {
        return e.kind == kind && (e.span.has_value() || !with_span) && At(e);
      });
    };
    const auto on_day = [&](ExceptionKind kind) {
      return std::any_of(exceptions.begin(), exceptions.end(), [&](const HoursException& e) {
        return e.kind == kind && e.first_day <= day_ && day_ <= e.last_day &&
               (kind == ExceptionKind::kChanged || !e.span);
      });
    };
    if (any(ExceptionKind::kClosed, true)) return Verdict::kClosedPart;
    if (any(ExceptionKind::kExtra, false)) return Verdict::kExtra;
    if (any(ExceptionKind::kChanged, false)) return Verdict::kChanged;
    if (on_day(ExceptionKind::kClosed)) return Verdict::kClosedDay;
    if (on_day(ExceptionKind::kChanged)) return Verdict::kOutsideChanged;
    return Verdict::kNone;
  }

 private:
  bool In(const WeeklyHours& entry, absl::CivilDay day) const {
    return static_cast<int>(absl::GetWeekday(day)) + 1 == entry.weekday &&
           day >= entry.valid_from.value_or(day) && day <= entry.valid_to.value_or(day) &&
           InSpanOf(day, entry.span);
  }

  bool At(const HoursException& e) const {
    const ClockSpan span = e.span.value_or(ClockSpan());
    const auto on = [&](absl::CivilDay day) {
      return e.first_day <= day && day <= e.last_day && InSpanOf(day, span);
    };
    return on(day_) || on(day_ - 1);
  }

  absl::CivilDay day_;
  int minute_;
};

using Verdict = Minute::Verdict;

// Who closes at `minute`; nullopt if the resource works.
std::optional<ClosedBy> WhoCloses(const DeclaredHours& resource,
                                  const WorkingCalendar::Place& place, const Minute& minute) {
  const Verdict own = minute.Of(resource.exceptions);
  const Verdict location = minute.Of(place.location.exceptions);
  const Verdict clinic = minute.Of(place.clinic);
  const bool location_closed = location == Verdict::kClosedPart || location == Verdict::kClosedDay;
  const auto below = [&](bool opened) -> std::optional<ClosedBy> {
    const bool works = resource.weekly.empty() ? opened || place.location.weekly.empty() ||
                                                     minute.In(place.location.weekly)
                                               : minute.In(resource.weekly);
    return works ? std::nullopt : std::optional(ClosedBy::kHours);
  };
  if (own == Verdict::kExtra || (own == Verdict::kChanged && !location_closed)) return std::nullopt;
  if (own != Verdict::kNone && own != Verdict::kChanged) return ClosedBy::kResource;
  if (location == Verdict::kExtra || location == Verdict::kChanged) return below(true);
  if (location != Verdict::kNone) return ClosedBy::kLocation;
  if (clinic == Verdict::kExtra || clinic == Verdict::kChanged) return below(true);
  if (clinic != Verdict::kNone) return ClosedBy::kClinic;
  return below(false);
}

TEST_CASE("Working time is what the rules say of each minute", "[appointments][property]") {
  rc::prop("working time", [] {
    const absl::CivilDay around =
        *rc::gen::element(absl::CivilDay(2027, 3, 28), absl::CivilDay(2027, 10, 31),
                          absl::CivilDay(2027, 4, 4), absl::CivilDay(2027, 6, 9));
    const DayPeriod days{around - 1, around + 1};
    const WorkingCalendar::Place place{.zone = Zone(*rc::gen::element<std::string>(
                                           "Europe/Madrid", "Asia/Kolkata", "Australia/Lord_Howe")),
                                       .location = {AnyHours(around), AnyExceptions(around)},
                                       .clinic = AnyExceptions(around)};
    const DeclaredHours resource{AnyHours(around), AnyExceptions(around)};
    const WorkingCalendar calendar(place, days);

    const TimeSet time = calendar.TimeOf(resource);

    const absl::Time begin = absl::FromCivil(days.first_day, place.zone) - absl::Hours(1);
    const absl::Time end = absl::FromCivil(days.last_day + 1, place.zone) + absl::Hours(1);
    for (absl::Time t = begin; t < end; t += kStep) {
      const absl::CivilMinute local = absl::ToCivilMinute(t, place.zone);
      const bool inside =
          absl::CivilDay(local) >= days.first_day && absl::CivilDay(local) <= days.last_day;
      const std::optional<ClosedBy> closed_by =
          inside ? WhoCloses(resource, place, Minute(local)) : ClosedBy::kHours;
      RC_ASSERT(time.Contains(t) == !closed_by.has_value());
      if (inside) {
        const std::optional<Closure> why = calendar.WhyClosed(resource, {t, t + kStep});
        RC_ASSERT(why.has_value() == closed_by.has_value());
        if (why) RC_ASSERT(why->by == *closed_by);
      }
    }
  });
}

}  // namespace
}  // namespace clinicd::appointments
