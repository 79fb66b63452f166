#include "services/appointments/icalendar.h"

#include <libical/ical.h>

#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "tests/unit/services/appointments/times.h"

namespace clinicd::appointments {
namespace {

using testing::Utc;
using testing::Zone;

FeedEntry Entry(const std::string& zone, const std::string& starts_at) {
  return {.uid = "0192@clinic.example",
          .sequence = 3,
          .stamped_at = Utc("2027-03-01T10:00:00Z"),
          .modified_at = Utc("2027-03-01T09:59:00Z"),
          .zone = Zone(zone),
          .starts_at = Utc(starts_at),
          .ends_at = Utc(starts_at) + absl::Minutes(30),
          .summary = "Appointment"};
}

Feed FeedOf(std::vector<FeedEntry> entries) {
  return {.practitioner_name = "Dr. Gil",
          .zone = Zone("Europe/Madrid"),
          .begin = Utc("2027-03-01T00:00:00Z"),
          .end = Utc("2027-12-31T00:00:00Z"),
          .entries = std::move(entries)};
}

bool Has(const std::string& text, const std::string& line) {
  return text.find("\r\n" + line + "\r\n") != std::string::npos;
}

TEST_CASE("a feed is text of RFC 5545 to the byte", "[appointments][unit]") {
  const std::string expected = R"(BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//clinicd//clinicd//EN
CALSCALE:GREGORIAN
NAME:Dr. Gil
X-WR-CALNAME:Dr. Gil
X-WR-TIMEZONE:Europe/Madrid
REFRESH-INTERVAL;VALUE=DURATION:PT15M
X-PUBLISHED-TTL:PT15M
BEGIN:VTIMEZONE
TZID:Europe/Madrid
BEGIN:STANDARD
DTSTART:20260101T000000
TZOFFSETFROM:+0100
TZOFFSETTO:+0100
TZNAME:CET
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:20260329T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
TZNAME:CEST
END:DAYLIGHT
BEGIN:STANDARD
DTSTART:20261025T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
TZNAME:CET
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:20270328T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
TZNAME:CEST
END:DAYLIGHT
BEGIN:STANDARD
DTSTART:20271031T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
TZNAME:CET
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:20280326T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
TZNAME:CEST
END:DAYLIGHT
END:VTIMEZONE
BEGIN:VEVENT
UID:0192@clinic.example
DTSTAMP:20270301T100000Z
LAST-MODIFIED:20270301T095900Z
SEQUENCE:3
DTSTART;TZID=Europe/Madrid:20270329T090000
DTEND;TZID=Europe/Madrid:20270329T093000
SUMMARY:Appointment
STATUS:CONFIRMED
CLASS:PRIVATE
END:VEVENT
END:VCALENDAR
)";

  const std::string text = FormatFeed(FeedOf({Entry("Europe/Madrid", "2027-03-29T07:00:00Z")}));

