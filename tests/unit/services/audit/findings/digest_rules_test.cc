#include "services/audit/findings/digest_rules.h"

#include <algorithm>
#include <catch2/catch.hpp>

namespace clinicd::audit {
namespace {

using absl::CivilDay;
using absl::CivilMinute;

absl::TimeZone Zone(const char* name) {
  absl::TimeZone zone;
  REQUIRE(absl::LoadTimeZone(name, &zone));
  return zone;
}

bool IsOpen(const std::vector<TimeSpan>& spans, absl::Time at) {
  return std::ranges::any_of(
      spans, [at](const TimeSpan& span) { return span.from <= at && at < span.until; });
}

TEST_CASE("A day is as long as its clock makes it", "[audit][unit]") {
  const absl::TimeZone madrid = Zone("Europe/Madrid");
  const TimeSpan usual = SpanOf(CivilDay(2027, 3, 27), madrid);
  const TimeSpan spring = SpanOf(CivilDay(2027, 3, 28), madrid);
  const TimeSpan autumn = SpanOf(CivilDay(2027, 10, 31), madrid);

  CHECK(usual.until - usual.from == absl::Hours(24));
  CHECK(usual.until == spring.from);
  CHECK(spring.until - spring.from == absl::Hours(23));
  CHECK(autumn.until - autumn.from == absl::Hours(25));
}

TEST_CASE("A day is over at the midnight of the clinic", "[audit][unit]") {
  const absl::TimeZone zone = Zone("Asia/Kolkata");
  const absl::Time midnight = absl::FromCivil(CivilDay(2027, 5, 4), zone);
  const auto days = [&](absl::Time now) {
    return DaysToDigest(now, zone, CivilDay(2027, 5, 2), absl::UnixEpoch());
  };

  CHECK(days(midnight - absl::Microseconds(1)).empty());
  CHECK(days(midnight) == std::vector<CivilDay>{CivilDay(2027, 5, 3)});
}

TEST_CASE("Missed days are made good for, a week of them", "[audit][unit]") {
  const absl::TimeZone zone = absl::UTCTimeZone();
  const absl::Time now = absl::FromCivil(CivilMinute(2027, 5, 20, 9, 0), zone);
  const absl::Time old = absl::UnixEpoch();

  CHECK(DaysToDigest(now, zone, CivilDay(2027, 5, 19), old).empty());
  CHECK(DaysToDigest(now, zone, CivilDay(2027, 5, 25), old).empty());
  CHECK(DaysToDigest(now, zone, CivilDay(2027, 5, 17), old) ==
        std::vector<CivilDay>{CivilDay(2027, 5, 18), CivilDay(2027, 5, 19)});
  CHECK(DaysToDigest(now, zone, CivilDay(2027, 5, 12), old).size() == 7);
  CHECK(DaysToDigest(now, zone, CivilDay(2027, 1, 1), old).size() == 7);
  CHECK(DaysToDigest(now, zone, CivilDay(2027, 1, 1), old).front() == CivilDay(2027, 5, 13));
}

TEST_CASE("A clinic that was never gone through begins with yesterday, if it was there then",
          "[audit][unit]") {
  const absl::TimeZone zone = absl::UTCTimeZone();
  const absl::Time now = absl::FromCivil(CivilMinute(2027, 5, 20, 9, 0), zone);
  const absl::Time today = absl::FromCivil(CivilDay(2027, 5, 20), zone);

  CHECK(DaysToDigest(now, zone, {}, absl::UnixEpoch()) ==
        std::vector<CivilDay>{CivilDay(2027, 5, 19)});
  CHECK(DaysToDigest(now, zone, {}, today).empty());
  CHECK(DaysToDigest(now, zone, {}, today - absl::Seconds(1)).size() == 1);
  CHECK(DaysToDigest(now, zone, CivilDay(2027, 5, 10), today - absl::Seconds(1)).size() == 1);
}

// 2027-05-04 is a Tuesday.
constexpr CivilDay kTuesday(2027, 5, 4);

TEST_CASE("A site is open from the minute it opens until the minute it closes", "[audit][unit]") {
  const absl::TimeZone zone = Zone("Europe/Madrid");
  const auto spans = OpenSpans(
      kTuesday, {{.weekday = 2, .from_minute = 9 * 60, .to_minute = 17 * 60, .zone = zone}});
  const absl::Time opens = absl::FromCivil(CivilMinute(2027, 5, 4, 9, 0), zone);
  const absl::Time closes = absl::FromCivil(CivilMinute(2027, 5, 4, 17, 0), zone);

  CHECK_FALSE(IsOpen(spans, opens - absl::Microseconds(1)));
  CHECK(IsOpen(spans, opens));
  CHECK(IsOpen(spans, closes - absl::Microseconds(1)));
  CHECK_FALSE(IsOpen(spans, closes));
}

TEST_CASE("Hours that pass midnight reach into the day after", "[audit][unit]") {
  const absl::TimeZone zone = absl::UTCTimeZone();
  const auto spans =
      OpenSpans(kTuesday, {{.weekday = 1, .from_minute = 22 * 60, .to_minute = 2 * 60}});

  CHECK(IsOpen(spans, absl::FromCivil(CivilMinute(2027, 5, 4, 1, 59), zone)));
  CHECK_FALSE(IsOpen(spans, absl::FromCivil(CivilMinute(2027, 5, 4, 2, 0), zone)));
  CHECK_FALSE(IsOpen(spans, absl::FromCivil(CivilMinute(2027, 5, 4, 22, 0), zone)));
}

TEST_CASE("Hours count on their weekday and while they are valid", "[audit][unit]") {
  OpeningHours hours{.weekday = 2, .from_minute = 0, .to_minute = 1440};
  const auto spans = [&hours](CivilDay day) { return OpenSpans(day, {hours}).size(); };

  // The days around the one that is asked for are looked at, too.
  CHECK(spans(kTuesday) == 1);
  CHECK(spans(kTuesday + 2) == 0);
  hours.valid_from = kTuesday;
  hours.valid_until = kTuesday;
  CHECK(spans(kTuesday) == 1);
  CHECK(spans(kTuesday + 7) == 0);
  CHECK(spans(kTuesday - 7) == 0);
  hours.valid_from = kTuesday + 1;
  CHECK(spans(kTuesday) == 0);
}

TEST_CASE("The clocks of two sites are their own", "[audit][unit]") {
  const absl::TimeZone tokyo = Zone("Asia/Tokyo");
  const auto spans = OpenSpans(
      kTuesday, {{.weekday = 3, .from_minute = 8 * 60, .to_minute = 9 * 60, .zone = tokyo}});

  // Wednesday morning in Tokyo is Tuesday evening in UTC.
  CHECK(IsOpen(spans, absl::FromCivil(CivilMinute(2027, 5, 4, 23, 30), absl::UTCTimeZone())));
}

}  // namespace
}  // namespace clinicd::audit
