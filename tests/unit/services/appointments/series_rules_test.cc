#include "services/appointments/series_rules.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "common/status/error.h"
#include "services/appointments/appointment_convert.h"
#include "services/appointments/recurrence_rule.h"

namespace clinicd::appointments {
namespace {

using status::ErrorReason;
using Texts = std::vector<std::string>;

const absl::CivilMinute kStart(2027, 3, 8, 9, 0);

AppointmentId Id(int number) {
  return *AppointmentId::Parse("00000000-0000-7000-8000-00000000000" + std::to_string(number));
}

BookedSeries Weekly(const std::string& end) {
  BookedSeries series;
  series.recurrence.rule = *ParseRule("FREQ=WEEKLY;" + end, "rule");
  series.recurrence.local_start = kStart;
  REQUIRE(absl::LoadTimeZone("Europe/Madrid", &series.recurrence.zone));
  const PractitionerId practitioner(Id(9).uuid());
  series.plan.practitioner_id = practitioner;
  series.plan.slot.duration_minutes = 30;
  series.plan.allocations = {
      {.resource = practitioner.uuid(), .offset_minutes = 0, .duration_minutes = 30}};
  return series;
}

// One a week from the start on.
std::vector<Appointment> Visits(int count) {
  std::vector<Appointment> visits;
  for (int i = 0; i < count; ++i) {
    Appointment visit{.id = Id(i + 1), .place = {.series = SeriesId(), .ordinal = i + 1}};
    visit.booking.plan.slot.starts_at =
        absl::FromCivil(absl::CivilSecond(kStart), absl::UTCTimeZone()) + absl::Hours(168 * i);
    visits.push_back(visit);
  }
  return visits;
}

std::vector<int> Ordinals(const std::vector<Appointment>& visits) {
  std::vector<int> ordinals;
  for (const Appointment& visit : visits) ordinals.push_back(visit.place.ordinal);
  return ordinals;
}

Texts Starts(const BookedSeries& series) {
  Texts starts;
  const auto times = TimesOf(series);
  REQUIRE(times.ok());
  for (const Occurrence& time : *times) starts.push_back(FormatLocal(time.local_start));
  return starts;
}

TEST_CASE("A change is about what is to come, booked or confirmed", "[series][unit]") {
  std::vector<Appointment> all = Visits(5);
  all[1].progress.state = State::kConfirmed;
  all[2].progress.state = State::kArrived;
  all[3].progress.state = State::kCancelled;
  const absl::Time first = all[0].booking.plan.slot.starts_at;

  CHECK(Ordinals(Select(all, {.now = first - absl::Seconds(1)})->chosen) ==
        std::vector<int>{1, 2, 5});
  const auto selection = Select(all, {.now = first});
  CHECK(Ordinals(selection->chosen) == std::vector<int>{2, 5});
  CHECK(selection->first_ordinal == 2);
}

TEST_CASE("A change of this and the following appointments begins with it", "[series][unit]") {
  const std::vector<Appointment> all = Visits(4);

  CHECK(Ordinals(Select(all, {.scope = SeriesScope::kThisAndFollowing, .from = Id(3)})->chosen) ==
        std::vector<int>{3, 4});
  CHECK(status::ReasonOf(
            Select(all, {.scope = SeriesScope::kThisAndFollowing, .from = Id(8)}).status()) ==
        ErrorReason::APPOINTMENT_NOT_FOUND);
  CHECK(status::ReasonOf(Select(all, {.now = absl::InfiniteFuture()}).status()) ==
        ErrorReason::SERIES_OVER);
}

TEST_CASE("An exception is left alone, unless it is to be chosen, too", "[series][unit]") {
  std::vector<Appointment> all = Visits(4);
  all[0].place.exception = true;
  all[2].place.exception = true;

  const auto without = Select(all, {});
  const auto with = Select(all, {.with_exceptions = true});

  CHECK(Ordinals(without->chosen) == std::vector<int>{2, 4});
  CHECK(Ordinals(without->left_alone) == std::vector<int>{3});
  CHECK(without->first_ordinal == 2);
  CHECK(Ordinals(with->chosen) == std::vector<int>{1, 2, 3, 4});
  CHECK(with->left_alone.empty());
}

TEST_CASE("A series at another time of day has the same days", "[series][unit]") {
  // UNTIL is the last start before, and the next one after, the change.
  const auto [end, time, last] = GENERATE(table<std::string, std::string, std::string>(
      {{"COUNT=3", "16:30", "2027-03-22T16:30"},
       {"UNTIL=20270322T080000Z", "16:30", "2027-03-22T16:30"},
       // At 07:00 the next Monday would be before UNTIL.
       {"UNTIL=20270329T053000Z", "07:00", "2027-03-22T07:00"}}));
  CAPTURE(end, time);
  BookedSeries series = Weekly(end);
  series.recurrence.excluded = {kStart + 7 * 24 * 60};
  REQUIRE(Starts(series) == Texts{"2027-03-08T09:00", "2027-03-22T09:00"});
  v1::UpdateSeriesRequest form;
  form.set_local_time(time);

  const auto changed = ParseEdit(form, series);

  REQUIRE(changed.ok());
  CHECK(Starts(*changed) == Texts{"2027-03-08T" + time, last});
}

TEST_CASE("A new length reaches every part of the visits that had the old one", "[series][unit]") {
  v1::UpdateSeriesRequest form;
  form.set_duration_minutes(45);

  const auto changed = ParseEdit(form, Weekly("COUNT=3"));

  REQUIRE(changed.ok());
  CHECK(changed->plan.slot.duration_minutes == 45);
  CHECK(changed->plan.allocations[0].duration_minutes == 45);
  CHECK(changed->recurrence.local_start == kStart);
}

TEST_CASE("A series that is cut has what it had", "[series][unit]") {
  const auto cut = CutBefore(Weekly("COUNT=5"), 3);

  REQUIRE(cut.ok());
  REQUIRE(cut->head);
  CHECK(Starts(*cut->head) == Texts{"2027-03-08T09:00", "2027-03-15T09:00"});
  CHECK(Starts(cut->tail) == Texts{"2027-03-22T09:00", "2027-03-29T09:00", "2027-04-05T09:00"});
  CHECK_FALSE(CutBefore(Weekly("COUNT=5"), 1)->head);
  // Where it has ended before, nothing is cut off.
  CHECK(Starts(*CutBefore(Weekly("COUNT=2"), 3)->head).size() == 2);
}

TEST_CASE("The appointments of the part that was cut off count from its first one",
          "[series][unit]") {
  const std::vector<Appointment> all = Visits(5);
  const auto cut = CutBefore(Weekly("COUNT=5"), 3);

  const auto visits = VisitsOf(cut->tail, {all[2], all[4]}, 3);

  REQUIRE(visits->size() == 2);
  CHECK(visits->at(0).id == all[2].id);
  CHECK(visits->at(0).occurrence.ordinal == 1);
  CHECK(visits->at(1).occurrence.ordinal == 3);
  CHECK(FormatLocal(visits->at(1).occurrence.local_start) == "2027-04-05T09:00");
  CHECK(VisitsOf(Weekly("COUNT=2"), {all[2]}, 1)->empty());
}

TEST_CASE("An appointment of a series that clocks jump over has the time that they show",
          "[series][unit]") {
  BookedSeries series = Weekly("COUNT=1");
  series.recurrence.local_start = absl::CivilMinute(2027, 3, 28, 2, 30);

  const Plan plan = PlanAt(series, TimesOf(series)->front());

  CHECK(FormatLocal(plan.slot.local_start) == "2027-03-28T03:30");
  CHECK(plan.slot.starts_at == absl::FromUnixSeconds(1806197400));
  CHECK(plan.slot.ends_at - plan.slot.starts_at == absl::Minutes(30));
  CHECK(plan.slot.time_zone == "Europe/Madrid");
}

TEST_CASE("Local starts are read as they are written", "[series][unit]") {
  const std::vector<absl::CivilMinute> starts = {kStart, kStart + 1};

  CHECK(FormatStarts(starts) == "2027-03-08T09:00 2027-03-08T09:01");
  CHECK(ParseStarts(FormatStarts(starts)) == starts);
  CHECK(ParseStarts("")->empty());
  CHECK_FALSE(ParseStarts("2027-02-30T09:00"));
}

}  // namespace
}  // namespace clinicd::appointments
