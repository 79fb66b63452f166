// Series against libical, an implementation of RFC 5545 by others, and cut in two.
#include "services/appointments/recurrence.h"

#include <libical/ical.h>
#include <rapidcheck/catch.h>

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status/error.h"
#include "services/appointments/appointment_convert.h"
#include "services/appointments/appointment_rules.h"
#include "tests/unit/services/details.h"

namespace clinicd::appointments {

void showValue(const Series& series, std::ostream& out) {
  out << FormatLocal(series.local_start) << " " << series.zone.name() << " "
      << FormatRule(series.rule);
  for (const absl::CivilMinute excluded : series.excluded) out << " -" << FormatLocal(excluded);
}

namespace {

using status::ErrorReason;
using testing::FieldsOf;
using testing::MetadataOf;
using Kind = absl::TimeZone::TimeInfo::CivilKind;
using Locals = std::vector<absl::CivilMinute>;

constexpr int kSeriesPerRun = 30;
constexpr std::array<const char*, 7> kDays = {"MO", "TU", "WE", "TH", "FR", "SA", "SU"};

// Clocks that change by an hour or half of one, in the spring of either half of the earth, or
// never.
rc::Gen<absl::TimeZone> AnyZone() {
  const auto name = rc::gen::element<std::string>(
      "Europe/Madrid", "Europe/London", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata");
  return rc::gen::map(name, [](const std::string& found) {
    absl::TimeZone zone;
    RC_ASSERT(absl::LoadTimeZone(found, &zone));
    return zone;
  });
}

// From six weeks before a day on which those clocks change, and mostly at night, when they do.
rc::Gen<absl::CivilMinute> AnyStart() {
  const auto change = rc::gen::element(absl::CivilDay(2026, 11, 1), absl::CivilDay(2027, 3, 14),
                                       absl::CivilDay(2027, 3, 28), absl::CivilDay(2027, 4, 4),
                                       absl::CivilDay(2027, 10, 3), absl::CivilDay(2027, 10, 31),
                                       absl::CivilDay(2027, 11, 7), absl::CivilDay(2028, 3, 26));
  const auto quarter =
      rc::gen::weightedOneOf<int>({{3, rc::gen::inRange(0, 14)}, {1, rc::gen::inRange(0, 24 * 4)}});
  return rc::gen::apply(
      [](absl::CivilDay day, int offset, int quarters) {
        return absl::CivilMinute(day + offset) + quarters * 15;
      },
      change, rc::gen::inRange(-42, 8), quarter);
}

std::string ListOf(const rc::Gen<std::string>& element) {
  const auto size = *rc::gen::inRange<std::size_t>(1, 4);
  return absl::StrJoin(*rc::gen::container<std::vector<std::string>>(size, element), ",");
}

std::string AnyMonthlyDays() {
  const auto nth =
      rc::gen::apply([](int n, const char* day) { return absl::StrCat(n == 0 ? -1 : n, day); },
                     rc::gen::inRange(0, 5), rc::gen::elementOf(kDays));
  // Often days that not every month has.
  const auto month_day = rc::gen::map(
      rc::gen::weightedOneOf<int>({{2, rc::gen::inRange(28, 33)}, {1, rc::gen::inRange(1, 28)}}),
      [](int day) { return absl::StrCat(day == 32 ? -1 : day); });
  const int choice = *rc::gen::inRange(0, 3);
  if (choice == 0) return "";
  return choice == 1 ? ";BYDAY=" + ListOf(nth) : ";BYMONTHDAY=" + ListOf(month_day);
}

std::string AnyEnd(absl::CivilMinute start) {
  if (*rc::gen::arbitrary<bool>()) {
    const auto count = rc::gen::weightedOneOf<int>(
        {{3, rc::gen::inRange(1, 20)}, {1, rc::gen::inRange(1, kCountMax + 1)}});
    return absl::StrCat(";COUNT=", *count);
  }
  // In quarters of an hour, so that it falls on occurrences and beside them. Some are before the
  // start or after the horizon.
  const int days =
      *rc::gen::weightedOneOf<int>({{4, rc::gen::inRange(0, 200)}, {1, rc::gen::inRange(0, 760)}});
  const absl::CivilMinute until = start + days * 24 * 60 + *rc::gen::inRange(-60, 60) * 15;
  return absl::FormatTime(";UNTIL=%Y%m%dT%H%M%SZ", absl::FromCivil(until, absl::UTCTimeZone()),
                          absl::UTCTimeZone());
}

std::string AnyRule(absl::CivilMinute start) {
  const auto frequency = *rc::gen::element<std::string>("DAILY", "WEEKLY", "MONTHLY");
  std::string text = "FREQ=" + frequency;
  const auto interval = rc::gen::weightedOneOf<int>(
      {{6, rc::gen::inRange(1, 4)}, {1, rc::gen::inRange(1, kIntervalMax + 1)}});
  absl::StrAppend(&text, ";INTERVAL=", *interval);
  if (frequency == "WEEKLY" && *rc::gen::arbitrary<bool>()) {
    const auto day =
        rc::gen::map(rc::gen::elementOf(kDays), [](const char* name) { return std::string(name); });
    absl::StrAppend(&text, ";BYDAY=", ListOf(day));
  }
  if (frequency == "MONTHLY") text += AnyMonthlyDays();
  return text + AnyEnd(start);
}

// Mostly such that its rule has its start.
Series AnySeries() {
  Series series;
  series.zone = *AnyZone();
  series.local_start = *AnyStart();
  const absl::StatusOr<RecurrenceRule> rule = ParseRule(AnyRule(series.local_start), "rule");
  RC_ASSERT(rule.ok());
  series.rule = *rule;
  const std::string suggestion = MetadataOf(Expand(series).status(), "suggestion");
  if (!suggestion.empty() && *rc::gen::inRange(0, 8) > 0) {
    series.local_start = *ParseLocal(suggestion);
  }
  return series;
}

// The day two years later; 1 March where that has no 29 February.
absl::CivilDay HorizonOf(const Series& series) {
  const absl::CivilDay first(series.local_start);
  return absl::CivilDay(first.year() + 2, first.month(), first.day());
}

icaltimetype ToIcal(absl::CivilMinute local) {
  icaltimetype time = icaltime_null_time();
  time.year = static_cast<int>(local.year());
  time.month = local.month();
  time.day = local.day();
  time.hour = local.hour();
  time.minute = local.minute();
  return time;
}

absl::CivilMinute FromIcal(const icaltimetype& time) {
  return absl::CivilMinute(time.year, time.month, time.day, time.hour, time.minute);
}

icaltimezone* IcalZoneOf(const Series& series) {
  icaltimezone* const zone = icaltimezone_get_builtin_timezone(series.zone.name().c_str());
  const bool is_known = zone != nullptr;
  RC_ASSERT(is_known);
  return zone;
}

// What libical makes of `rule` from `start` on, until a while after the horizon.
std::vector<icaltimetype> IterateByIcal(const icalrecurrencetype& rule, const icaltimetype& start) {
  const std::unique_ptr<icalrecur_iterator, decltype(&icalrecur_iterator_free)> iterator(
      icalrecur_iterator_new(rule, start), &icalrecur_iterator_free);
  std::vector<icaltimetype> times;
  // There is none for a rule without occurrences, such as every 30 February.
  if (iterator == nullptr) return times;
  while (true) {
    const icaltimetype time = icalrecur_iterator_next(iterator.get());
    if (icaltime_is_null_time(time) != 0 || time.year > start.year + 4) return times;
    times.push_back(time);
  }
}

// In no zone, because libical, having shifted an occurrence over a gap, takes the shifted time of
// day for all that follow; RFC 5545 shifts the one. UNTIL has no meaning then, and is left out.
Locals LocalsByIcal(const Series& series) {
  icalrecurrencetype rule = icalrecurrencetype_from_string(FormatRule(series.rule).c_str());
  rule.until = icaltime_null_time();
  Locals locals;
  for (const icaltimetype& time : IterateByIcal(rule, ToIcal(series.local_start))) {
    locals.push_back(FromIcal(time));
  }
  return locals;
}

// In the zone of the series, and with UNTIL.
std::vector<absl::Time> InstantsByIcal(const Series& series) {
  const std::string text = FormatRule(series.rule);
  icaltimetype start = ToIcal(series.local_start);
  start.zone = IcalZoneOf(series);
  std::vector<absl::Time> instants;
  for (const auto& time : IterateByIcal(icalrecurrencetype_from_string(text.c_str()), start)) {
    instants.push_back(absl::FromTimeT(icaltime_as_timet_with_zone(time, time.zone)));
  }
  return instants;
}

// That `occurrence` is at the instant that libical gives its local time, but for two cases in which
// it follows the clock after the change; RFC 5545, 3.3.5, wants the one before.
void CheckInstant(const Series& series, const Occurrence& occurrence) {
  const absl::Time starts_at = occurrence.time.starts_at;
  const absl::TimeZone::TimeInfo info = series.zone.At(absl::CivilSecond(occurrence.local_start));
  RC_ASSERT(absl::FromTimeT(icaltime_as_timet_with_zone(ToIcal(occurrence.local_start),
                                                        IcalZoneOf(series))) == info.post);
  RC_ASSERT(occurrence.time.shifted_by_gap == (info.kind == Kind::SKIPPED));
  RC_ASSERT(occurrence.time.clock_start == absl::ToCivilMinute(starts_at, series.zone));
  switch (info.kind) {
    case Kind::UNIQUE:
      RC_ASSERT(starts_at == info.post);
      break;
    case Kind::REPEATED:
      RC_ASSERT(starts_at < info.post);
      RC_ASSERT(absl::ToCivilMinute(starts_at, series.zone) == occurrence.local_start);
      break;
    case Kind::SKIPPED: {
      // When it gets there from the day before, it does as RFC 5545 wants.
      const Series daily = {.rule = {.count = 2},
                            .local_start = occurrence.local_start - 24 * 60,
                            .zone = series.zone};
      RC_ASSERT(starts_at == InstantsByIcal(daily).back());
      break;
    }
  }
}

// That libical has a reason for `refusal` too; `theirs` are its occurrences without UNTIL.
void CheckRefusal(const Series& series, const Locals& theirs, const absl::Status& refusal) {
  const absl::CivilDay horizon = HorizonOf(series);
  if (status::ReasonOf(refusal) == ErrorReason::RRULE_UNSUPPORTED) {
    // Where libical was stopped, the next one is later still.
    const std::size_t count = static_cast<std::size_t>(series.rule.count.value_or(0));
    if (theirs.size() == count) RC_ASSERT(absl::CivilDay(theirs.back()) > horizon);
    if (series.rule.until) RC_ASSERT(absl::ToCivilDay(*series.rule.until, series.zone) > horizon);
    return;
  }
  RC_ASSERT(status::ReasonOf(refusal) == ErrorReason::VALIDATION_FAILED);
  if (FieldsOf(refusal) == std::vector<std::string>{"series.rule"}) {
    RC_ASSERT(OccurrenceAt(series.local_start, series.zone).starts_at > *series.rule.until);
    return;
  }
  // What a rule means whose start it does not have, RFC 5545 leaves open; libical counts intervals
  // of such weeks from another week. It never has the start either.
  if (!theirs.empty()) RC_ASSERT(theirs.front() != series.local_start);
  if (series.rule.interval > 1) return;
  const std::string suggestion = MetadataOf(refusal, "suggestion");
  if (suggestion.empty()) {
    if (!theirs.empty()) RC_ASSERT(absl::CivilDay(theirs.front()) > horizon);
  } else {
    RC_ASSERT(!theirs.empty());
    RC_ASSERT(FormatLocal(theirs.front()) == suggestion);
  }
}

// Whether clocks show the time of day of `series` once on every day near its occurrences. Where
// they jump over it on any day that libical looks at, all that follows is shifted.
bool IsOnClockDaily(const Series& series, absl::CivilMinute last) {
  for (absl::CivilMinute local = series.local_start; local < last + 62 * 24 * 60;
       local += 24 * 60) {
    if (series.zone.At(absl::CivilSecond(local)).kind != Kind::UNIQUE) return false;
  }
  return true;
}

void CheckAgainstIcal(const Series& series) {
  const Locals theirs = LocalsByIcal(series);
  const auto ours = Expand(series);
  if (!ours.ok()) return CheckRefusal(series, theirs, ours.status());

  RC_ASSERT(ours->size() <= theirs.size());
  std::vector<absl::Time> instants;
  for (std::size_t i = 0; i < ours->size(); ++i) {
    const Occurrence& occurrence = (*ours)[i];
    RC_ASSERT(occurrence.local_start == theirs[i]);
    RC_ASSERT(occurrence.ordinal == static_cast<int>(i) + 1);
    CheckInstant(series, occurrence);
    instants.push_back(occurrence.time.starts_at);
  }
  if (series.rule.count) {
    RC_ASSERT(ours->size() == theirs.size());
  } else if (ours->size() < theirs.size()) {
    RC_ASSERT(OccurrenceAt(theirs[ours->size()], series.zone).starts_at > *series.rule.until);
  }
  if (IsOnClockDaily(series, ours->back().local_start)) {
    RC_ASSERT(instants == InstantsByIcal(series));
  }
}

TEST_CASE("a series has the occurrences that libical finds", "[appointments][property]") {
  rc::prop("of any rule that is taken, in zones whose clocks change", [] {
    for (int i = 0; i < kSeriesPerRun; ++i) {
      const Series series = AnySeries();
      RC_LOG() << rc::toString(series) << '\n';
      CheckAgainstIcal(series);
    }
  });
}

TEST_CASE("the text of a rule is that of libical", "[appointments][property]") {
  rc::prop("and reads back as the same rule", [] {
    const Series series = AnySeries();
    const std::string text = FormatRule(series.rule);
    icalrecurrencetype theirs = icalrecurrencetype_from_string(text.c_str());
    const std::string their_text = icalrecurrencetype_as_string(&theirs);

    const auto again = ParseRule(text, "rule");
    const auto from_theirs = ParseRule(their_text, "rule");

    RC_ASSERT(again.ok());
    RC_ASSERT(*again == series.rule);
    RC_ASSERT(from_theirs.ok());
    RC_ASSERT(*from_theirs == series.rule);
  });
}

// Some of the occurrences of `series`, and times that are none.
Locals AnyExcluded(const std::vector<Occurrence>& occurrences) {
  Locals excluded;
  for (const Occurrence& occurrence : occurrences) {
    if (*rc::gen::inRange(0, 4) == 0) excluded.push_back(occurrence.local_start);
    if (*rc::gen::inRange(0, 16) == 0) excluded.push_back(occurrence.local_start + 1);
  }
  std::reverse(excluded.begin(), excluded.end());
  return excluded;
}

std::vector<Occurrence> ReadBackAndExpand(Series series) {
  const auto rule = ParseRule(FormatRule(series.rule), "rule");
  RC_ASSERT(rule.ok());
  series.rule = *rule;
  auto occurrences = Expand(series);
  RC_ASSERT(occurrences.ok());
  return *std::move(occurrences);
}

void CheckSplit(const Series& series, const Occurrence& cut) {
  const auto split = SplitAt(series, cut.local_start);
  RC_ASSERT(split.has_value());
  RC_ASSERT(split->head.has_value() == (cut.ordinal > 1));
  RC_ASSERT(split->tail.local_start == cut.local_start);
  std::vector<Occurrence> parts;
  if (split->head) {
    parts = ReadBackAndExpand(*split->head);
    for (const Occurrence& occurrence : parts) {
      RC_ASSERT(occurrence.local_start < cut.local_start);
    }
  }
  for (Occurrence& occurrence : ReadBackAndExpand(split->tail)) {
    RC_ASSERT(occurrence.local_start >= cut.local_start);
    occurrence.ordinal += cut.ordinal - 1;
    parts.push_back(occurrence);
  }

  const auto whole = Expand(series);
  RC_ASSERT(whole.ok());
  RC_ASSERT(parts.size() == whole->size());
  for (std::size_t i = 0; i < parts.size(); ++i) {
    RC_ASSERT(parts[i].ordinal == (*whole)[i].ordinal);
    RC_ASSERT(parts[i].local_start == (*whole)[i].local_start);
    RC_ASSERT(parts[i].time.starts_at == (*whole)[i].time.starts_at);
    RC_ASSERT(parts[i].time.shifted_by_gap == (*whole)[i].time.shifted_by_gap);
  }
}

TEST_CASE("head and tail of a series are the whole, complaint 17", "[appointments][property]") {
  rc::prop("wherever it is cut and whatever is excluded", [] {
    Series series = AnySeries();
    const auto occurrences = Expand(series);
    RC_PRE(occurrences.ok());
    series.excluded = AnyExcluded(*occurrences);
    RC_LOG() << rc::toString(series) << '\n';

    for (int i = 0; i < 3; ++i) CheckSplit(series, *rc::gen::elementOf(*occurrences));
  });
}

}  // namespace
}  // namespace clinicd::appointments
