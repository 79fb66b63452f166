#include "services/appointments/clock_hours.h"

#include <catch2/catch.hpp>

#include "tests/unit/services/appointments/clocks.h"
#include "tests/unit/services/appointments/times.h"

namespace clinicd::appointments {
namespace {

using testing::Span;
using testing::UtcRange;
using testing::Zone;

// What a clock in `zone` shows as `span` on `day`.
std::vector<TimeRange> InstantsOf(absl::CivilDay day, ClockSpan span, const std::string& zone) {
  return InstantsWhen(TimeSet(ReadingsOf(day, span)), Zone(zone)).ranges();
}

TEST_CASE("ParseClock takes what a clock shows and the end of the day", "[appointments][unit]") {
  const auto [text, minutes] = GENERATE(table<std::string, std::optional<std::int32_t>>({
      {"00:00", 0},
      {"09:05", 545},
      {"23:59", 1439},
      {"24:00", 1440},
      {"24:01", std::nullopt},
      {"09:60", std::nullopt},
      {"9:00", std::nullopt},
      {"09-00", std::nullopt},
      {"09:0x", std::nullopt},
      {"09:00 ", std::nullopt},
      {"", std::nullopt},
  }));
  CAPTURE(text);

  CHECK(ParseClock(text) == minutes);
}

TEST_CASE("Weekly hours are those of the weekday, while they are valid", "[appointments][unit]") {
  // 2027-03-01 is a Monday.
  const WeeklyHours mondays{.weekday = 1,
                            .span = Span("09:00", "13:00"),
                            .valid_from = absl::CivilDay(2027, 3, 8),
                            .valid_to = absl::CivilDay(2027, 3, 15)};
  const DayPeriod march{absl::CivilDay(2027, 3, 1), absl::CivilDay(2027, 3, 31)};

  const TimeSet readings = ReadingsOf({mondays}, march);

  CHECK(readings.ranges() == std::vector{UtcRange("2027-03-08T09:00:00Z", "2027-03-08T13:00:00Z"),
                                         UtcRange("2027-03-15T09:00:00Z", "2027-03-15T13:00:00Z")});
}

TEST_CASE("Hours to 24:00 end with the day and join those of the next", "[appointments][unit]") {
  const DayPeriod days{absl::CivilDay(2027, 3, 1), absl::CivilDay(2027, 3, 2)};

  const TimeSet readings = ReadingsOf({{.weekday = 1, .span = Span("20:00", "24:00")},
                                       {.weekday = 2, .span = Span("00:00", "04:00")}},
                                      days);

  CHECK(readings.ranges() == std::vector{UtcRange("2027-03-01T20:00:00Z", "2027-03-02T04:00:00Z")});
}

TEST_CASE("Hours that cross midnight belong to the day on which they begin",
          "[appointments][unit]") {
  const std::vector<WeeklyHours> sunday_night{
      {.weekday = 7, .span = Span("22:00", "06:00"), .valid_to = absl::CivilDay(2027, 2, 28)}};

  CHECK(ReadingsOf(sunday_night, {absl::CivilDay(2027, 2, 28), absl::CivilDay(2027, 3, 7)})
            .ranges() == std::vector{UtcRange("2027-02-28T22:00:00Z", "2027-03-01T06:00:00Z")});
  CHECK(
      ReadingsOf(sunday_night, {absl::CivilDay(2027, 3, 1), absl::CivilDay(2027, 3, 7)}).ranges() ==
      std::vector{UtcRange("2027-03-01T00:00:00Z", "2027-03-01T06:00:00Z")});
  CHECK(ReadingsOf(sunday_night, {absl::CivilDay(2027, 2, 28), absl::CivilDay(2027, 2, 28)})
            .ranges() == std::vector{UtcRange("2027-02-28T22:00:00Z", "2027-03-01T00:00:00Z")});
}

TEST_CASE("Hours from and to the same minute are none", "[appointments][unit]") {
  const DayPeriod days{absl::CivilDay(2027, 3, 1), absl::CivilDay(2027, 3, 2)};

  CHECK(ReadingsOf({{.weekday = 1, .span = Span("09:00", "09:00")}}, days).empty());
}

TEST_CASE("Clocks that go forward take the hour that they skip", "[appointments][unit]") {
  const absl::CivilDay day(2027, 3, 28);

  CHECK(InstantsOf(day, Span("01:00", "04:00"), "Europe/Madrid") ==
        std::vector{UtcRange("2027-03-28T00:00:00Z", "2027-03-28T02:00:00Z")});
  CHECK(InstantsOf(day, Span("02:00", "03:00"), "Europe/Madrid").empty());
  CHECK(InstantsOf(day, Span("02:30", "03:30"), "Europe/Madrid") ==
        std::vector{UtcRange("2027-03-28T01:00:00Z", "2027-03-28T01:30:00Z")});
  CHECK(InstantsOf(day, Span("01:30", "02:30"), "Europe/Madrid") ==
        std::vector{UtcRange("2027-03-28T00:30:00Z", "2027-03-28T01:00:00Z")});
}

TEST_CASE("Clocks that go back give the hour that they show twice", "[appointments][unit]") {
  const absl::CivilDay day(2027, 10, 31);

  CHECK(InstantsOf(day, Span("02:00", "03:00"), "Europe/Madrid") ==
        std::vector{UtcRange("2027-10-31T00:00:00Z", "2027-10-31T02:00:00Z")});
  CHECK(InstantsOf(day, Span("01:00", "04:00"), "Europe/Madrid") ==
        std::vector{UtcRange("2027-10-30T23:00:00Z", "2027-10-31T03:00:00Z")});
  // Shown twice with half an hour between that is not asked for.
  CHECK(InstantsOf(day, Span("02:00", "02:30"), "Europe/Madrid") ==
        std::vector{UtcRange("2027-10-31T00:00:00Z", "2027-10-31T00:30:00Z"),
                    UtcRange("2027-10-31T01:00:00Z", "2027-10-31T01:30:00Z")});
  // Clocks on Lord Howe Island change by half an hour, in the other half of the year.
  CHECK(InstantsOf(absl::CivilDay(2027, 4, 4), Span("01:00", "02:00"), "Australia/Lord_Howe") ==
        std::vector{UtcRange("2027-04-03T14:00:00Z", "2027-04-03T15:30:00Z")});
}

TEST_CASE("A day is as long as its clock makes it", "[appointments][unit]") {
  const auto [day, zone, hours] = GENERATE(table<absl::CivilDay, std::string, int>({
      {absl::CivilDay(2027, 3, 28), "Europe/Madrid", 23},
      {absl::CivilDay(2027, 10, 31), "Europe/Madrid", 25},
      {absl::CivilDay(2027, 3, 28), "Asia/Kolkata", 24},
      // Skipped by Samoa when it moved to the other side of the date line.
      {absl::CivilDay(2011, 12, 30), "Pacific/Apia", 0},
  }));

  const TimeSet instants = InstantsWhen(TimeSet(ReadingsOf(day, ClockSpan())), Zone(zone));

  CHECK(instants.LengthWithin({absl::InfinitePast(), absl::InfiniteFuture()}) ==
        absl::Hours(hours));
}

}  // namespace
}  // namespace clinicd::appointments
