#include "services/appointments/working_time.h"

#include <catch2/catch.hpp>

#include "tests/unit/services/appointments/clocks.h"
#include "tests/unit/services/appointments/times.h"

namespace clinicd::appointments {
namespace {

using testing::Span;
using testing::Utc;
using testing::UtcRange;
using testing::Zone;

// 2027-03-01 is a Monday; the clinic's clock shows UTC unless a test is about that.
constexpr absl::CivilDay kMonday(2027, 3, 1);
constexpr DayPeriod kThatDay{kMonday, kMonday};

HoursException Exception(ExceptionKind kind, std::optional<ClockSpan> span = std::nullopt,
                         std::string reason = "") {
  return {.first_day = kMonday,
          .last_day = kMonday,
          .kind = kind,
          .span = span,
          .reason = std::move(reason)};
}
HoursException Closed(std::optional<ClockSpan> span = std::nullopt, std::string reason = "") {
  return Exception(ExceptionKind::kClosed, span, std::move(reason));
}
HoursException Extra(std::optional<ClockSpan> span) {
  return Exception(ExceptionKind::kExtra, span);
}
HoursException Changed(std::optional<ClockSpan> span, std::string reason = "") {
  return Exception(ExceptionKind::kChanged, span, std::move(reason));
}

// On Mondays.
DeclaredHours Works(const ClockSpan& span, std::vector<HoursException> exceptions = {}) {
  return {.weekly = {{.weekday = 1, .span = span}}, .exceptions = std::move(exceptions)};
}
DeclaredHours NoHours(std::vector<HoursException> exceptions = {}) {
  return {.weekly = {}, .exceptions = std::move(exceptions)};
}

WorkingCalendar Calendar(DeclaredHours location, std::vector<HoursException> clinic = {}) {
  return WorkingCalendar(
      {.zone = absl::UTCTimeZone(), .location = std::move(location), .clinic = std::move(clinic)},
      kThatDay);
}

// Hours of that Monday, such as {{9, 13}, {14, 18}}.
TimeSet Hours(const std::vector<std::pair<int, int>>& hours) {
  TimeSet set;
  for (const auto& [from, to] : hours) {
    set.Add({Utc("2027-03-01T00:00:00Z") + absl::Hours(from),
             Utc("2027-03-01T00:00:00Z") + absl::Hours(to)});
  }
  return set;
}

TEST_CASE("A clinic that has not set up hours can book at any time", "[appointments][unit]") {
  const WorkingCalendar calendar = Calendar(NoHours());

  CHECK(calendar.TimeOf(NoHours()) == Hours({{0, 24}}));
  CHECK(calendar.LocationTime() == Hours({{0, 24}}));
}

TEST_CASE("A resource without hours works when its location is open", "[appointments][unit]") {
  CHECK(Calendar(Works(Span("09:00", "18:00"))).TimeOf(NoHours()) == Hours({{9, 18}}));
}

TEST_CASE("A resource works in its own hours even when its location is not usually open",
          "[appointments][unit]") {
  const WorkingCalendar calendar = Calendar(Works(Span("09:00", "18:00")));

  CHECK(calendar.TimeOf(Works(Span("07:00", "12:00"))) == Hours({{7, 12}}));
}

TEST_CASE("A break is the gap between two spans of a day", "[appointments][unit]") {
  const DeclaredHours hours{.weekly = {{.weekday = 1, .span = Span("14:00", "18:00")},
                                       {.weekday = 1, .span = Span("09:00", "13:00")}}};

  CHECK(Calendar(NoHours()).TimeOf(hours) == Hours({{9, 13}, {14, 18}}));
}

TEST_CASE("Hours that are not valid yet are none, not the location's", "[appointments][unit]") {
  DeclaredHours begins = Works(Span("09:00", "12:00"));
  begins.weekly[0].valid_from = kMonday + 1;

  CHECK(Calendar(Works(Span("09:00", "18:00"))).TimeOf(begins).empty());
}

TEST_CASE("An exception of the resource goes before its hours", "[appointments][unit]") {
  const WorkingCalendar calendar = Calendar(NoHours());
  const auto time_with = [&](std::vector<HoursException> exceptions) {
    return calendar.TimeOf(Works(Span("09:00", "17:00"), std::move(exceptions)));
  };

  CHECK(time_with({Closed()}).empty());
  CHECK(time_with({Closed(Span("12:00", "13:00"))}) == Hours({{9, 12}, {13, 17}}));
  CHECK(time_with({Extra(Span("18:00", "20:00"))}) == Hours({{9, 17}, {18, 20}}));
  CHECK(time_with({Changed(Span("10:00", "19:00"))}) == Hours({{10, 19}}));
  CHECK(time_with({Changed(Span("10:00", "12:00")), Changed(Span("15:00", "19:00"))}) ==
        Hours({{10, 12}, {15, 19}}));
}

TEST_CASE("What is said of part of a day goes before what is said of the whole",
          "[appointments][unit]") {
  const WorkingCalendar calendar = Calendar(NoHours());
  const auto time_with = [&](std::vector<HoursException> exceptions) {
    return calendar.TimeOf(Works(Span("09:00", "17:00"), std::move(exceptions)));
  };

  // On leave, but in for two hours.
  CHECK(time_with({Closed(), Extra(Span("10:00", "12:00"))}) == Hours({{10, 12}}));
  CHECK(time_with({Closed(), Changed(Span("10:00", "12:00"))}) == Hours({{10, 12}}));
  // An extra day with a meeting in it.
  CHECK(time_with({Extra(Span("08:00", "20:00")), Closed(Span("12:00", "13:00"))}) ==
        Hours({{8, 12}, {13, 20}}));
  CHECK(time_with({Changed(std::nullopt), Closed(Span("12:00", "13:00"))}) ==
        Hours({{0, 12}, {13, 24}}));
}

TEST_CASE("A closed location closes everybody but who has an extra", "[appointments][unit]") {
  const WorkingCalendar calendar = Calendar(Works(Span("09:00", "18:00"), {Closed()}));

  CHECK(calendar.TimeOf(NoHours()).empty());
  CHECK(calendar.TimeOf(Works(Span("09:00", "17:00"))).empty());
  CHECK(calendar.TimeOf(Works(Span("09:00", "17:00"), {Changed(Span("10:00", "12:00"))})).empty());
  CHECK(calendar.TimeOf(Works(Span("09:00", "17:00"), {Extra(Span("10:00", "12:00"))})) ==
        Hours({{10, 12}}));
  CHECK(calendar.TimeOf(Works(Span("09:00", "17:00"),
                              {Extra(Span("10:00", "12:00")), Changed(Span("11:00", "13:00"))})) ==
        Hours({{10, 12}}));
}

TEST_CASE("A location closed for part of a day closes that part", "[appointments][unit]") {
  const WorkingCalendar calendar =
      Calendar(Works(Span("09:00", "18:00"), {Closed(Span("12:00", "14:00"))}));

  CHECK(calendar.TimeOf(NoHours()) == Hours({{9, 12}, {14, 18}}));
  CHECK(calendar.TimeOf(Works(Span("11:00", "15:00"))) == Hours({{11, 12}, {14, 15}}));
}

TEST_CASE("Changed hours of a location bound everybody's, an extra lengthens nobody's own",
          "[appointments][unit]") {
  const WorkingCalendar shorter =
      Calendar(Works(Span("09:00", "18:00"), {Changed(Span("09:00", "13:00"))}));
  CHECK(shorter.TimeOf(NoHours()) == Hours({{9, 13}}));
  CHECK(shorter.TimeOf(Works(Span("11:00", "17:00"))) == Hours({{11, 13}}));
  CHECK(shorter.TimeOf(Works(Span("11:00", "17:00"), {Changed(Span("11:00", "15:00"))})) ==
        Hours({{11, 15}}));

  const WorkingCalendar longer =
      Calendar(Works(Span("09:00", "18:00"), {Extra(Span("18:00", "20:00"))}));
  CHECK(longer.TimeOf(NoHours()) == Hours({{9, 20}}));
  CHECK(longer.TimeOf(Works(Span("11:00", "17:00"))) == Hours({{11, 17}}));
}

TEST_CASE("A holiday of the clinic closes unless location or resource says otherwise",
          "[appointments][unit]") {
  const auto on_holiday = [](std::vector<HoursException> location_exceptions) {
    return Calendar(Works(Span("09:00", "18:00"), std::move(location_exceptions)), {Closed()});
  };
  const DeclaredHours own = Works(Span("08:00", "12:00"));

  CHECK(on_holiday({}).TimeOf(NoHours()).empty());
  CHECK(on_holiday({}).TimeOf(own).empty());
  CHECK(on_holiday({}).TimeOf(Works(Span("08:00", "12:00"), {Changed(Span("10:00", "11:00"))})) ==
        Hours({{10, 11}}));
  CHECK(on_holiday({}).TimeOf(Works(Span("08:00", "12:00"), {Extra(Span("10:00", "11:00"))})) ==
        Hours({{10, 11}}));
  CHECK(on_holiday({Changed(Span("10:00", "15:00"))}).TimeOf(NoHours()) == Hours({{10, 15}}));
  CHECK(on_holiday({Changed(Span("10:00", "15:00"))}).TimeOf(own) == Hours({{10, 12}}));
  // Open for these hours only: the usual ones stay closed.
  CHECK(on_holiday({Extra(Span("10:00", "15:00"))}).TimeOf(NoHours()) == Hours({{10, 15}}));
  CHECK(on_holiday({Extra(Span("10:00", "15:00"))}).TimeOf(own) == Hours({{10, 12}}));
}

TEST_CASE("A holiday closes a clinic that has not set up hours", "[appointments][unit]") {
  CHECK(Calendar(NoHours(), {Closed()}).TimeOf(NoHours()).empty());
}

TEST_CASE("Exceptions last from their first to their last day", "[appointments][unit]") {
  const WorkingCalendar calendar(
      {.zone = absl::UTCTimeZone(),
       .location = NoHours(
           {{.first_day = kMonday + 1, .last_day = kMonday + 2, .span = Span("08:00", "24:00")}})},
      {kMonday, kMonday + 3});

  CHECK(calendar.LocationTime().ranges() ==
        std::vector{UtcRange("2027-03-01T00:00:00Z", "2027-03-02T08:00:00Z"),
                    UtcRange("2027-03-03T00:00:00Z", "2027-03-03T08:00:00Z"),
                    UtcRange("2027-03-04T00:00:00Z", "2027-03-05T00:00:00Z")});
}

TEST_CASE("Unavailability overnight is closed on both days", "[appointments][unit]") {
  const WorkingCalendar calendar(
      {.zone = absl::UTCTimeZone(), .location = NoHours({Closed(Span("22:00", "06:00"))})},
      {kMonday, kMonday + 1});

  CHECK(calendar.LocationTime().ranges() ==
        std::vector{UtcRange("2027-03-01T00:00:00Z", "2027-03-01T22:00:00Z"),
                    UtcRange("2027-03-02T06:00:00Z", "2027-03-03T00:00:00Z")});
  CHECK(WorkingCalendar(
            {.zone = absl::UTCTimeZone(), .location = NoHours({Closed(Span("22:00", "06:00"))})},
            {kMonday + 1, kMonday + 1})
            .LocationTime()
            .ranges() == std::vector{UtcRange("2027-03-02T06:00:00Z", "2027-03-03T00:00:00Z")});
}

TEST_CASE("A night shift that reaches into a holiday ends at midnight", "[appointments][unit]") {
  const DeclaredHours nights{.weekly = {{.weekday = 7, .span = Span("22:00", "06:00")}}};
  const WorkingCalendar calendar(
      {.zone = absl::UTCTimeZone(), .location = NoHours(), .clinic = {Closed()}},
      {kMonday - 1, kMonday});

  CHECK(calendar.TimeOf(nights).ranges() ==
        std::vector{UtcRange("2027-02-28T22:00:00Z", "2027-03-01T00:00:00Z")});
}

TEST_CASE("A changed night lasts to its end on the next day", "[appointments][unit]") {
  const WorkingCalendar calendar({.zone = absl::UTCTimeZone(), .location = NoHours()},
                                 {kMonday, kMonday + 1});

  const TimeSet time =
      calendar.TimeOf(Works(Span("09:00", "17:00"), {Changed(Span("20:00", "02:00"))}));

  CHECK(time.ranges() == std::vector{UtcRange("2027-03-01T20:00:00Z", "2027-03-02T02:00:00Z")});
}

TEST_CASE("Working hours follow the clock of the location over a DST change, complaint 16",
          "[appointments][unit]") {
  // The Sundays of 2027-03-21 and 2027-03-28, when clocks go forward at 02:00.
  const WorkingCalendar calendar(
      {.zone = Zone("Europe/Madrid"),
       .location = {.weekly = {{.weekday = 7, .span = Span("01:00", "09:00")}}}},
      {absl::CivilDay(2027, 3, 21), absl::CivilDay(2027, 3, 28)});

  CHECK(calendar.LocationTime().ranges() ==
        std::vector{UtcRange("2027-03-21T00:00:00Z", "2027-03-21T08:00:00Z"),
                    UtcRange("2027-03-28T00:00:00Z", "2027-03-28T07:00:00Z")});
}

TEST_CASE("WhyClosed names what closes and its reason", "[appointments][unit]") {
  const auto at = [](int hour) {
    const absl::Time begin = Utc("2027-03-01T00:00:00Z") + absl::Hours(hour);
    return TimeRange{begin, begin + absl::Hours(1)};
  };
  const auto check = [](const std::optional<Closure>& why, int hour, ClosedBy by,
                        const std::string& reason) {
    REQUIRE(why);
    CHECK(why->at == Utc("2027-03-01T00:00:00Z") + absl::Hours(hour));
    CHECK(why->by == by);
    CHECK(why->reason == reason);
  };
  const WorkingCalendar calendar =
      Calendar(Works(Span("09:00", "18:00"), {Closed(Span("12:00", "13:00"), "fire drill")}),
               {Closed(Span("16:00", "18:00"), "local holiday")});
  const DeclaredHours own =
      Works(Span("08:00", "20:00"), {Closed(Span("10:00", "11:00"), "leave")});

  CHECK_FALSE(calendar.WhyClosed(own, at(8)));
  CHECK_FALSE(calendar.WhyClosed(own, at(9)));
  check(calendar.WhyClosed(own, at(7)), 7, ClosedBy::kHours, "");
  check(calendar.WhyClosed(own, at(10)), 10, ClosedBy::kResource, "leave");
  check(calendar.WhyClosed(own, at(12)), 12, ClosedBy::kLocation, "fire drill");
  check(calendar.WhyClosed(own, at(16)), 16, ClosedBy::kClinic, "local holiday");
  check(calendar.WhyClosed(own, {at(9).begin, at(12).end}), 10, ClosedBy::kResource, "leave");
  check(calendar.WhyClosed(own, at(20)), 20, ClosedBy::kHours, "");
  check(calendar.WhyClosed(NoHours(), at(8)), 8, ClosedBy::kHours, "");
}

TEST_CASE("WhyClosed gives the reason of changed hours outside of them", "[appointments][unit]") {
  const WorkingCalendar calendar =
      Calendar(Works(Span("09:00", "18:00"), {Changed(Span("09:00", "13:00"), "Christmas Eve")}));
  const DeclaredHours own = Works(Span("09:00", "17:00"));
  const DeclaredHours moved = Works(Span("09:00", "17:00"), {Changed(Span("07:00", "09:00"), "x")});

  const auto outside =
      calendar.WhyClosed(own, UtcRange("2027-03-01T12:30:00Z", "2027-03-01T13:30:00Z"));
  const auto outside_own =
      calendar.WhyClosed(moved, UtcRange("2027-03-01T08:30:00Z", "2027-03-01T09:30:00Z"));

  REQUIRE(outside);
  CHECK(outside->at == Utc("2027-03-01T13:00:00Z"));
  CHECK(outside->by == ClosedBy::kLocation);
  CHECK(outside->reason == "Christmas Eve");
  REQUIRE(outside_own);
  CHECK(outside_own->at == Utc("2027-03-01T09:00:00Z"));
  CHECK(outside_own->by == ClosedBy::kResource);
  CHECK(outside_own->reason == "x");
}

}  // namespace
}  // namespace clinicd::appointments
