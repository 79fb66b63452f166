#include "services/appointments/calendar_feed.h"

#include <catch2/catch.hpp>
#include <string>

#include "tests/unit/services/appointments/times.h"
#include "tests/unit/services/appointments/visit_plans.h"

namespace clinicd::appointments {
namespace {

using testing::NumberedId;
using testing::Utc;
using testing::Zone;

FeedAddress Address() {
  return {.clinic = ClinicId(NumberedId(7)),
          .secret = crypto::SecretBytes(std::string_view("0123456789abcdef0123456789ABCDEF"))};
}

FeedVisit Visit(State state, const std::string& patient_name = "") {
  return {.id = AppointmentId(NumberedId(1)),
          .range = {Utc("2027-03-01T10:00:00Z"), Utc("2027-03-01T10:30:00Z")},
          .zone = Zone("Europe/Madrid"),
          .state = state,
          .row_version = 4,
          .updated_at = Utc("2027-02-01T09:00:00Z"),
          .patient_name = patient_name};
}

FeedEntry EntryOf(const FeedVisit& visit) {
  const Feed feed = ToFeed({.practitioner_name = "Pau", .visits = {visit}},
                           WindowAt(Utc("2027-03-01T12:00:00Z")));
  REQUIRE(feed.entries.size() == 1);
  return feed.entries[0];
}

TEST_CASE("An address is read as it was written", "[calendar_feed][unit]") {
  const std::string path = FormatFeedPath(Address());

  const auto read = ParseFeedPath(path);

  CHECK(path.size() == std::string("/calendar/.ics").size() + 64);
  REQUIRE(read.has_value());
  CHECK(read->clinic == Address().clinic);
  CHECK(read->secret.view() == Address().secret.view());
}

TEST_CASE("No other text is an address", "[calendar_feed][unit]") {
  const std::string path = FormatFeedPath(Address());
  const std::string letters = path.substr(10, 64);
  const auto is_address = [](const std::string& text) { return ParseFeedPath(text).has_value(); };

  CHECK(is_address("/calendar/" + letters + ".ics"));
  CHECK_FALSE(is_address(""));
  CHECK_FALSE(is_address("/calendar/"));
  CHECK_FALSE(is_address("/calendar/.ics"));
  CHECK_FALSE(is_address("/calendar.ics"));
  CHECK_FALSE(is_address("/calendar/" + letters));
  CHECK_FALSE(is_address("/calendar/" + letters + ".ICS"));
  CHECK_FALSE(is_address("/calendar/" + letters + "AAAA.ics"));
  CHECK_FALSE(is_address("/calendar/" + letters.substr(4) + ".ics"));
  CHECK_FALSE(is_address("/calendar/" + letters.substr(1) + "=.ics"));
  CHECK_FALSE(is_address("/calendar/" + letters.substr(1) + "%.ics"));
  CHECK_FALSE(is_address("/calendar/x/" + letters + ".ics"));
}

TEST_CASE("A feed covers the same days all day", "[calendar_feed][unit]") {
  const FeedWindow morning = WindowAt(Utc("2027-03-01T00:00:00Z"));
  const FeedWindow evening = WindowAt(Utc("2027-03-01T23:59:59Z"));

  CHECK(morning.range == evening.range);
  CHECK(morning.range.begin == Utc("2027-01-30T00:00:00Z"));
  CHECK(morning.range.end == Utc("2027-08-29T00:00:00Z"));
  CHECK(morning.cancelled_since == morning.range.begin);
}

TEST_CASE("A visit is called the same whoever comes, unless the feed has names",
          "[calendar_feed][unit]") {
  const FeedEntry plain = EntryOf(Visit(State::kBooked));

  CHECK(plain.summary == "Appointment");
  CHECK(plain.uid == NumberedId(1).ToString() + "@clinicd");
  CHECK(plain.sequence == 4);
  CHECK(plain.modified_at == Utc("2027-02-01T09:00:00Z"));
  CHECK(EntryOf(Visit(State::kBooked, "Ana Li")).summary == "Ana Li");
}

TEST_CASE("What takes no time any more is shown as cancelled", "[calendar_feed][unit]") {
  for (const State state :
       {State::kBooked, State::kConfirmed, State::kArrived, State::kInChair, State::kCompleted}) {
    CHECK(EntryOf(Visit(state)).status == FeedStatus::kConfirmed);
  }
  CHECK(EntryOf(Visit(State::kCancelled)).status == FeedStatus::kCancelled);
  CHECK(EntryOf(Visit(State::kNoShow)).status == FeedStatus::kCancelled);
}

}  // namespace
}  // namespace clinicd::appointments
