#include "common/rpc/civil.h"

#include <catch2/catch.hpp>

namespace clinicd::rpc {
namespace {

google::protobuf::Timestamp Timestamp(std::int64_t seconds, std::int32_t nanos) {
  google::protobuf::Timestamp timestamp;
  timestamp.set_seconds(seconds);
  timestamp.set_nanos(nanos);
  return timestamp;
}

google::type::Date Date(int year, int month, int day) {
  google::type::Date date;
  date.set_year(year);
  date.set_month(month);
  date.set_day(day);
  return date;
}

TEST_CASE("A timestamp has whole microseconds, cut off", "[rpc][unit]") {
  const auto after = ToTimestamp(absl::FromUnixNanos(1'700'000'000'123'456'789));
  const auto before_1970 = ToTimestamp(absl::FromUnixMicros(-1));

  CHECK(after.seconds() == 1'700'000'000);
  CHECK(after.nanos() == 123'456'000);
  CHECK(before_1970.seconds() == -1);
  CHECK(before_1970.nanos() == 999'999'000);
}

TEST_CASE("An instant is read from a timestamp of the years 1 to 9999 only", "[rpc][unit]") {
  CHECK(FromTimestamp(Timestamp(-62'135'596'800, 0)) ==
        absl::FromCivil(absl::CivilDay(1, 1, 1), absl::UTCTimeZone()));
  CHECK(FromTimestamp(Timestamp(253'402'300'799, 999'999'999)).has_value());
  CHECK(FromTimestamp(Timestamp(1, 500)) == absl::FromUnixNanos(1'000'000'500));
  CHECK(FromTimestamp(Timestamp(-62'135'596'801, 0)) == std::nullopt);
  CHECK(FromTimestamp(Timestamp(253'402'300'800, 0)) == std::nullopt);
  CHECK(FromTimestamp(Timestamp(0, -1)) == std::nullopt);
  CHECK(FromTimestamp(Timestamp(0, 1'000'000'000)) == std::nullopt);
}

TEST_CASE("A date is read if the calendar has it", "[rpc][unit]") {
  const auto [year, month, day, real] = GENERATE(table<int, int, int, bool>({
      {1, 1, 1, true},
      {0, 1, 1, false},
      {-1, 1, 1, false},
      {9999, 12, 31, true},
      {10000, 1, 1, false},
      {2024, 2, 29, true},
      {2026, 2, 29, false},
      {2026, 4, 31, false},
      {2026, 13, 1, false},
      {2026, 0, 1, false},   // a year without month
      {2026, 11, 0, false},  // a month without day
      {2026, 1, -1, false},
      {0, 0, 0, false},
  }));
  CAPTURE(year, month, day);

  const std::optional<absl::CivilDay> read = FromDate(Date(year, month, day));

  CHECK(read.has_value() == real);
  if (read) CHECK(ToDate(*read).SerializeAsString() == Date(year, month, day).SerializeAsString());
}

}  // namespace
}  // namespace clinicd::rpc
