#include "services/appointments/schedule.h"

#include <catch2/catch.hpp>

#include "services/appointments/schedule_rules.h"
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

const Uuid kDentist = Numbered(1);
const Uuid kHarbourChair = Numbered(2);
const SiteId kHarbour(Numbered(3));
const ScheduleOwner kDentistOwner{.kind = OwnerKind::kPractitioner, .id = kDentist};
// A Monday.
constexpr absl::CivilDay kMonday(2027, 3, 1);

OwnedHours Works(const ScheduleOwner& owner, SiteId site, const ClockSpan& span) {
  return {.owner = owner, .site = site, .hours = {.weekday = 1, .span = span}};
}

// A clinic in UTC with a site an hour ahead, where its chair stands.
Schedule TwoSites(std::vector<OwnedHours> hours = {},
                  std::vector<ScheduleException> exceptions = {}) {
  return {
      .sites = {{.zone = absl::UTCTimeZone()}, {.id = kHarbour, .zone = absl::FixedTimeZone(3600)}},
      .members = {{.kind = ResourceKind::kPractitioner, .id = kDentist},
                  {.kind = ResourceKind::kChair, .id = kHarbourChair, .site = kHarbour}},
      .hours = std::move(hours),
      .exceptions = std::move(exceptions)};
}

// Half an hour of that Monday.
Plan VisitAt(const std::string& local, bool with_chair = false) {
  Plan plan{.practitioner_id = PractitionerId(kDentist),
            .slot = {.local_start = Local(local),
                     .time_zone = "UTC",
                     .duration_minutes = 30,
                     .starts_at = Utc(local + ":00Z"),
                     .ends_at = Utc(local + ":00Z") + absl::Minutes(30)},
            .allocations = {{.resource = kDentist, .duration_minutes = 30}}};
  if (with_chair) {
    plan.allocations.push_back(
        {.kind = ResourceKind::kChair, .resource = kHarbourChair, .duration_minutes = 30});
  }
  return plan;
}

ScheduleException On(const ScheduleOwner& owner, SiteId site, ExceptionKind kind,
                     std::optional<ClockSpan> span = std::nullopt) {
  return {
      .owner = owner,
      .site = site,
      .exception = {
          .first_day = kMonday, .last_day = kMonday, .kind = kind, .span = span, .reason = "R"}};
}

TEST_CASE("A practitioner alone works where there are hours, on the clock of that site",
          "[appointments][unit]") {
  const Schedule schedule = TwoSites({Works(kDentistOwner, kHarbour, Span("10:00", "12:00"))});

  CHECK_FALSE(WhyOutsideHours(schedule, VisitAt("2027-03-01T09:00")));
  CHECK_FALSE(WhyOutsideHours(schedule, VisitAt("2027-03-01T10:30")));
  CHECK(WhyOutsideHours(schedule, VisitAt("2027-03-01T08:59")));
  CHECK(WhyOutsideHours(schedule, VisitAt("2027-03-01T10:31")));
}

TEST_CASE("A visit is where its chair is, and hours of other sites do not count there",
          "[appointments][unit]") {
  const Schedule schedule = TwoSites({Works(kDentistOwner, SiteId(), Span("09:00", "12:00"))});

  CHECK_FALSE(WhyOutsideHours(schedule, VisitAt("2027-03-01T09:00")));
  const auto why = WhyOutsideHours(schedule, VisitAt("2027-03-01T09:00", /*with_chair=*/true));
  REQUIRE(why);
  CHECK(why->resource == kDentist);
  CHECK(why->closure.by == ClosedBy::kHours);
}

TEST_CASE("Changed hours at one site close the others that day", "[appointments][unit]") {
  const Schedule schedule =
      TwoSites({Works(kDentistOwner, SiteId(), Span("09:00", "12:00")),
                Works(kDentistOwner, kHarbour, Span("16:00", "18:00"))},
               {On(kDentistOwner, kHarbour, ExceptionKind::kChanged, Span("14:00", "15:00"))});

  CHECK(WhyOutsideHours(schedule, VisitAt("2027-03-01T09:00"))->closure.by == ClosedBy::kResource);
  CHECK_FALSE(WhyOutsideHours(schedule, VisitAt("2027-03-01T13:30")));
  CHECK(WhyOutsideHours(schedule, VisitAt("2027-03-01T15:00")));
}

