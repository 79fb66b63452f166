#include "services/appointments/local_time.h"

#include <catch2/catch.hpp>
#include <string>

#include "common/status/error.h"
#include "services/appointments/appointment_convert.h"
#include "services/appointments/appointment_rules.h"
#include "tests/unit/services/appointments/times.h"
#include "tests/unit/services/details.h"

namespace clinicd::appointments {
namespace {

using status::ErrorReason;
using testing::Local;
using testing::MetadataOf;
using testing::Utc;
using testing::Zone;

TEST_CASE("an occurrence over which clocks jump is later by the length of the gap",
          "[appointments][unit]") {
  const auto [zone, local, instant, clock] =
      GENERATE(table<std::string, std::string, std::string, std::string>({
          {"Europe/Madrid", "2027-03-28T02:30", "2027-03-28T01:30:00Z", "2027-03-28T03:30"},
          {"Europe/London", "2027-03-28T01:30", "2027-03-28T01:30:00Z", "2027-03-28T02:30"},
          // The first and the last minute of the gap.
          {"Europe/Madrid", "2027-03-28T02:00", "2027-03-28T01:00:00Z", "2027-03-28T03:00"},
          {"Europe/Madrid", "2027-03-28T02:59", "2027-03-28T01:59:00Z", "2027-03-28T03:59"},
          {"Atlantic/Canary", "2027-03-28T01:30", "2027-03-28T01:30:00Z", "2027-03-28T02:30"},
          {"America/New_York", "2027-03-14T02:30", "2027-03-14T07:30:00Z", "2027-03-14T03:30"},
          // Half an hour only.
          {"Australia/Lord_Howe", "2027-10-03T02:15", "2027-10-02T15:45:00Z", "2027-10-03T02:45"},
      }));
  CAPTURE(zone, local);

  const OccurrenceTime time = OccurrenceAt(Local(local), Zone(zone));

  CHECK(time.starts_at == Utc(instant));
  CHECK(FormatLocal(time.clock_start) == clock);
  CHECK(time.shifted_by_gap);
}

TEST_CASE("an occurrence at a time that the clock shows once is at that time",
          "[appointments][unit]") {
  const auto [zone, local, instant] = GENERATE(table<std::string, std::string, std::string>({
      {"Europe/Madrid", "2027-03-22T09:00", "2027-03-22T08:00:00Z"},
      {"Europe/Madrid", "2027-03-29T09:00", "2027-03-29T07:00:00Z"},
      // The minutes next to the gap, and next to what occurs twice.
      {"Europe/Madrid", "2027-03-28T01:59", "2027-03-28T00:59:00Z"},
      {"Europe/Madrid", "2027-03-28T03:00", "2027-03-28T01:00:00Z"},
      {"Europe/Madrid", "2027-10-31T01:59", "2027-10-30T23:59:00Z"},
      {"Europe/Madrid", "2027-10-31T03:00", "2027-10-31T02:00:00Z"},
      {"Australia/Lord_Howe", "2027-10-03T02:30", "2027-10-02T15:30:00Z"},
      // These have no summer time.
      {"Asia/Kolkata", "2027-03-28T02:30", "2027-03-27T21:00:00Z"},
      {"Africa/Johannesburg", "2027-03-28T02:30", "2027-03-28T00:30:00Z"},
      {"Asia/Manila", "2027-03-28T02:30", "2027-03-27T18:30:00Z"},
  }));
  CAPTURE(zone, local);

  const OccurrenceTime time = OccurrenceAt(Local(local), Zone(zone));

  CHECK(time.starts_at == Utc(instant));
  CHECK(FormatLocal(time.clock_start) == local);
  CHECK_FALSE(time.shifted_by_gap);
}

TEST_CASE("an occurrence at a time that the clock shows twice is at the first one",
          "[appointments][unit]") {
  const auto [zone, local, instant] = GENERATE(table<std::string, std::string, std::string>({
      {"Europe/Madrid", "2027-10-31T02:30", "2027-10-31T00:30:00Z"},
      {"Europe/London", "2027-10-31T01:30", "2027-10-31T00:30:00Z"},
      {"Europe/Madrid", "2027-10-31T02:00", "2027-10-31T00:00:00Z"},
      {"Europe/Madrid", "2027-10-31T02:59", "2027-10-31T00:59:00Z"},
      {"America/New_York", "2027-11-07T01:30", "2027-11-07T05:30:00Z"},
      {"Australia/Lord_Howe", "2027-04-04T01:45", "2027-04-03T14:45:00Z"},
  }));
  CAPTURE(zone, local);

  const OccurrenceTime time = OccurrenceAt(Local(local), Zone(zone));

  CHECK(time.starts_at == Utc(instant));
  CHECK(FormatLocal(time.clock_start) == local);
  CHECK_FALSE(time.shifted_by_gap);
}

TEST_CASE("somebody who chooses a time over which clocks jump is told the first that exists",
          "[appointments][unit]") {
  const auto [zone, local, suggestion] = GENERATE(table<std::string, std::string, std::string>({
      {"Europe/Madrid", "2027-03-28T02:30", "2027-03-28T03:00"},
      {"Europe/London", "2027-03-28T01:30", "2027-03-28T02:00"},
      {"Australia/Lord_Howe", "2027-10-03T02:15", "2027-10-03T02:30"},
  }));
  CAPTURE(zone, local);

  const auto slot = SlotAt(Local(local), 30, Zone(zone));

  CHECK(slot.status().code() == absl::StatusCode::kInvalidArgument);
  CHECK(status::ReasonOf(slot.status()) == ErrorReason::NONEXISTENT_LOCAL_TIME);
  CHECK(MetadataOf(slot.status(), "suggestion") == suggestion);
}

TEST_CASE("what is chosen and what recurs mean the same instant wherever the time exists",
          "[appointments][unit]") {
  const std::string name = GENERATE(as<std::string>(), "Europe/Madrid", "Europe/London",
                                    "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata");
  const absl::TimeZone zone = Zone(name);
  CAPTURE(name);

  // Every quarter of an hour of a year.
  const absl::CivilMinute end = Local("2028-01-01T00:00");
  int shifted = 0;
  for (absl::CivilMinute local = Local("2027-01-01T00:00"); local < end; local += 15) {
    const OccurrenceTime time = OccurrenceAt(local, zone);
    const auto slot = SlotAt(local, 30, zone);
    shifted += time.shifted_by_gap ? 1 : 0;
    if (slot.ok() == time.shifted_by_gap) FAIL(FormatLocal(local));
    if (slot.ok() && slot->starts_at != time.starts_at) FAIL(FormatLocal(local));
  }

  const int quarters = name == "Asia/Kolkata" ? 0 : name == "Australia/Lord_Howe" ? 2 : 4;
  CHECK(shifted == quarters);
}

}  // namespace
}  // namespace clinicd::appointments
