// When somebody or something is available, from the hours and exceptions that a clinic declares.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "services/appointments/clock_hours.h"
#include "services/appointments/time_set.h"

namespace clinicd::appointments {

enum class ExceptionKind {
  // Not available: leave, a holiday, a meeting.
  kClosed,
  // Available in addition.
  kExtra,
  // Available at these times and at no other on these days.
  kChanged,
};

// A deviation from the weekly hours on each of some days.
struct HoursException {
  // Both included.
  absl::CivilDay first_day = {};
  absl::CivilDay last_day = {};
  ExceptionKind kind = ExceptionKind::kClosed;
  // On each day; the whole day where absent.
  std::optional<ClockSpan> span = {};
  std::string reason = {};
};

// What is declared for one resource at one location, or for a location.
struct DeclaredHours {
  std::vector<WeeklyHours> weekly = {};
  std::vector<HoursException> exceptions = {};
};

// Whose hours or exception a time is outside of.
enum class ClosedBy {
  // The weekly hours of the resource or, where it has none, of the location.
  kHours,
  // An exception of the resource, of the location, of the clinic.
  kResource,
  kLocation,
  kClinic,
};

struct Closure {
  // The first instant at which it is closed.
  absl::Time at = {};
  ClosedBy by = ClosedBy::kHours;
  // Of the exception; empty for kHours.
  std::string reason = {};
};

// When those at one location work, over a period of days. For each minute that the clock of the
// location shows, the first line that applies decides:
//
//   of the resource   closed for part of the day       no
//                     extra                            yes, whatever else is closed
//                     changed, at its times            yes, unless the location is closed
//                     changed or closed that day       no
//   of the location   closed for part of the day       no
//                     extra, or changed, at its times  whatever the clinic says: see below
//                     changed or closed that day       no
//   of the clinic     closed for part of the day       no
//                     extra, or changed, at its times  see below
//                     changed or closed that day       no
//   below             the resource has weekly hours    whether it is inside of them
//                     it has none                      yes if an extra or changed led here; or else
//                                                      whether it is inside of the location's
//                     the location has none either     yes: who has set up no hours can book
//
// So a resource with hours of its own works in them even when its location is not usually open,
// but no extra of the location makes it work longer. Weekly hours none of which is valid on a day
// are hours nevertheless: none that day. A resource that works only elsewhere is to be left out
// by the caller; here it would have no hours.
//
// Exceptions are about days of the calendar: what began the evening before and crosses midnight
// is closed with the day that it reaches into. An exception that crosses midnight itself does so
// as a whole. Immutable; concurrent use is safe.
class WorkingCalendar final {
 public:
  // Of a location.
  struct Place {
    absl::TimeZone zone = {};
    DeclaredHours location = {};
    // Of the whole clinic, such as public holidays.
    std::vector<HoursException> clinic = {};
  };

  WorkingCalendar(Place place, const DayPeriod& days);

  // When the location is open, and when a resource at it works, during the days of the calendar.
  TimeSet LocationTime() const;
  TimeSet TimeOf(const DeclaredHours& resource) const;

  // Why the resource does not work in all of `range`, which lies in the days of the calendar;
  // nullopt if it does.
  std::optional<Closure> WhyClosed(const DeclaredHours& resource, const TimeRange& range) const;

 private:
  // What the exceptions of one level do, as readings of the local clock.
  struct Effect {
    // Extra, unless closed for that part of the day.
    TimeSet extra = {};
    // That, and changed hours.
    TimeSet opened = {};
    // Closed, for the day and not reopened, or for part of it.
    TimeSet closed = {};
    // That, and what is outside of changed hours.
    TimeSet shut = {};
  };

  Effect EffectOf(const std::vector<HoursException>& exceptions) const;
  TimeSet WorkingReadings(const DeclaredHours& resource, const Effect& own) const;
  TimeSet InstantsOf(const TimeSet& readings) const;

  Place place_;
  DayPeriod days_;
  Effect location_;
  Effect clinic_;
  // What closes to those who have hours of their own.
  TimeSet shut_;
  TimeSet location_readings_;
};

}  // namespace clinicd::appointments