  CHECK(text == absl::StrReplaceAll(expected, {{"\n", "\r\n"}}));
}

TEST_CASE("a feed says what became of an entry and nothing about invitations",
          "[appointments][unit]") {
  const auto [status, line] = GENERATE(table<FeedStatus, std::string>({
      {FeedStatus::kTentative, "STATUS:TENTATIVE"},
      {FeedStatus::kConfirmed, "STATUS:CONFIRMED"},
      {FeedStatus::kCancelled, "STATUS:CANCELLED"},
  }));
  FeedEntry entry = Entry("Europe/Madrid", "2027-03-29T07:00:00Z");
  entry.status = status;

  const std::string text = FormatFeed(FeedOf({entry}));

  CHECK(Has(text, line));
  CHECK(Has(text, "CLASS:PRIVATE"));
  CHECK(text.find("METHOD") == std::string::npos);
}

TEST_CASE("a feed has every zone once", "[appointments][unit]") {
  const std::string text = FormatFeed(FeedOf({Entry("Atlantic/Canary", "2027-03-29T07:00:00Z"),
                                              Entry("Europe/Madrid", "2027-03-29T07:00:00Z"),
                                              Entry("Atlantic/Canary", "2027-03-29T09:00:00Z"),
                                              Entry("Asia/Kolkata", "2027-03-29T09:00:00Z")}));

  std::vector<std::string> zones;
  const std::vector<std::string> lines = absl::StrSplit(text, "\r\n");
  for (const std::string& line : lines) {
    if (line.rfind("TZID:", 0) == 0) zones.push_back(line.substr(5));
  }
  CHECK(zones == std::vector<std::string>{"Asia/Kolkata", "Atlantic/Canary", "Europe/Madrid"});
  // Without changes there is still an offset.
  CHECK(Has(text, "TZOFFSETTO:+0530"));
}

TEST_CASE("a feed without entries has the zone of the clinic", "[appointments][unit]") {
  CHECK(Has(FormatFeed(FeedOf({})), "TZID:Europe/Madrid"));
}

TEST_CASE("a time that the clock shows twice is in UTC", "[appointments][unit]") {
  // 02:30 in summer and in winter, and 02:59 and 03:00, next to the end of it.
  const std::string first = FormatFeed(FeedOf({Entry("Europe/Madrid", "2027-10-31T00:30:00Z")}));
  const std::string second = FormatFeed(FeedOf({Entry("Europe/Madrid", "2027-10-31T01:30:00Z")}));

  CHECK(Has(first, "DTSTART:20271031T003000Z"));
  CHECK(Has(second, "DTSTART:20271031T013000Z"));
  CHECK(Has(second, "DTEND;TZID=Europe/Madrid:20271031T030000"));
}

TEST_CASE("a time in a zone that has no name is in UTC", "[appointments][unit]") {
  FeedEntry entry = Entry("Europe/Madrid", "2027-03-29T07:00:00Z");
  entry.zone = GENERATE(absl::FixedTimeZone(3600), absl::UTCTimeZone());

  CHECK(Has(FormatFeed(FeedOf({entry})), "DTSTART:20270329T070000Z"));
}

TEST_CASE("texts are escaped", "[appointments][unit]") {
  const auto [text, escaped] = GENERATE(table<std::string, std::string>({
      {"", ""},
      {"a:b \"c\" 'd'", "a:b \"c\" 'd'"},
      {"a,b;c\\d", "a\\,b\\;c\\\\d"},
      {"a\nb", "a\\nb"},
      {"a\r\nb", "a\\nb"},
      {"a\rb\r", "a\\nb\\n"},
      {"\n\r\n", "\\n\\n"},
      {std::string("a\0b\tc\x7f", 6), "a b c "},
      {"जाँच 🦷", "जाँच 🦷"},
  }));
  CAPTURE(text);

  CHECK(EscapeText(text) == escaped);
}

TEST_CASE("no entry can add lines of its own", "[appointments][unit]") {
  FeedEntry entry = Entry("Europe/Madrid", "2027-03-29T07:00:00Z");
  entry.summary = "x\r\nEND:VEVENT\r\nATTENDEE:mailto:a@b.example";
  entry.uid = "y\nMETHOD:REQUEST";

  const std::string text = FormatFeed(FeedOf({entry}));

  CHECK(Has(text, "SUMMARY:x\\nEND:VEVENT\\nATTENDEE:mailto:a@b.example"));
  CHECK(Has(text, "UID:y\\nMETHOD:REQUEST"));
}

TEST_CASE("a line is folded when it has more than 75 bytes", "[appointments][unit]") {
  CHECK(FoldLine("") == "\r\n");
  CHECK(FoldLine(std::string(75, 'x')) == std::string(75, 'x') + "\r\n");
  CHECK(FoldLine(std::string(76, 'x')) == std::string(75, 'x') + "\r\n x\r\n");
  CHECK(FoldLine(std::string(149, 'x')) ==
        std::string(75, 'x') + "\r\n " + std::string(74, 'x') + "\r\n");
  CHECK(FoldLine(std::string(150, 'x')) ==
        std::string(75, 'x') + "\r\n " + std::string(74, 'x') + "\r\n x\r\n");
}

TEST_CASE("folding cuts no character, in Hindi and of emoji neither", "[appointments][unit]") {
  const std::string character = GENERATE(as<std::string>(), "é", "ज", "🦷");
  const std::size_t before = GENERATE(range(0U, 8U));
  std::string line(before, 'x');
  for (int i = 0; i < 100; ++i) line += character;
  CAPTURE(character, before);

  const std::string folded = FoldLine(line);

  const std::vector<std::string> lines = absl::StrSplit(absl::StripSuffix(folded, "\r\n"), "\r\n");
  CHECK(lines.size() > 1);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const std::string content = i == 0 ? lines[i].substr(before) : lines[i].substr(1);
    CHECK(lines[i].size() <= 75);
    // A line that has room for another character would be too short.
    if (i + 1 < lines.size()) CHECK(lines[i].size() + character.size() > 75);
    CHECK(content.size() % character.size() == 0);
    CHECK(content.substr(0, character.size()) == character);
  }
  CHECK(absl::StrReplaceAll(folded, {{"\r\n ", ""}}) == line + "\r\n");
}

