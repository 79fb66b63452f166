#include "services/appointments/waitlist_matching.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "services/appointments/appointment_convert.h"
#include "tests/unit/services/appointments/clocks.h"
#include "tests/unit/services/appointments/times.h"

namespace clinicd::appointments {
namespace {

using testing::Local;
using testing::Span;
using testing::Utc;
using testing::UtcRange;
using testing::Zone;

Uuid Numbered(std::uint8_t number) {
  Uuid::Bytes bytes{};
  bytes.back() = number;
  return Uuid(bytes);
}

const PractitionerId kDentist(Numbered(1));
const PractitionerId kOtherDentist(Numbered(2));
const SiteId kHarbour(Numbered(3));

Slot SlotOf(const std::string& local, std::int32_t minutes, absl::TimeZone zone) {
  const auto slot = SlotAt(Local(local), minutes, zone);
  REQUIRE(slot.ok());
  return *slot;
}

// A time of the dentist at the main site.
FreeTime TimeAt(const std::string& local, std::int32_t minutes,
                const std::string& zone = "Europe/Madrid") {
  FreeTime time{.plan = {.practitioner_id = kDentist}, .zone = Zone(zone)};
  time.plan.slot = SlotOf(local, minutes, time.zone);
  time.sites = {{.zone = time.zone}};
  return time;
}

// Somebody who needs half an hour, and can come within a minute.
WaitingPerson Anybody(std::int32_t minutes = 30) {
  WaitingPerson person{.needed_minutes = minutes};
  person.entry.short_notice_minutes = 1;
  return person;
}

WaitingPerson Within(const std::vector<ComingWindow>& windows, std::int32_t minutes = 30) {
  WaitingPerson person = Anybody(minutes);
  person.entry.windows = windows;
  return person;
}

ComingWindow On(const std::vector<std::int32_t>& weekdays, const std::string& from,
                const std::string& to) {
  return {.weekdays = weekdays, .span = Span(from, to)};
}

// The start on the clinic's clock; empty where the person does not fit.
std::string StartOf(const WaitingPerson& person, const FreeTime& time, absl::Time now) {
  const std::optional<Fit> fit = FitOf(person, time, now);
  return fit ? FormatLocal(fit->local_start) : "";
}

// Long before all times of these tests.
const absl::Time kNow = absl::FromCivil(absl::CivilDay(2027, 1, 1), absl::UTCTimeZone());
// 2027-03-01 is a Monday.
constexpr char kMondayTen[] = "2027-03-01T10:00";

TEST_CASE("A visit fits a time that is as long, and none that is shorter", "[waitlist][unit]") {
  CHECK(StartOf(Anybody(30), TimeAt(kMondayTen, 30), kNow) == kMondayTen);
  CHECK(StartOf(Anybody(31), TimeAt(kMondayTen, 30), kNow).empty());
  CHECK(StartOf(Anybody(0), TimeAt(kMondayTen, 30), kNow).empty());
}

TEST_CASE("Who wants a practitioner fits no time of another", "[waitlist][unit]") {
  WaitingPerson person = Anybody();
  person.entry.practitioner = kDentist;
  CHECK(StartOf(person, TimeAt(kMondayTen, 30), kNow) == kMondayTen);

  person.entry.practitioner = kOtherDentist;

  CHECK(StartOf(person, TimeAt(kMondayTen, 30), kNow).empty());
}

TEST_CASE("Who wants a site fits a time that may be there", "[waitlist][unit]") {
  FreeTime main_site = TimeAt(kMondayTen, 30);
  FreeTime harbour = main_site;
  harbour.sites = {{.id = kHarbour, .zone = harbour.zone}};
  FreeTime either = main_site;
  either.sites.push_back(harbour.sites.front());
  WaitingPerson to_harbour = Anybody();
  to_harbour.entry.location = kHarbour;
  WaitingPerson to_main_site = Anybody();
  to_main_site.entry.main_site = true;

  CHECK(StartOf(to_harbour, main_site, kNow).empty());
  CHECK(StartOf(to_harbour, harbour, kNow) == kMondayTen);
  CHECK(StartOf(to_harbour, either, kNow) == kMondayTen);
  CHECK(StartOf(to_main_site, main_site, kNow) == kMondayTen);
  CHECK(StartOf(to_main_site, harbour, kNow).empty());
  CHECK(StartOf(to_main_site, either, kNow) == kMondayTen);
  CHECK(StartOf(Anybody(), harbour, kNow) == kMondayTen);
}

TEST_CASE("The first and the last day are both included", "[waitlist][unit]") {
  const auto between = [](absl::CivilDay earliest, absl::CivilDay latest) {
    WaitingPerson person = Anybody();
    person.entry.earliest_day = earliest;
    person.entry.latest_day = latest;
    return person;
  };
  const absl::CivilDay monday(2027, 3, 1);
  const FreeTime time = TimeAt(kMondayTen, 30);

  CHECK(StartOf(between(monday, monday), time, kNow) == kMondayTen);
  CHECK(StartOf(between(monday + 1, monday + 9), time, kNow).empty());
  CHECK(StartOf(between(monday - 9, monday - 1), time, kNow).empty());
}

TEST_CASE("Days are those of the start, on the clock of the site", "[waitlist][unit]") {
  WaitingPerson monday_only = Anybody(60);
  monday_only.entry.earliest_day = absl::CivilDay(2027, 3, 1);
  monday_only.entry.latest_day = absl::CivilDay(2027, 3, 1);
  FreeTime in_canaries = TimeAt("2027-03-02T00:30", 60);
  in_canaries.sites = {{.id = kHarbour, .zone = Zone("Atlantic/Canary")}};

  CHECK(StartOf(monday_only, TimeAt("2027-03-01T23:30", 60), kNow) == "2027-03-01T23:30");
  CHECK(StartOf(monday_only, TimeAt("2027-03-02T00:00", 60), kNow).empty());
  // There it is still Monday, 23:30.
  CHECK(StartOf(monday_only, in_canaries, kNow) == "2027-03-02T00:30");
}

TEST_CASE("Who is not on the short-call list is told a day before", "[waitlist][unit]") {
  WaitingPerson person = Anybody();
  person.entry.short_notice_minutes.reset();
  const FreeTime time = TimeAt(kMondayTen, 30);
  const absl::Time start = time.plan.slot.starts_at;

  CHECK(FitOf(person, time, start - absl::Hours(24)));
  CHECK_FALSE(FitOf(person, time, start - absl::Hours(24) + absl::Seconds(1)));
}

TEST_CASE("Who is on the short-call list comes as soon as they said", "[waitlist][unit]") {
  WaitingPerson person = Anybody();
  person.entry.short_notice_minutes = 90;
  const FreeTime time = TimeAt(kMondayTen, 30);
  const absl::Time start = time.plan.slot.starts_at;

  const std::optional<Fit> just = FitOf(person, time, start - absl::Minutes(90));
  const std::optional<Fit> early = FitOf(person, time, start - absl::Hours(24));

  REQUIRE(just);
  CHECK(just->short_call);
  CHECK_FALSE(FitOf(person, time, start - absl::Minutes(90) + absl::Seconds(1)));
  REQUIRE(early);
  CHECK_FALSE(early->short_call);
  CHECK(FitOf(person, time, start - absl::Hours(24) + absl::Seconds(1))->short_call);
}

TEST_CASE("Who cannot come at the start comes later, in steps of five minutes",
          "[waitlist][unit]") {
  WaitingPerson person = Anybody();
  person.entry.short_notice_minutes = 90;
  const FreeTime time = TimeAt(kMondayTen, 60);
  const absl::Time start = time.plan.slot.starts_at;

  CHECK(StartOf(person, time, start - absl::Minutes(85)) == "2027-03-01T10:05");
  CHECK(StartOf(person, time, start - absl::Minutes(84)) == "2027-03-01T10:10");
  CHECK(StartOf(person, time, start - absl::Minutes(60)) == "2027-03-01T10:30");
  CHECK(StartOf(person, time, start - absl::Minutes(59)).empty());
}

TEST_CASE("The whole visit lies in the windows of the week", "[waitlist][unit]") {
  const FreeTime time = TimeAt(kMondayTen, 30);

  CHECK(StartOf(Within({On({1}, "10:00", "10:30")}), time, kNow) == kMondayTen);
  CHECK(StartOf(Within({On({1}, "10:01", "11:00")}), time, kNow).empty());
  CHECK(StartOf(Within({On({1}, "09:00", "10:29")}), time, kNow).empty());
  CHECK(StartOf(Within({On({2}, "10:00", "10:30")}), time, kNow).empty());
  CHECK(StartOf(Within({On({2}, "10:00", "10:30"), On({1}, "09:00", "11:00")}), time, kNow) ==
        kMondayTen);
}

TEST_CASE("Windows that touch are one", "[waitlist][unit]") {
  const FreeTime time = TimeAt(kMondayTen, 30);

  CHECK(StartOf(Within({On({1}, "09:00", "10:10"), On({1}, "10:10", "11:00")}), time, kNow) ==
        kMondayTen);
  CHECK(
      StartOf(Within({On({1}, "09:00", "10:10"), On({1}, "10:11", "11:00")}), time, kNow).empty());
}

TEST_CASE("A part of a long time is enough", "[waitlist][unit]") {
  const FreeTime morning = TimeAt("2027-03-01T09:00", 180);

  CHECK(StartOf(Within({On({1}, "11:30", "14:00")}), morning, kNow) == "2027-03-01T11:30");
  CHECK(StartOf(Within({On({1}, "11:31", "14:00")}), morning, kNow).empty());
}

TEST_CASE("A window across midnight reaches into the next day", "[waitlist][unit]") {
  const WaitingPerson night = Within({On({7}, "22:00", "02:00")});

  CHECK(StartOf(night, TimeAt("2027-02-28T23:45", 30), kNow) == "2027-02-28T23:45");
  CHECK(StartOf(night, TimeAt("2027-03-01T01:30", 30), kNow) == "2027-03-01T01:30");
  CHECK(StartOf(night, TimeAt("2027-03-01T01:31", 30), kNow).empty());
  CHECK(StartOf(night, TimeAt("2027-02-28T01:30", 30), kNow).empty());
  CHECK(StartOf(night, TimeAt("2027-03-01T22:00", 30), kNow).empty());
}

TEST_CASE("A window has no time that clocks skip", "[waitlist][unit]") {
  // In Madrid, 01:59 is followed by 03:00 on that Sunday.
  const FreeTime time = TimeAt("2027-03-28T01:00", 120);

  CHECK(StartOf(Within({On({7}, "01:00", "03:30")}, 90), time, kNow) == "2027-03-28T01:00");
  CHECK(StartOf(Within({On({7}, "01:00", "03:30")}, 91), time, kNow).empty());
  CHECK(StartOf(Within({On({7}, "02:00", "03:00")}), time, kNow).empty());
  CHECK(StartOf(Within({On({7}, "02:00", "03:30")}), time, kNow) == "2027-03-28T03:00");
}

TEST_CASE("A window counts an hour twice that clocks show twice", "[waitlist][unit]") {
  // In Madrid, 02:00 to 03:00 comes twice on that Sunday.
  const FreeTime time = TimeAt("2027-10-31T02:00", 180);
  const WaitingPerson person = Within({On({7}, "02:00", "03:00")}, 120);
  const WaitingPerson later = Within({On({7}, "03:00", "04:00")}, 60);

  CHECK(StartOf(person, time, kNow) == "2027-10-31T02:00");
  CHECK(StartOf(Within({On({7}, "02:00", "03:00")}, 121), time, kNow).empty());
  CHECK(FitOf(later, time, kNow)->start == Utc("2027-10-31T02:00:00Z"));
}

TEST_CASE("No start is offered that a booking takes for another", "[waitlist][unit]") {
  // The second 02:00 to 03:00 begins at 01:00 UTC; a booking at 02:30 means the first.
  const FreeTime time = TimeAt("2027-10-31T02:00", 180);
  WaitingPerson person = Anybody(60);
  person.busy = {UtcRange("2027-10-31T00:00:00Z", "2027-10-31T01:00:00Z")};

  CHECK(FitOf(person, time, kNow)->start == Utc("2027-10-31T02:00:00Z"));
  CHECK(StartOf(person, time, kNow) == "2027-10-31T03:00");
}

TEST_CASE("Who has another visit then does not fit, and can come right after it",
          "[waitlist][unit]") {
  WaitingPerson person = Anybody();
  person.busy = {UtcRange("2027-03-01T09:00:00Z", "2027-03-01T09:30:00Z")};

  CHECK(StartOf(person, TimeAt(kMondayTen, 30), kNow).empty());
  CHECK(StartOf(person, TimeAt(kMondayTen, 59), kNow).empty());
  CHECK(StartOf(person, TimeAt(kMondayTen, 60), kNow) == "2027-03-01T10:30");
  CHECK(StartOf(person, TimeAt("2027-03-01T09:30", 30), kNow) == "2027-03-01T09:30");
}

TEST_CASE("Matches are counted in the order of asking", "[waitlist][unit]") {
  const FreeTime time = TimeAt(kMondayTen, 30);
  const std::vector<WaitingPerson> people = {Anybody(20), Anybody(31), Anybody(30), Anybody(10)};

  const std::vector<WaitlistMatch> all = MatchesAmong(people, time, kNow, 5, 10);
  const std::vector<WaitlistMatch> first = MatchesAmong(people, time, kNow, 1, 2);

  REQUIRE(all.size() == 3);
  CHECK(all[0].rank == 5);
  CHECK(all[1].person.needed_minutes == 30);
  CHECK(all[2].rank == 7);
  REQUIRE(first.size() == 2);
  CHECK(first[1].rank == 2);
}

AppointmentEvent Event(EventKind kind, const std::string& local, std::int32_t minutes,
                       PractitionerId practitioner = kDentist) {
  return {.kind = kind,
          .practitioner_id = practitioner,
          .local_start = Local(local),
          .time_zone = "Europe/Madrid",
          .duration_minutes = minutes};
}

Appointment BookedAt(const std::string& local, std::int32_t minutes, State state = State::kBooked) {
  Appointment appointment{.progress = {.state = state}};
  appointment.booking.plan.practitioner_id = kDentist;
  appointment.booking.plan.slot = SlotOf(local, minutes, Zone("Europe/Madrid"));
  return appointment;
}

// Start and length of what is freed; empty for nothing.
std::string Freed(const Appointment& appointment, const std::vector<AppointmentEvent>& events) {
  const std::optional<Plan> plan = TimeFreedBy(appointment, events);
  if (!plan) return "";
  return FormatLocal(plan->slot.local_start) + " " + std::to_string(plan->slot.duration_minutes);
}

TEST_CASE("What is called off gives up its time", "[waitlist][unit]") {
  const std::vector<AppointmentEvent> events = {Event(EventKind::kBooked, kMondayTen, 30)};

  for (const State state : {State::kCancelled, State::kNoShow, State::kEnteredInError}) {
    CHECK(Freed(BookedAt(kMondayTen, 30, state), events) == "2027-03-01T10:00 30");
  }
  for (const State state : {State::kBooked, State::kArrived, State::kCompleted}) {
    CHECK(Freed(BookedAt(kMondayTen, 30, state), events).empty());
  }
}

TEST_CASE("What is moved gives up the time that it had last", "[waitlist][unit]") {
  const std::vector<AppointmentEvent> events = {
      Event(EventKind::kBooked, "2027-03-01T08:00", 30),
      Event(EventKind::kRescheduled, "2027-03-01T09:00", 40),
      Event(EventKind::kConfirmed, "2027-03-01T09:00", 40),
      Event(EventKind::kRescheduled, kMondayTen, 30), Event(EventKind::kConfirmed, kMondayTen, 30)};

  const std::optional<Plan> freed = TimeFreedBy(BookedAt(kMondayTen, 30), events);

  REQUIRE(freed);
  CHECK(freed->slot.starts_at == Utc("2027-03-01T08:00:00Z"));
  CHECK(freed->slot.ends_at == Utc("2027-03-01T08:40:00Z"));
  CHECK(freed->practitioner_id == kDentist);
  REQUIRE(freed->allocations.size() == 1);
  CHECK(freed->allocations[0].duration_minutes == 40);
}

TEST_CASE("What still has its time has given up none of it", "[waitlist][unit]") {
  const auto moved_from = [](const std::string& local, std::int32_t minutes) {
    return std::vector<AppointmentEvent>{Event(EventKind::kBooked, local, minutes),
                                         Event(EventKind::kRescheduled, kMondayTen, 30)};
  };
  const Appointment now = BookedAt(kMondayTen, 30);

  CHECK(Freed(now, moved_from(kMondayTen, 30)).empty());
  CHECK(Freed(now, moved_from(kMondayTen, 20)).empty());
  CHECK(Freed(now, moved_from(kMondayTen, 50)) == "2027-03-01T10:30 20");
  CHECK(Freed(now, moved_from("2027-03-01T09:50", 20)) == "2027-03-01T09:50 10");
  // Of what is left on both sides, the longer part.
  CHECK(Freed(now, moved_from("2027-03-01T09:40", 60)) == "2027-03-01T09:40 20");
}

TEST_CASE("A part of a time lies in it up to both ends", "[waitlist][unit]") {
  const Plan whole = TimeAt(kMondayTen, 60).plan;
  Plan others = TimeAt(kMondayTen, 60).plan;
  others.practitioner_id = kOtherDentist;

  CHECK(LiesIn(whole, whole));
  CHECK(LiesIn(TimeAt("2027-03-01T10:30", 30).plan, whole));
  CHECK_FALSE(LiesIn(TimeAt("2027-03-01T10:31", 30).plan, whole));
  CHECK_FALSE(LiesIn(TimeAt("2027-03-01T09:59", 30).plan, whole));
  CHECK_FALSE(LiesIn(others, whole));
}

TEST_CASE("Who takes over leaves the time of the other practitioner", "[waitlist][unit]") {
  const std::vector<AppointmentEvent> events = {
      Event(EventKind::kBooked, kMondayTen, 30, kOtherDentist),
      Event(EventKind::kRescheduled, kMondayTen, 30)};

  const std::optional<Plan> freed = TimeFreedBy(BookedAt(kMondayTen, 30), events);

  REQUIRE(freed);
  CHECK(freed->practitioner_id == kOtherDentist);
}

}  // namespace
}  // namespace clinicd::appointments
