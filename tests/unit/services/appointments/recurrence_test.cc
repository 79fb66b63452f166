#include "services/appointments/recurrence.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "absl/strings/str_split.h"
#include "common/status/error.h"
#include "services/appointments/appointment_convert.h"
#include "tests/unit/services/appointments/times.h"
#include "tests/unit/services/details.h"

namespace clinicd::appointments {
namespace {

using status::ErrorReason;
using testing::FieldsOf;
using testing::Local;
using testing::MetadataOf;
using testing::Utc;
using testing::Zone;
using Texts = std::vector<std::string>;

Series SeriesOf(const std::string& start, const std::string& rule,
                const std::string& zone = "Europe/Madrid") {
  absl::StatusOr<RecurrenceRule> parsed = ParseRule(rule, "series.rule");
  REQUIRE(parsed.ok());
  return {.rule = *std::move(parsed), .local_start = Local(start), .zone = Zone(zone)};
}

std::vector<Occurrence> Expanded(const Series& series) {
  absl::StatusOr<std::vector<Occurrence>> occurrences = Expand(series);
  REQUIRE(occurrences.ok());
  return *std::move(occurrences);
}

Texts LocalsOf(const std::vector<Occurrence>& occurrences) {
  Texts texts;
  for (const Occurrence& occurrence : occurrences) {
    texts.push_back(FormatLocal(occurrence.local_start));
  }
  return texts;
}

// Without the time.
Texts DaysOf(const std::vector<Occurrence>& occurrences) {
  Texts texts = LocalsOf(occurrences);
  for (std::string& text : texts) text.resize(10);
  return texts;
}

std::vector<int> OrdinalsOf(const std::vector<Occurrence>& occurrences) {
  std::vector<int> ordinals;
  for (const Occurrence& occurrence : occurrences) ordinals.push_back(occurrence.ordinal);
  return ordinals;
}

TEST_CASE("a series recurs on the days that its rule names", "[appointments][unit]") {
  const auto [start, rule, days] = GENERATE(table<std::string, std::string, std::string>({
      {"2027-03-22T09:00", "FREQ=DAILY;COUNT=3", "2027-03-22 2027-03-23 2027-03-24"},
      {"2027-02-27T09:00", "FREQ=DAILY;INTERVAL=2;COUNT=3", "2027-02-27 2027-03-01 2027-03-03"},
      {"2027-03-22T09:00", "FREQ=WEEKLY;COUNT=3", "2027-03-22 2027-03-29 2027-04-05"},
      {"2027-03-23T09:00", "FREQ=WEEKLY;BYDAY=MO,TU,SU;COUNT=5",
       "2027-03-23 2027-03-28 2027-03-29 2027-03-30 2027-04-04"},
      // A week begins on Monday: the Sunday is one of the week of the start.
      {"2027-03-24T09:00", "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,WE;COUNT=4",
       "2027-03-24 2027-03-28 2027-04-07 2027-04-11"},
      {"2027-03-28T09:00", "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,MO;COUNT=4",
       "2027-03-28 2027-04-05 2027-04-11 2027-04-19"},
      // Months without such a day are left out and not counted.
      {"2027-01-31T09:00", "FREQ=MONTHLY;BYMONTHDAY=31;COUNT=4",
       "2027-01-31 2027-03-31 2027-05-31 2027-07-31"},
      {"2027-01-31T09:00", "FREQ=MONTHLY;COUNT=4", "2027-01-31 2027-03-31 2027-05-31 2027-07-31"},
      {"2028-01-30T09:00", "FREQ=MONTHLY;BYMONTHDAY=30;COUNT=3",
       "2028-01-30 2028-03-30 2028-04-30"},
      {"2028-01-29T09:00", "FREQ=MONTHLY;COUNT=3", "2028-01-29 2028-02-29 2028-03-29"},
      {"2027-01-29T09:00", "FREQ=MONTHLY;COUNT=3", "2027-01-29 2027-03-29 2027-04-29"},
      {"2028-02-29T09:00", "FREQ=MONTHLY;INTERVAL=12;COUNT=1", "2028-02-29"},
      {"2027-01-31T09:00", "FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=4",
       "2027-01-31 2027-02-28 2027-03-31 2027-04-30"},
      // The last day once, by whichever name.
      {"2027-01-31T09:00", "FREQ=MONTHLY;BYMONTHDAY=31,-1;COUNT=3",
       "2027-01-31 2027-02-28 2027-03-31"},
      {"2027-01-15T09:00", "FREQ=MONTHLY;BYMONTHDAY=1,15;INTERVAL=2;COUNT=4",
       "2027-01-15 2027-03-01 2027-03-15 2027-05-01"},
      {"2027-03-01T09:00", "FREQ=MONTHLY;BYDAY=1MO;COUNT=3", "2027-03-01 2027-04-05 2027-05-03"},
      {"2027-03-28T09:00", "FREQ=MONTHLY;BYDAY=4SU;COUNT=3", "2027-03-28 2027-04-25 2027-05-23"},
      {"2027-03-31T09:00", "FREQ=MONTHLY;BYDAY=-1WE;COUNT=3", "2027-03-31 2027-04-28 2027-05-26"},
      // In February 2027 the fourth Sunday is the last one.
      {"2027-01-24T09:00", "FREQ=MONTHLY;BYDAY=4SU,-1SU;COUNT=4",
       "2027-01-24 2027-01-31 2027-02-28 2027-03-28"},
  }));
  CAPTURE(start, rule);

  const Texts expected = absl::StrSplit(days, ' ');
  CHECK(DaysOf(Expanded(SeriesOf(start, rule))) == expected);
}

TEST_CASE("a weekly visit stays at nine on the clock when clocks change, complaint 16",
          "[appointments][unit]") {
  const auto spring = Expanded(SeriesOf("2027-03-22T09:00", "FREQ=WEEKLY;COUNT=3"));
  const auto autumn = Expanded(SeriesOf("2027-10-25T09:00", "FREQ=WEEKLY;COUNT=2"));

  REQUIRE(spring.size() == 3);
  CHECK(spring[0].time.starts_at == Utc("2027-03-22T08:00:00Z"));
  CHECK(spring[1].time.starts_at == Utc("2027-03-29T07:00:00Z"));
  CHECK(spring[2].time.starts_at == Utc("2027-04-05T07:00:00Z"));
  REQUIRE(autumn.size() == 2);
  CHECK(autumn[0].time.starts_at == Utc("2027-10-25T07:00:00Z"));
  CHECK(autumn[1].time.starts_at == Utc("2027-11-01T08:00:00Z"));
  CHECK(LocalsOf(autumn) == Texts{"2027-10-25T09:00", "2027-11-01T09:00"});
}

TEST_CASE("an occurrence over which clocks jump is shifted, says so, and is the only one",
          "[appointments][unit]") {
  const auto occurrences = Expanded(SeriesOf("2027-03-27T02:30", "FREQ=DAILY;COUNT=3"));

  REQUIRE(occurrences.size() == 3);
  CHECK_FALSE(occurrences[0].time.shifted_by_gap);
  CHECK(occurrences[1].time.shifted_by_gap);
  CHECK(occurrences[1].time.starts_at == Utc("2027-03-28T01:30:00Z"));
  CHECK(occurrences[1].time.clock_start == Local("2027-03-28T03:30"));
  CHECK(occurrences[1].local_start == Local("2027-03-28T02:30"));
  CHECK_FALSE(occurrences[2].time.shifted_by_gap);
  CHECK(occurrences[2].time.starts_at == Utc("2027-03-29T00:30:00Z"));
}

TEST_CASE("a series may start at a time over which clocks jump", "[appointments][unit]") {
  const auto occurrences = Expanded(SeriesOf("2027-03-28T02:30", "FREQ=DAILY;COUNT=2"));

  REQUIRE(occurrences.size() == 2);
  CHECK(occurrences[0].time.shifted_by_gap);
  CHECK(LocalsOf(occurrences) == Texts{"2027-03-28T02:30", "2027-03-29T02:30"});
}

TEST_CASE("UNTIL includes the occurrence that starts at that very second", "[appointments][unit]") {
  const auto [until, count] = GENERATE(table<std::string, std::size_t>({
      {"20270322T080000Z", 1},
      {"20270329T065959Z", 1},
      // Nine o'clock in summer.
      {"20270329T070000Z", 2},
      {"20270405T065959Z", 2},
      {"20270405T070000Z", 3},
  }));
  CAPTURE(until);

  CHECK(Expanded(SeriesOf("2027-03-22T09:00", "FREQ=WEEKLY;UNTIL=" + until)).size() == count);
}

TEST_CASE("excluded occurrences are counted and keep the numbers of the others",
          "[appointments][unit]") {
  Series series = SeriesOf("2027-03-22T09:00", "FREQ=WEEKLY;COUNT=5");
  // In no order; the last two are no occurrences.
  series.excluded = {Local("2027-04-12T09:00"), Local("2027-03-22T09:00"),
                     Local("2027-03-29T09:30"), Local("2027-03-30T09:00")};

  const auto occurrences = Expanded(series);

  CHECK(DaysOf(occurrences) == Texts{"2027-03-29", "2027-04-05", "2027-04-19"});
  CHECK(OrdinalsOf(occurrences) == std::vector<int>{2, 3, 5});
}

TEST_CASE("a series of which everything is excluded has no occurrences", "[appointments][unit]") {
  Series series = SeriesOf("2027-03-22T09:00", "FREQ=WEEKLY;COUNT=1");
  series.excluded = {Local("2027-03-22T09:00")};

  CHECK(Expanded(series).empty());
}

TEST_CASE("a series ends 24 months after its start at the latest", "[appointments][unit]") {
  const auto [start, rule, part] = GENERATE(table<std::string, std::string, std::string>({
      // The last occurrence on the very day, and one step further.
      {"2027-03-22T09:00", "FREQ=MONTHLY;COUNT=25", ""},
      {"2027-03-22T09:00", "FREQ=MONTHLY;COUNT=26", "COUNT"},
      {"2027-03-22T09:00", "FREQ=DAILY;INTERVAL=7;COUNT=104", ""},
      {"2027-03-22T09:00", "FREQ=DAILY;INTERVAL=8;COUNT=92", ""},
      {"2027-03-22T09:00", "FREQ=DAILY;INTERVAL=8;COUNT=93", "COUNT"},
      {"2027-03-22T09:00", "FREQ=MONTHLY;INTERVAL=24;COUNT=2", ""},
      {"2027-03-22T09:00", "FREQ=MONTHLY;INTERVAL=25;COUNT=2", "COUNT"},
      {"2027-03-22T09:00", "FREQ=MONTHLY;INTERVAL=52;COUNT=1", ""},
      // The end of the day by the clock of the clinic, and a second later.
      {"2027-03-22T09:00", "FREQ=WEEKLY;UNTIL=20290322T225959Z", ""},
      {"2027-03-22T09:00", "FREQ=WEEKLY;UNTIL=20290322T230000Z", "UNTIL"},
      {"2027-03-22T09:00", "FREQ=WEEKLY;UNTIL=99991231T235959Z", "UNTIL"},
      // There is no 29 February 2030.
      {"2028-02-29T09:00", "FREQ=DAILY;UNTIL=20300301T225959Z", ""},
      {"2028-02-29T09:00", "FREQ=DAILY;UNTIL=20300301T230000Z", "UNTIL"},
  }));
  CAPTURE(start, rule);

  const absl::Status status = Expand(SeriesOf(start, rule)).status();

  if (part.empty()) {
    CHECK(status.ok());
  } else {
    CHECK(status.code() == absl::StatusCode::kInvalidArgument);
    CHECK(status::ReasonOf(status) == ErrorReason::RRULE_UNSUPPORTED);
    CHECK(MetadataOf(status, "part") == part);
    CHECK(FieldsOf(status) == Texts{"series.rule"});
  }
}

TEST_CASE("the longest series has an occurrence a day for two years", "[appointments][unit]") {
  // Both 2027-03-22 and 2029-03-22; 2028 has a 29 February.
  CHECK(Expanded(SeriesOf("2027-03-22T09:00", "FREQ=DAILY;UNTIL=20290322T225959Z")).size() == 732);
}

TEST_CASE("a start that the rule does not have is refused with the next one that it has",
          "[appointments][unit]") {
  const auto [start, rule, suggestion] = GENERATE(table<std::string, std::string, std::string>({
      {"2027-03-23T09:00", "FREQ=WEEKLY;BYDAY=MO,WE;COUNT=3", "2027-03-24T09:00"},
      {"2027-03-23T09:00", "FREQ=WEEKLY;BYDAY=MO;COUNT=3", "2027-03-29T09:00"},
      {"2027-03-23T09:00", "FREQ=MONTHLY;BYMONTHDAY=31;COUNT=3", "2027-03-31T09:00"},
      {"2027-03-23T09:00", "FREQ=MONTHLY;BYDAY=1MO;COUNT=3", "2027-04-05T09:00"},
      // The next one would be after the horizon.
      {"2027-03-23T09:00", "FREQ=MONTHLY;INTERVAL=52;BYDAY=1MO;COUNT=3", ""},
  }));
  CAPTURE(start, rule);

  const absl::Status status = Expand(SeriesOf(start, rule), {.local_start = "form.first"}).status();

  CHECK(status.code() == absl::StatusCode::kInvalidArgument);
  CHECK(status::ReasonOf(status) == ErrorReason::VALIDATION_FAILED);
  CHECK(MetadataOf(status, "suggestion") == suggestion);
  CHECK(FieldsOf(status) == Texts{"form.first"});
}

TEST_CASE("a rule that ends before the start is refused", "[appointments][unit]") {
  const Series series = SeriesOf("2027-03-22T09:00", "FREQ=WEEKLY;UNTIL=20270322T075959Z");

  const absl::Status status = Expand(series, {.rule = "form.rule"}).status();

  CHECK(status.code() == absl::StatusCode::kInvalidArgument);
  CHECK(status::ReasonOf(status) == ErrorReason::VALIDATION_FAILED);
  CHECK(FieldsOf(status) == Texts{"form.rule"});
}

TEST_CASE("this and following cuts a counted series in two that count on, complaint 17",
          "[appointments][unit]") {
  Series series = SeriesOf("2027-03-22T09:00", "FREQ=WEEKLY;BYDAY=MO,WE;COUNT=6");
  series.excluded = {Local("2027-03-24T09:00"), Local("2027-03-29T09:00"),
                     Local("2027-04-05T09:00")};

  const auto split = SplitAt(series, Local("2027-03-31T09:00"));

  REQUIRE(split.has_value());
  REQUIRE(split->head.has_value());
  CHECK(FormatRule(split->head->rule) == "FREQ=WEEKLY;BYDAY=MO,WE;COUNT=3");
  CHECK(DaysOf(Expanded(*split->head)) == Texts{"2027-03-22"});
  CHECK(split->head->excluded.size() == 2);
  CHECK(FormatRule(split->tail.rule) == "FREQ=WEEKLY;BYDAY=MO,WE;COUNT=3");
  CHECK(DaysOf(Expanded(split->tail)) == Texts{"2027-03-31", "2027-04-07"});
  CHECK(split->tail.excluded == std::vector<absl::CivilMinute>{Local("2027-04-05T09:00")});
}

TEST_CASE("this and following ends the head of a dated series with its last occurrence",
          "[appointments][unit]") {
  const Series series = SeriesOf("2027-03-22T09:00", "FREQ=WEEKLY;UNTIL=20270430T000000Z");

  const auto split = SplitAt(series, Local("2027-04-05T09:00"));

  REQUIRE(split.has_value());
  REQUIRE(split->head.has_value());
  CHECK(FormatRule(split->head->rule) == "FREQ=WEEKLY;UNTIL=20270329T070000Z");
  CHECK(FormatRule(split->tail.rule) == "FREQ=WEEKLY;UNTIL=20270430T000000Z");
  CHECK(split->tail.local_start == Local("2027-04-05T09:00"));
}

TEST_CASE("this and following from the first occurrence on leaves no head",
          "[appointments][unit]") {
  const Series series = SeriesOf("2027-03-22T09:00", "FREQ=WEEKLY;COUNT=3");

  const auto split = SplitAt(series, series.local_start);

  REQUIRE(split.has_value());
  CHECK_FALSE(split->head.has_value());
  CHECK(DaysOf(Expanded(split->tail)) == DaysOf(Expanded(series)));
}

TEST_CASE("a series is not cut where nothing occurs", "[appointments][unit]") {
  const Series series = SeriesOf("2027-03-22T09:00", "FREQ=WEEKLY;COUNT=3");
  // The next day, another time, before the start, and after the end.
  const std::string at = GENERATE(as<std::string>(), "2027-03-30T09:00", "2027-03-29T09:01",
                                  "2027-03-15T09:00", "2027-04-12T09:00");
  CAPTURE(at);

  CHECK_FALSE(SplitAt(series, Local(at)).has_value());
}

}  // namespace
}  // namespace clinicd::appointments
