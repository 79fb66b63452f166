#include "services/appointments/recurrence_rule.h"

#include <catch2/catch.hpp>
#include <string>

#include "common/status/error.h"
#include "tests/unit/services/appointments/times.h"
#include "tests/unit/services/details.h"

namespace clinicd::appointments {
namespace {

using absl::Weekday;
using status::ErrorReason;
using testing::FieldsOf;
using testing::MetadataOf;
using testing::Utc;

constexpr std::string_view kField = "series.rule";

TEST_CASE("a recurrence rule is read part by part", "[appointments][unit]") {
  const auto weekly = ParseRule("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE;COUNT=10", kField);
  const auto nth = ParseRule("FREQ=MONTHLY;BYDAY=1MO,-1FR;UNTIL=20271231T230000Z", kField);
  const auto month_days = ParseRule("FREQ=MONTHLY;BYMONTHDAY=15,-1;COUNT=3", kField);
  const auto daily = ParseRule("FREQ=DAILY;COUNT=1", kField);

  REQUIRE(weekly.ok());
  CHECK(*weekly == RecurrenceRule{.frequency = Frequency::kWeekly,
                                  .interval = 2,
                                  .weekdays = {Weekday::monday, Weekday::wednesday},
                                  .count = 10});
  REQUIRE(nth.ok());
  CHECK(*nth == RecurrenceRule{.frequency = Frequency::kMonthly,
                               .nth_weekdays = {{1, Weekday::monday}, {-1, Weekday::friday}},
                               .until = Utc("2027-12-31T23:00:00Z")});
  REQUIRE(month_days.ok());
  CHECK(*month_days ==
        RecurrenceRule{.frequency = Frequency::kMonthly, .month_days = {15, -1}, .count = 3});
  REQUIRE(daily.ok());
  CHECK(*daily == RecurrenceRule{.frequency = Frequency::kDaily, .count = 1});
}

TEST_CASE("a recurrence rule is written in one way", "[appointments][unit]") {
  const auto [text, canonical] = GENERATE(table<std::string, std::string>({
      {"FREQ=WEEKLY;BYDAY=MO,WE;COUNT=10", "FREQ=WEEKLY;BYDAY=MO,WE;COUNT=10"},
      // The case does not matter, the order neither.
      {"count=10;byday=we,mo;freq=weekly", "FREQ=WEEKLY;BYDAY=MO,WE;COUNT=10"},
      {"FREQ=WEEKLY;BYDAY=SU,SA,FR,TH,WE,TU,MO;COUNT=10",
       "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR,SA,SU;COUNT=10"},
      {"FREQ=WEEKLY;BYDAY=MO,MO;COUNT=10", "FREQ=WEEKLY;BYDAY=MO;COUNT=10"},
      // What says nothing is left out.
      {"FREQ=DAILY;INTERVAL=1;WKST=MO;COUNT=5", "FREQ=DAILY;COUNT=5"},
      {"FREQ=DAILY;INTERVAL=0052;COUNT=0104", "FREQ=DAILY;INTERVAL=52;COUNT=104"},
      {"FREQ=MONTHLY;BYDAY=-1MO,+1SU,4TU,1MO;COUNT=5",
       "FREQ=MONTHLY;BYDAY=1MO,1SU,4TU,-1MO;COUNT=5"},
      {"FREQ=MONTHLY;BYMONTHDAY=-1,31,+1,01,9;COUNT=5",
       "FREQ=MONTHLY;BYMONTHDAY=1,9,31,-1;COUNT=5"},
      {"FREQ=MONTHLY;UNTIL=20270331t220000z", "FREQ=MONTHLY;UNTIL=20270331T220000Z"},
      {"FREQ=MONTHLY;UNTIL=00010101T000000Z", "FREQ=MONTHLY;UNTIL=00010101T000000Z"},
  }));
  CAPTURE(text);

  const auto rule = ParseRule(text, kField);
  REQUIRE(rule.ok());
  const std::string written = FormatRule(*rule);
  const auto again = ParseRule(written, kField);

  CHECK(written == canonical);
  REQUIRE(again.ok());
  CHECK(*again == *rule);
}

TEST_CASE("what RFC 5545 allows and series do not is refused by the name of the part",
          "[appointments][unit]") {
  const auto [text, part] = GENERATE(table<std::string, std::string>({
      {"FREQ=YEARLY;COUNT=5", "FREQ"},
      {"FREQ=HOURLY;COUNT=5", "FREQ"},
      {"FREQ=MINUTELY;COUNT=5", "FREQ"},
      {"FREQ=SECONDLY;COUNT=5", "FREQ"},
      {"FREQ=DAILY;INTERVAL=53;COUNT=5", "INTERVAL"},
      {"FREQ=DAILY;INTERVAL=99999999999999999999;COUNT=5", "INTERVAL"},
      {"FREQ=DAILY;COUNT=105", "COUNT"},
      {"FREQ=DAILY;COUNT=4294967297", "COUNT"},
      // Without an end.
      {"FREQ=DAILY", "COUNT"},
      {"FREQ=DAILY;WKST=SU;COUNT=5", "WKST"},
      {"FREQ=DAILY;BYDAY=MO;COUNT=5", "BYDAY"},
      {"FREQ=DAILY;BYMONTHDAY=1;COUNT=5", "BYMONTHDAY"},
      {"FREQ=MONTHLY;BYDAY=MO;COUNT=5", "BYDAY"},
      {"FREQ=MONTHLY;BYDAY=5MO;COUNT=5", "BYDAY"},
      {"FREQ=MONTHLY;BYDAY=-2MO;COUNT=5", "BYDAY"},
      {"FREQ=MONTHLY;BYDAY=1MO,53MO;COUNT=5", "BYDAY"},
      {"FREQ=MONTHLY;BYMONTHDAY=-2;COUNT=5", "BYMONTHDAY"},
      {"FREQ=MONTHLY;BYMONTHDAY=1,-31;COUNT=5", "BYMONTHDAY"},
      {"FREQ=MONTHLY;BYDAY=1FR;BYMONTHDAY=13;COUNT=5", "BYMONTHDAY"},
      {"FREQ=MONTHLY;BYSETPOS=-1;COUNT=5", "BYSETPOS"},
      {"FREQ=DAILY;BYWEEKNO=1;COUNT=5", "BYWEEKNO"},
      {"FREQ=DAILY;BYYEARDAY=1;COUNT=5", "BYYEARDAY"},
      {"FREQ=DAILY;bymonth=1;COUNT=5", "BYMONTH"},
      {"FREQ=DAILY;BYHOUR=9;COUNT=5", "BYHOUR"},
      {"FREQ=DAILY;BYMINUTE=9;COUNT=5", "BYMINUTE"},
      {"FREQ=DAILY;BYSECOND=9;COUNT=5", "BYSECOND"},
      {"RSCALE=GREGORIAN;FREQ=DAILY;COUNT=5", "RSCALE"},
      {"FREQ=MONTHLY;SKIP=FORWARD;COUNT=5", "SKIP"},
  }));
  CAPTURE(text);

  const absl::Status status = ParseRule(text, kField).status();

  CHECK(status.code() == absl::StatusCode::kInvalidArgument);
  CHECK(status::ReasonOf(status) == ErrorReason::RRULE_UNSUPPORTED);
  CHECK(MetadataOf(status, "part") == part);
  CHECK_FALSE(MetadataOf(status, "supported").empty());
  CHECK(FieldsOf(status) == std::vector<std::string>{"series.rule"});
}

TEST_CASE("what is no recurrence rule is refused where it goes wrong", "[appointments][unit]") {
  const auto [text, position] = GENERATE(table<std::string, std::string>({
      {"", "1"},
      {";", "1"},
      {"RRULE:FREQ=DAILY;COUNT=5", "6"},
      {"FREQ=DAILY; COUNT=5", "12"},
      {"FREQ=D\xC3\xA9ILY;COUNT=5", "7"},
      {"FREQ=DAILY;COUNT=5;", "20"},
      {"FREQ=DAILY;;COUNT=5", "12"},
      {"FREQ=DAILY;COUNT", "12"},
      {"FREQ=DAILY;FOO=1;COUNT=5", "12"},
      {"FREQ=DAILY;X-FOO=1;COUNT=5", "12"},
      {"FREQ=DAILY;COUNT=5;COUNT=5", "20"},
      {"COUNT=5", "8"},
      {"FREQ=;COUNT=5", "6"},
      {"FREQ=FORTNIGHTLY;COUNT=5", "6"},
      {"FREQ=DAILY=;COUNT=5", "6"},
      {"FREQ=DAILY;INTERVAL=0;COUNT=5", "21"},
      {"FREQ=DAILY;INTERVAL=-1;COUNT=5", "21"},
      {"FREQ=DAILY;INTERVAL=;COUNT=5", "21"},
      {"FREQ=DAILY;INTERVAL=1,2;COUNT=5", "21"},
      {"FREQ=DAILY;COUNT=0", "18"},
      {"FREQ=DAILY;COUNT=five", "18"},
      {"FREQ=DAILY;WKST=1MO;COUNT=5", "17"},
      {"FREQ=WEEKLY;BYDAY=;COUNT=5", "19"},
      {"FREQ=WEEKLY;BYDAY=MO,,TU;COUNT=5", "22"},
      {"FREQ=WEEKLY;BYDAY=MO,XX;COUNT=5", "22"},
      {"FREQ=WEEKLY;BYDAY=M;COUNT=5", "19"},
      {"FREQ=WEEKLY;BYDAY=MO,1TU;COUNT=5", "22"},
      {"FREQ=MONTHLY;BYDAY=0MO;COUNT=5", "20"},
      {"FREQ=MONTHLY;BYDAY=+MO;COUNT=5", "20"},
      {"FREQ=MONTHLY;BYDAY=54MO;COUNT=5", "20"},
      {"FREQ=MONTHLY;BYDAY=001MO;COUNT=5", "20"},
      {"FREQ=MONTHLY;BYMONTHDAY=0;COUNT=5", "25"},
      {"FREQ=MONTHLY;BYMONTHDAY=1,32;COUNT=5", "27"},
      {"FREQ=MONTHLY;BYMONTHDAY=-32;COUNT=5", "25"},
      {"FREQ=MONTHLY;BYMONTHDAY=--1;COUNT=5", "25"},
      {"FREQ=WEEKLY;BYMONTHDAY=1;COUNT=5", "24"},
      {"FREQ=DAILY;COUNT=5;UNTIL=20270331T220000Z", "26"},
      {"FREQ=DAILY;UNTIL=20270331T220000Z;COUNT=5", "41"},
      // Neither a date nor a local time is an end where the start has a zone.
      {"FREQ=DAILY;UNTIL=20270331", "18"},
      {"FREQ=DAILY;UNTIL=20270331T220000", "18"},
      {"FREQ=DAILY;UNTIL=20270230T220000Z", "18"},
      {"FREQ=DAILY;UNTIL=20270331T240000Z", "18"},
      {"FREQ=DAILY;UNTIL=20270331T226000Z", "18"},
      {"FREQ=DAILY;UNTIL=20270331T225960Z", "18"},
      {"FREQ=DAILY;UNTIL=2027033AT225900Z", "18"},
      {"FREQ=DAILY;UNTIL=", "18"},
  }));
  CAPTURE(text);

  const absl::Status status = ParseRule(text, kField).status();

  CHECK(status.code() == absl::StatusCode::kInvalidArgument);
  CHECK(status::ReasonOf(status) == ErrorReason::VALIDATION_FAILED);
  CHECK(MetadataOf(status, "position") == position);
  CHECK(FieldsOf(status) == std::vector<std::string>{"series.rule"});
}

TEST_CASE("a recurrence rule takes the largest numbers that it may hold", "[appointments][unit]") {
  const std::string text =
      GENERATE(as<std::string>(), "FREQ=DAILY;INTERVAL=52;COUNT=104", "FREQ=DAILY;COUNT=1",
               "FREQ=MONTHLY;BYMONTHDAY=31;COUNT=2", "FREQ=MONTHLY;BYDAY=4SU;COUNT=2");

  CHECK(ParseRule(text, kField).ok());
}

}  // namespace
}  // namespace clinicd::appointments