TEST_CASE("A closure holds what is booked in it, and not who works all the same",
          "[appointments][unit]") {
  const ScheduleOwner clinic{.kind = OwnerKind::kClinic};
  const ScheduleException closed = On(clinic, SiteId(), ExceptionKind::kClosed);
  const AppointmentId id(Numbered(9));
  const std::vector<BookedPart> parts = {{.appointment = id,
                                          .practitioner = PractitionerId(kDentist),
                                          .starts_at = Utc("2027-03-01T09:00:00Z"),
                                          .part = {.resource = kDentist, .duration_minutes = 30}}};

  CHECK(HeldBy(closed, TwoSites({}, {closed}), parts) == std::vector<AppointmentId>{id});
  const ScheduleException duty =
      On(kDentistOwner, SiteId(), ExceptionKind::kExtra, Span("09:00", "09:30"));
  CHECK(HeldBy(closed, TwoSites({}, {closed, duty}), parts).empty());
  const ScheduleException before =
      On(kDentistOwner, SiteId(), ExceptionKind::kClosed, Span("08:00", "09:00"));
  CHECK(HeldBy(before, TwoSites({}, {before}), parts).empty());
  const ScheduleException end =
      On(kDentistOwner, SiteId(), ExceptionKind::kClosed, Span("09:29", "10:00"));
  CHECK(HeldBy(end, TwoSites({}, {end}), parts).size() == 1);
  const ScheduleException harbour =
      On({.kind = OwnerKind::kLocation, .id = kHarbour.uuid()}, kHarbour, ExceptionKind::kClosed);
  CHECK(HeldBy(harbour, TwoSites({}, {harbour}), parts).empty());
}

TEST_CASE("What is closed and searched are days on which visits can be", "[appointments][unit]") {
  const auto [year, month, day, accepted] = GENERATE(table<int, int, int, bool>({
      {1, 1, 1, false},
      {1879, 12, 31, false},
      {1880, 1, 1, true},
      {9998, 12, 31, true},
      {9999, 1, 1, false},
      {2027, 2, 29, false},
  }));
  CAPTURE(year, month, day);
  google::type::Date date;
  date.set_year(year);
  date.set_month(month);
  date.set_day(day);
  v1::ScheduleException exception;
  exception.mutable_owner()->set_kind(v1::ScheduleOwner::KIND_CLINIC);
  exception.set_kind(v1::ScheduleException::KIND_CLOSED);
  *exception.mutable_first_date() = date;
  v1::FindSlotsRequest search;
  search.set_duration_minutes(30);
  *search.mutable_first_date() = date;

  CHECK(ParseException(exception).ok() == accepted);
  CHECK(ParseSearch(search).ok() == accepted);
}

TEST_CASE("A closure is held against so many parts of visits and no more", "[appointments][unit]") {
  CHECK(CheckBooked(kBookedPartsMax).ok());
  CHECK_FALSE(CheckBooked(kBookedPartsMax + 1).ok());
}

TEST_CASE("The next free starts are after the one that was asked for, on the same day",
          "[appointments][unit]") {
  const Schedule schedule = TwoSites({Works(kDentistOwner, SiteId(), Span("09:00", "10:05"))});
  const NextFreeQuery query{
      .occupied = {{.occupant = kDentist,
                    .range = UtcRange("2027-03-01T09:00:00Z", "2027-03-01T09:30:00Z")}},
      .now = Utc("2027-03-01T00:00:00Z"),
      .zone = absl::UTCTimeZone()};

  CHECK(NextFree(schedule, VisitAt("2027-03-01T09:00"), query) ==
        std::vector<absl::CivilMinute>{Local("2027-03-01T09:30"), Local("2027-03-01T09:35")});
  CHECK(NextFree(schedule, VisitAt("2027-03-01T09:35"), query).empty());
}

TEST_CASE("A local time that occurs twice is bookable at its first instant only",
          "[appointments][unit]") {
  const absl::TimeZone madrid = Zone("Europe/Madrid");

  CHECK(BookableLocal(Utc("2027-10-31T00:30:00Z"), madrid) == Local("2027-10-31T02:30"));
  CHECK_FALSE(BookableLocal(Utc("2027-10-31T01:30:00Z"), madrid));
}

TEST_CASE("Segments of a kind share a resource unless they overlap", "[appointments][unit]") {
  VisitType type;
  type.segments = {{ResourceKind::kAssistant, 0, 10},
                   {ResourceKind::kAssistant, 5, 10},
                   {ResourceKind::kAssistant, 15, 10},
                   {ResourceKind::kPractitioner, 0, 10}};

  const VisitPlan plan = PlanOf(type);

  CHECK(plan.duration_minutes == 25);
  REQUIRE(plan.segments.size() == 4);
  CHECK(plan.segments[0].party == 0);
  CHECK(plan.segments[1].party == 1);
  CHECK(plan.segments[2].party == 0);
  CHECK(plan.segments[3].party == 0);
}

}  // namespace
}  // namespace clinicd::appointments
