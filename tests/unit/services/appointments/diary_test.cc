#include "services/appointments/diary.h"

#include <catch2/catch.hpp>

#include "services/appointments/diary_rules.h"
#include "tests/unit/services/appointments/clocks.h"
#include "tests/unit/services/appointments/times.h"
#include "tests/unit/services/appointments/visit_plans.h"

namespace clinicd::appointments {
namespace {

using testing::Local;
using testing::NumberedId;
using testing::Span;
using testing::Utc;
using testing::UtcRange;
using testing::Zone;
using Ranges = std::vector<TimeRange>;

const Uuid kDentist = NumberedId(1);
const Uuid kChair = NumberedId(2);
const SiteId kHarbour(NumberedId(3));
const AppointmentId kVisit(NumberedId(4));
const HoldId kHold(NumberedId(5));
const ScheduleOwner kDentistOwner{.kind = OwnerKind::kPractitioner, .id = kDentist};
// A Monday.
constexpr absl::CivilDay kMonday(2027, 3, 1);

OwnedHours Works(SiteId site, const ClockSpan& span) {
  return {.owner = kDentistOwner, .site = site, .hours = {.weekday = 1, .span = span}};
}

ScheduleException Exception(const ScheduleOwner& owner, ExceptionKind kind,
                            std::optional<ClockSpan> span = std::nullopt) {
  return {.owner = owner,
          .exception = {.first_day = kMonday,
                        .last_day = kMonday,
                        .kind = kind,
                        .span = span,
                        .reason = "Reason"}};
}

// A clinic in UTC with a site an hour ahead, where its chair stands.
DiaryMaterial Material(std::vector<OwnedHours> hours) {
  return {.schedule = {.sites = {{.zone = absl::UTCTimeZone()},
                                 {.id = kHarbour, .zone = absl::FixedTimeZone(3600)}},
                       .members = {{.kind = ResourceKind::kPractitioner, .id = kDentist},
                                   {.kind = ResourceKind::kChair, .id = kChair, .site = kHarbour}},
                       .hours = std::move(hours)},
          .heads = {{.id = kDentist, .name = "Dentist"}}};
}

DiaryQuery Monday(DiaryGrouping grouping = DiaryGrouping::kPractitioner) {
  return {.grouping = grouping,
          .days = {.first_day = kMonday, .last_day = kMonday},
          .range = UtcRange("2027-03-01T00:00:00Z", "2027-03-02T00:00:00Z")};
}

// Half an hour of the dentist's.
Visit VisitAt(const std::string& local) {
  Visit visit;
  visit.appointment.id = kVisit;
  visit.appointment.booking.plan = {
      .practitioner_id = PractitionerId(kDentist),
      .slot = {.local_start = Local(local),
               .time_zone = "UTC",
               .duration_minutes = 30,
               .starts_at = Utc(local + ":00Z"),
               .ends_at = Utc(local + ":00Z") + absl::Minutes(30)},
      .allocations = {{.resource = kDentist, .duration_minutes = 30}}};
  return visit;
}

template <typename Parts>
Ranges RangesOf(const Parts& parts) {
  Ranges ranges;
  for (const auto& part : parts) ranges.push_back(part.range);
  return ranges;
}

TEST_CASE("Buffers, holds and visits are no free time, and holds that are over midnight are cut",
          "[diary][unit]") {
  DiaryMaterial material = Material({Works(SiteId(), Span("22:00", "24:00"))});
  material.occupied = {
      {.occupant = kDentist, .range = UtcRange("2027-03-01T22:30:00Z", "2027-03-01T23:00:00Z")},
      {.occupant = kDentist, .range = UtcRange("2027-03-01T23:45:00Z", "2027-03-02T00:15:00Z")}};
  material.holds = {{.hold = kHold, .occupied = material.occupied[1]}};

  const DiaryPage page = MakeDiary(material, Monday());

  REQUIRE(page.columns.size() == 1);
  CHECK(RangesOf(page.columns[0].free) ==
        Ranges{UtcRange("2027-03-01T22:00:00Z", "2027-03-01T22:30:00Z"),
               UtcRange("2027-03-01T23:00:00Z", "2027-03-01T23:45:00Z")});
  CHECK(RangesOf(page.columns[0].blocks) ==
        Ranges{UtcRange("2027-03-01T23:45:00Z", "2027-03-02T00:00:00Z")});
}

TEST_CASE("What an exception closes and another one opens is no block", "[diary][unit]") {
  DiaryMaterial material = Material({Works(SiteId(), Span("09:00", "17:00"))});
  material.schedule.exceptions = {
      Exception({.kind = OwnerKind::kClinic}, ExceptionKind::kClosed),
      Exception(kDentistOwner, ExceptionKind::kExtra, Span("10:00", "11:00"))};

  const DiaryPage page = MakeDiary(material, Monday());

  CHECK(RangesOf(page.columns[0].working) ==
        Ranges{UtcRange("2027-03-01T10:00:00Z", "2027-03-01T11:00:00Z")});
  CHECK(RangesOf(page.columns[0].blocks) ==
        Ranges{UtcRange("2027-03-01T00:00:00Z", "2027-03-01T10:00:00Z"),
               UtcRange("2027-03-01T11:00:00Z", "2027-03-02T00:00:00Z")});
}

TEST_CASE("Who works at two sites has spans that say where, in order", "[diary][unit]") {
  const DiaryMaterial material =
      Material({Works(kHarbour, Span("09:00", "12:00")), Works(SiteId(), Span("13:00", "17:00"))});

  const DiaryPage page = MakeDiary(material, Monday());

  CHECK(page.columns[0].working ==
        std::vector<DiarySpan>{{UtcRange("2027-03-01T08:00:00Z", "2027-03-01T11:00:00Z"), kHarbour},
                               {UtcRange("2027-03-01T13:00:00Z", "2027-03-01T17:00:00Z"), {}}});
}

TEST_CASE("A visit of who works at two sites is where they work then, or at the first",
          "[diary][unit]") {
  const DiaryMaterial material =
      Material({Works(kHarbour, Span("09:00", "12:00")), Works(SiteId(), Span("13:00", "17:00"))});
  WorkingTimes times(material.schedule, {.first_day = kMonday - 2, .last_day = kMonday + 2});
  const auto site_of = [&times](const std::string& local) {
    return times.SiteOf(VisitAt(local).appointment.booking.plan);
  };

  CHECK(site_of("2027-03-01T10:30") == kHarbour);
  CHECK(site_of("2027-03-01T13:00") == SiteId());
  CHECK(site_of("2027-03-01T12:00") == SiteId());
}

TEST_CASE("Buffers belong to what is taken at the start and at the end of a visit",
          "[diary][unit]") {
  DiaryMaterial material = Material({});
  Visit visit = VisitAt("2027-03-01T10:00");
  Plan& plan = visit.appointment.booking.plan;
  plan.buffers = {.before_minutes = 5, .after_minutes = 10};
  plan.allocations = {{.resource = kDentist, .duration_minutes = 20},
                      {.kind = ResourceKind::kChair,
                       .resource = kChair,
                       .offset_minutes = 10,
                       .duration_minutes = 20}};
  material.heads.push_back({.id = kChair, .site = kHarbour});
  material.visits = {visit};

  const DiaryPage dentist = MakeDiary(material, Monday());
  const DiaryPage chair = MakeDiary(material, Monday(DiaryGrouping::kChair));

  REQUIRE(dentist.columns.at(0).placements.size() == 1);
  CHECK(dentist.columns[0].placements[0].range ==
        UtcRange("2027-03-01T10:00:00Z", "2027-03-01T10:20:00Z"));
  CHECK(dentist.columns[0].placements[0].taken ==
        UtcRange("2027-03-01T09:55:00Z", "2027-03-01T10:20:00Z"));
  REQUIRE(chair.columns.at(1).placements.size() == 1);
  CHECK(chair.columns[1].placements[0].taken ==
        UtcRange("2027-03-01T10:10:00Z", "2027-03-01T10:40:00Z"));
  CHECK(dentist.visits.at(0).site == kHarbour);
}

TEST_CASE("Only visits of the columns that were asked for are shown", "[diary][unit]") {
  DiaryMaterial material = Material({});
  material.heads.push_back({.id = kChair});
  material.visits = {VisitAt("2027-03-01T10:00")};
  DiaryQuery query = Monday();

  query.columns = {kChair};
  CHECK(MakeDiary(material, query).visits.empty());
  query.columns = {kDentist};
  CHECK(MakeDiary(material, query).visits.size() == 1);
}

TEST_CASE("A hold of who works at two sites is shown where they work then", "[diary][unit]") {
  DiaryMaterial material =
      Material({Works(kHarbour, Span("09:00", "12:00")), Works(SiteId(), Span("13:00", "17:00"))});
  material.heads = {{.name = "Main"}, {.id = kHarbour.uuid(), .name = "Harbour"}};
  material.holds = {
      {.hold = kHold,
       .practitioner = PractitionerId(kDentist),
       .occupied = {.occupant = kDentist,
                    .range = UtcRange("2027-03-01T09:00:00Z", "2027-03-01T09:30:00Z")}}};

  const DiaryPage page = MakeDiary(material, Monday(DiaryGrouping::kLocation));

  CHECK(page.columns.at(0).blocks.empty());
  REQUIRE(page.columns.at(1).blocks.size() == 1);
  CHECK(page.columns[1].blocks[0].hold == kHold);
}

TEST_CASE("Days of a diary are those of the clinic's clock", "[diary][unit]") {
  v1::GetDiaryRequest form;
  form.set_grouping(v1::GetDiaryRequest::GROUPING_CHAIR);
  form.mutable_first_date()->set_year(2027);
  form.mutable_first_date()->set_month(3);
  form.mutable_first_date()->set_day(27);
  form.set_day_count(2);

  const auto query = ParseDiary(form, Zone("Europe/Madrid"));

  REQUIRE(query.ok());
  CHECK(query->grouping == DiaryGrouping::kChair);
  CHECK(query->range == UtcRange("2027-03-26T23:00:00Z", "2027-03-28T22:00:00Z"));
  CHECK(CheckSize(kDiaryVisitsMax).ok());
  CHECK_FALSE(CheckSize(kDiaryVisitsMax + 1).ok());
}

TEST_CASE("A diary begins on a day on which visits can be", "[diary][unit]") {
  const auto [year, month, day, accepted] = GENERATE(table<int, int, int, bool>({
      {1, 1, 1, false},
      {1879, 12, 31, false},
      {1880, 1, 1, true},
      {9998, 12, 31, true},
      {9999, 1, 1, false},
      {2027, 2, 29, false},
  }));
  CAPTURE(year, month, day);
  v1::GetDiaryRequest form;
  form.mutable_first_date()->set_year(year);
  form.mutable_first_date()->set_month(month);
  form.mutable_first_date()->set_day(day);

  CHECK(ParseDiary(form, Zone("Europe/Madrid")).ok() == accepted);
}

TEST_CASE("Somebody is late who comes after the start, and we are who begin after it",
          "[diary][unit]") {
  Appointment visit = VisitAt("2027-03-01T10:00").appointment;
  const absl::Time start = Utc("2027-03-01T10:00:00Z");
  const auto at = [&](std::optional<absl::Time> arrived, std::optional<absl::Time> seated,
                      absl::Time now) {
    visit.progress.arrived_at = arrived;
    visit.progress.seated_at = seated;
    return WaitingAt(visit, now);
  };
  const absl::Duration minute = absl::Minutes(1);

  CHECK(at(start - 10 * minute, std::nullopt, start) == Waiting{.waiting_minutes = 10});
  CHECK(at(start, std::nullopt, start + minute) ==
        Waiting{.waiting_minutes = 1, .kept_waiting = true});
  CHECK(at(start + minute, start + 3 * minute, start + 10 * minute) ==
        Waiting{.waiting_minutes = 2, .in_chair_minutes = 7, .arrived_late = true});
  CHECK(at(start - minute, start + minute, start + 2 * minute) ==
        Waiting{.waiting_minutes = 2, .in_chair_minutes = 1, .kept_waiting = true});
  // Another server's clock may be ahead.
  CHECK(at(start - minute, std::nullopt, start - 2 * minute) == Waiting{});
}

TEST_CASE("Who came today is still there, and who came in the last twelve hours", "[diary][unit]") {
  const absl::TimeZone madrid = Zone("Europe/Madrid");

  CHECK(ArrivedSince(Utc("2027-03-01T17:00:00Z"), madrid) == Utc("2027-02-28T23:00:00Z"));
  CHECK(ArrivedSince(Utc("2027-03-01T00:30:00Z"), madrid) == Utc("2027-02-28T12:30:00Z"));
}

}  // namespace
}  // namespace clinicd::appointments