TEST_CASE("what is no UTF-8 is folded all the same", "[appointments][unit]") {
  const std::string line(200, '\x80');

  CHECK(absl::StrReplaceAll(FoldLine(line), {{"\r\n ", ""}}) == line + "\r\n");
}

using Component = std::unique_ptr<icalcomponent, decltype(&icalcomponent_free)>;

Component ReadByIcal(const std::string& text) {
  Component calendar(icalcomponent_new_from_string(text.c_str()), &icalcomponent_free);
  REQUIRE(calendar != nullptr);
  CHECK(icalcomponent_count_errors(calendar.get()) == 0);
  return calendar;
}

// By the VTIMEZONE of the calendar, not by what libical knows of zones.
absl::Time InstantOf(icalcomponent* calendar, icalcomponent* event, icalproperty_kind kind) {
  icalproperty* const property = icalcomponent_get_first_property(event, kind);
  const icaltimetype time = icalvalue_get_datetime(icalproperty_get_value(property));
  icalparameter* const tzid = icalproperty_get_first_parameter(property, ICAL_TZID_PARAMETER);
  if (tzid == nullptr) {
    return absl::FromTimeT(icaltime_as_timet_with_zone(time, icaltimezone_get_utc_timezone()));
  }
  icaltimezone* const zone = icalcomponent_get_timezone(calendar, icalparameter_get_tzid(tzid));
  REQUIRE(zone != nullptr);
  return absl::FromTimeT(icaltime_as_timet_with_zone(time, zone));
}

TEST_CASE("another reader of calendars finds every entry at its instant, complaint 16",
          "[appointments][unit]") {
  const std::string zone = GENERATE(
      as<std::string>(), "Europe/Madrid", "Europe/London", "Europe/Dublin", "Atlantic/Canary",
      "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "Africa/Casablanca", "UTC");
  CAPTURE(zone);
  // Every seven and a half hours of a year, and every quarter of an hour about a change of clocks.
  std::vector<FeedEntry> entries;
  for (int i = 0; i < 1168; ++i) {
    entries.push_back(Entry(zone, "2027-01-01T00:00:00Z"));
    entries.back().starts_at += i * absl::Minutes(450);
    entries.back().ends_at = entries.back().starts_at + absl::Minutes(40);
  }
  absl::TimeZone::CivilTransition change;
  if (Zone(zone).NextTransition(Utc("2027-01-01T00:00:00Z"), &change)) {
    const absl::Time changes_at = Zone(zone).At(change.to).trans;
    for (int i = -12; i <= 12; ++i) {
      entries.push_back(entries.front());
      entries.back().starts_at = changes_at + i * absl::Minutes(15);
      entries.back().ends_at = entries.back().starts_at + absl::Minutes(40);
    }
  }

  const Component calendar = ReadByIcal(FormatFeed(FeedOf(entries)));

  std::size_t i = 0;
  for (icalcomponent* event =
           icalcomponent_get_first_component(calendar.get(), ICAL_VEVENT_COMPONENT);
       event != nullptr;
       event = icalcomponent_get_next_component(calendar.get(), ICAL_VEVENT_COMPONENT)) {
    REQUIRE(i < entries.size());
    REQUIRE(InstantOf(calendar.get(), event, ICAL_DTSTART_PROPERTY) == entries[i].starts_at);
    REQUIRE(InstantOf(calendar.get(), event, ICAL_DTEND_PROPERTY) == entries[i].ends_at);
    ++i;
  }
  CHECK(i == entries.size());
}

TEST_CASE("another reader of calendars finds texts as they were", "[appointments][unit]") {
  FeedEntry entry = Entry("Europe/Madrid", "2027-03-29T07:00:00Z");
  entry.summary =
      "नियमित दाँतों की जाँच और सफ़ाई, फिर परामर्श; 🦷🦷🦷 \\ \"x\"\nline "
      "two";
  entry.sequence = 2'000'000'000;
  entry.status = FeedStatus::kCancelled;

  const Component calendar = ReadByIcal(FormatFeed(FeedOf({entry})));

  icalcomponent* const event =
      icalcomponent_get_first_component(calendar.get(), ICAL_VEVENT_COMPONENT);
  REQUIRE(event != nullptr);
  CHECK(std::string(icalcomponent_get_summary(event)) == entry.summary);
  CHECK(std::string(icalcomponent_get_uid(event)) == entry.uid);
  CHECK(icalcomponent_get_sequence(event) == entry.sequence);
  CHECK(icalcomponent_get_status(event) == ICAL_STATUS_CANCELLED);
}

}  // namespace
}  // namespace clinicd::appointments
