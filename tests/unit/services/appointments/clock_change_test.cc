#include "services/appointments/clock_change.h"

#include <catch2/catch.hpp>
#include <optional>
#include <string>
#include <vector>

#include "services/appointments/appointment_convert.h"
#include "tests/unit/services/appointments/times.h"

namespace clinicd::appointments {
namespace {

using testing::Local;
using testing::Utc;
using testing::Zone;

constexpr absl::Time kLongAgo = absl::UnixEpoch();

Slot FiledSlot(const std::string& local, const std::string& starts_at) {
  return {.local_start = Local(local),
          .duration_minutes = 30,
          .starts_at = Utc(starts_at),
          .ends_at = Utc(starts_at) + absl::Minutes(30)};
}

ClockChange Change(const std::string& was_at, const std::string& is_at) {
  return {.filed = {.slot = FiledSlot("2027-07-01T09:00", was_at)},
          .time = {.starts_at = Utc(is_at), .clock_start = Local("2027-07-01T09:00")}};
}

TEST_CASE("a visit is elsewhere where its local time is another instant by the rules of today",
          "[timezones][unit]") {
  // As filed while Spain was to stay on standard time for ever, and as it is.
  const auto [local, filed, derived] = GENERATE(table<std::string, std::string, std::string>({
      {"2027-03-28T01:59", "2027-03-28T00:59:00Z", ""},
      {"2027-03-28T03:00", "2027-03-28T02:00:00Z", "2027-03-28T01:00:00Z"},
      {"2027-07-01T09:00", "2027-07-01T08:00:00Z", "2027-07-01T07:00:00Z"},
      {"2027-10-31T01:59", "2027-10-31T00:59:00Z", "2027-10-30T23:59:00Z"},
      // The first of two.
      {"2027-10-31T02:30", "2027-10-31T01:30:00Z", "2027-10-31T00:30:00Z"},
      {"2027-10-31T03:00", "2027-10-31T02:00:00Z", ""},
      {"2027-12-01T09:00", "2027-12-01T08:00:00Z", ""},
  }));
  CAPTURE(local);

  const auto time = DeriveAnew(FiledSlot(local, filed), Zone("Europe/Madrid"), kLongAgo);

  REQUIRE(time.has_value() == !derived.empty());
  if (time) {
    CHECK(time->starts_at == Utc(derived));
    CHECK(FormatLocal(time->clock_start) == local);
  }
}

TEST_CASE("a visit in an hour that clocks skip now is at what they show instead",
          "[timezones][unit]") {
  // As filed by rules that change clocks earlier, and by rules that do not change them: the instant
  // stays then, and yet clocks do not show that time.
  const std::string starts_at = GENERATE("2027-03-28T00:30:00Z", "2027-03-28T01:30:00Z");
  const Slot filed = FiledSlot("2027-03-28T02:30", starts_at);

  const auto time = DeriveAnew(filed, Zone("Europe/Madrid"), kLongAgo);

  REQUIRE(time.has_value());
  const Slot moved = MovedSlot(filed, *time);
  CHECK(moved.starts_at == Utc("2027-03-28T01:30:00Z"));
  CHECK(moved.ends_at == Utc("2027-03-28T02:00:00Z"));
  CHECK(FormatLocal(moved.local_start) == "2027-03-28T03:30");
  CHECK_FALSE(DeriveAnew(moved, Zone("Europe/Madrid"), kLongAgo).has_value());
}

TEST_CASE("a visit that is over by old and new rules stays as it was", "[timezones][unit]") {
  const std::string later = "2027-07-01T08:00:00Z";
  const std::string earlier = "2027-07-01T07:00:00Z";
  const absl::Duration tick = absl::Microseconds(1);
  const absl::TimeZone madrid = Zone("Europe/Madrid");
  const Slot filed_later = FiledSlot("2027-07-01T09:00", later);
  // What is at 08:00Z really.
  const Slot filed_earlier = FiledSlot("2027-07-01T10:00", earlier);

  CHECK(DeriveAnew(filed_later, madrid, Utc(later) - tick).has_value());
  CHECK_FALSE(DeriveAnew(filed_later, madrid, Utc(later)).has_value());
  CHECK(DeriveAnew(filed_earlier, madrid, Utc(later) - tick).has_value());
  CHECK_FALSE(DeriveAnew(filed_earlier, madrid, Utc(later)).has_value());
}

TEST_CASE("what becomes later moves from the last one on, what becomes earlier from the first one",
          "[timezones][unit]") {
  std::vector<ClockChange> changes = {
      Change("2027-07-01T09:00:00Z", "2027-07-01T08:00:00Z"),
      Change("2027-07-01T06:00:00Z", "2027-07-01T07:00:00Z"),
      Change("2027-07-01T08:00:00Z", "2027-07-01T07:00:00Z"),
      Change("2027-07-01T07:00:00Z", "2027-07-01T08:00:00Z"),
  };

  SortForMoving(changes);

  std::vector<absl::Time> starts;
  for (const ClockChange& change : changes) starts.push_back(change.filed.slot.starts_at);
  CHECK(starts == std::vector<absl::Time>{Utc("2027-07-01T07:00:00Z"), Utc("2027-07-01T06:00:00Z"),
                                          Utc("2027-07-01T08:00:00Z"),
                                          Utc("2027-07-01T09:00:00Z")});
}

TEST_CASE("the days of a change are those before and after it, with buffers", "[timezones][unit]") {
  ClockChange change = Change("2027-07-01T23:20:00Z", "2027-07-02T00:20:00Z");
  change.filed.buffers = {.before_minutes = 20, .after_minutes = 10};

  const std::vector<absl::CivilDay> days = DaysOf({change});

  const absl::CivilDay first(2027, 7, 1);
  // 23:00 to 24:00, the end included, and 00:00 to 01:00.
  CHECK(days == std::vector<absl::CivilDay>{first, first + 1, first + 1});
}

}  // namespace
}  // namespace clinicd::appointments
