#include "services/appointments/slot_search.h"

#include <catch2/catch.hpp>

#include "tests/unit/services/appointments/clocks.h"
#include "tests/unit/services/appointments/times.h"
#include "tests/unit/services/appointments/visit_plans.h"

namespace clinicd::appointments {
namespace {

using testing::kAssistant;
using testing::kChair;
using testing::kPractitioner;
using testing::NumberedId;
using testing::Serves;
using testing::Span;
using testing::ThreePartVisit;
using testing::Utc;
using testing::VisitOf;
using testing::Zone;

// Minutes of Monday, 2027-03-01, in UTC.
absl::Time At(int minute) { return Utc("2027-03-01T00:00:00Z") + absl::Minutes(minute); }
TimeSet Range(int begin, int end) { return TimeSet(TimeRange{At(begin), At(end)}); }

SearchPlace Place(std::vector<Candidate> candidates) {
  return {.zone = absl::UTCTimeZone(), .candidates = std::move(candidates)};
}

SlotQuery ThatDay() { return {.period = {At(0), At(24 * 60)}, .limit = 1000}; }

std::vector<int> StartsOf(const std::vector<Opening>& openings) {
  std::vector<int> minutes;
  for (const Opening& opening : openings) {
    minutes.push_back(static_cast<int>(absl::ToInt64Minutes(opening.starts_at - At(0))));
  }
  return minutes;
}

std::vector<std::uint8_t> NumbersOf(const Opening& opening) {
  std::vector<std::uint8_t> numbers;
  for (const Uuid& id : opening.resources) numbers.push_back(id.bytes().back());
  return numbers;
}

using Minutes = std::vector<int>;
using Numbers = std::vector<std::uint8_t>;

TEST_CASE("Openings fill the working hours to their last minute", "[appointments][unit]") {
  const std::vector<SearchPlace> places{Place({Serves(kPractitioner, 1, Range(540, 615))})};

  CHECK(StartsOf(FindOpenings(VisitOf(30), places, ThatDay())) == Minutes{540, 555, 570, 585});
  CHECK(StartsOf(FindOpenings(VisitOf(31), places, ThatDay())) == Minutes{540, 555, 570});
  CHECK(FindOpenings(VisitOf(76), places, ThatDay()).empty());
}

TEST_CASE("Openings touch what is booked and do not overlap it", "[appointments][unit]") {
  const std::vector<SearchPlace> places{
      Place({Serves(kPractitioner, 1, Range(540, 660), Range(570, 600))})};

  CHECK(StartsOf(FindOpenings(VisitOf(30), places, ThatDay())) == Minutes{540, 600, 615, 630});
}

TEST_CASE("Buffers of both visits stack", "[appointments][unit]") {
  // 09:30-10:00 is booked, with ten minutes after it.
  const std::vector<SearchPlace> places{
      Place({Serves(kPractitioner, 1, Range(540, 660), Range(570, 610))})};
  VisitPlan plan = VisitOf(30);
  plan.buffer_before_minutes = 10;
  SlotQuery query = ThatDay();
  query.grid_minutes = 5;

  CHECK(StartsOf(FindOpenings(plan, places, query)) == Minutes{540, 620, 625, 630});
}

TEST_CASE("The grid is that of the local clock", "[appointments][unit]") {
  const auto [zone, grid, starts] = GENERATE(table<std::string, int, Minutes>({
      {"UTC", 30, {540, 570, 600}},
      // 09:00Z is 14:30 in Kolkata and 14:45 in Kathmandu.
      {"Asia/Kolkata", 60, {570}},
      {"Asia/Kathmandu", 30, {555, 585}},
      // Seven does not divide a day: the grid begins again at each midnight.
      {"UTC", 7, {546, 553, 560, 567, 574, 581, 588, 595, 602}},
      {"UTC", 1440, {}},
  }));
  CAPTURE(zone, grid);
  const std::vector<SearchPlace> places{
      {.zone = Zone(zone), .candidates = {Serves(kPractitioner, 1, Range(540, 630))}}};
  SlotQuery query = ThatDay();
  query.grid_minutes = grid;

  CHECK(StartsOf(FindOpenings(VisitOf(25), places, query)) == starts);
}

TEST_CASE("A grid that does not divide the day begins again at midnight", "[appointments][unit]") {
  const std::vector<SearchPlace> places{Place({Serves(kPractitioner, 1, Range(1400, 1500))})};
  SlotQuery query{.period = {At(1400), At(1500)}, .grid_minutes = 50};

  CHECK(StartsOf(FindOpenings(VisitOf(5), places, query)) == Minutes{1400, 1440, 1490});
}

TEST_CASE("No opening starts in the hour that clocks skip", "[appointments][unit]") {
  // In Madrid clocks go from 02:00 to 03:00 at 01:00Z.
  const absl::Time midnight = Utc("2027-03-28T00:00:00Z");
  const TimeRange night{midnight, midnight + absl::Hours(2)};
  const std::vector<SearchPlace> places{
      {.zone = Zone("Europe/Madrid"), .candidates = {Serves(kPractitioner, 1, TimeSet(night))}}};

  const auto openings = FindOpenings(VisitOf(60), places, {.period = night, .grid_minutes = 30});

  REQUIRE(openings.size() == 3);
  CHECK(openings[0].local_start == absl::CivilMinute(2027, 3, 28, 1, 0));
  // Ends at 03:30, an hour later.
  CHECK(openings[1].local_start == absl::CivilMinute(2027, 3, 28, 1, 30));
  CHECK(openings[2].local_start == absl::CivilMinute(2027, 3, 28, 3, 0));
  CHECK(openings[2].starts_at == midnight + absl::Hours(1));
}

TEST_CASE("Openings start in the hour that clocks show twice only the first time",
          "[appointments][unit]") {
  // In Madrid clocks go from 03:00 to 02:00 at 01:00Z.
  const absl::Time midnight = Utc("2027-10-31T00:00:00Z");
  const TimeRange night{midnight, midnight + absl::Hours(3)};
  const std::vector<SearchPlace> places{
      {.zone = Zone("Europe/Madrid"), .candidates = {Serves(kPractitioner, 1, TimeSet(night))}}};

  const auto openings = FindOpenings(VisitOf(60), places, {.period = night, .grid_minutes = 30});

  REQUIRE(openings.size() == 3);
  CHECK(openings[0].starts_at == midnight);
  CHECK(openings[0].local_start == absl::CivilMinute(2027, 10, 31, 2, 0));
  CHECK(openings[1].starts_at == midnight + absl::Minutes(30));
  CHECK(openings[2].starts_at == midnight + absl::Hours(2));
  CHECK(openings[2].local_start == absl::CivilMinute(2027, 10, 31, 3, 0));
}

TEST_CASE("Who begins in the second of two hours that clocks show alike starts after it",
          "[appointments][unit]") {
  const absl::Time second = Utc("2027-10-31T01:10:00Z");
  const TimeRange night{second, second + absl::Hours(3)};
  const std::vector<SearchPlace> places{
      {.zone = Zone("Europe/Madrid"), .candidates = {Serves(kPractitioner, 1, TimeSet(night))}}};

  const auto openings =
      FindOpenings(VisitOf(60), places, {.period = night, .grid_minutes = 30, .limit = 1});

  REQUIRE(openings.size() == 1);
  CHECK(openings[0].starts_at == Utc("2027-10-31T02:00:00Z"));
  CHECK(openings[0].local_start == absl::CivilMinute(2027, 10, 31, 3, 0));
}

TEST_CASE("Practitioner time and chair time are looked for apart", "[appointments][unit]") {
  // The practitioner treats until 09:10 and from 09:40, which leaves a visit's own part of it.
  const std::vector<SearchPlace> places{
      Place({Serves(kPractitioner, 1, Range(540, 660), Union(Range(540, 550), Range(580, 660))),
             Serves(kAssistant, 2, Range(540, 660), Range(550, 660)),
             Serves(kChair, 3, Range(540, 660))})};
  SlotQuery query = ThatDay();
  query.grid_minutes = 5;

  const auto openings = FindOpenings(ThreePartVisit(), places, query);

  CHECK(StartsOf(openings) == Minutes{540});
  CHECK(NumbersOf(openings[0]) == Numbers{2, 1, 3});
}

TEST_CASE("One resource serves all segments of its kind", "[appointments][unit]") {
  VisitPlan plan{.duration_minutes = 60,
                 .segments = {{.kind = kAssistant, .duration_minutes = 10},
                              {.kind = kAssistant, .offset_minutes = 50, .duration_minutes = 10}}};
  // Assistant 1 is free for the first part only, 2 for the second only.
  const std::vector<SearchPlace> places{
      Place({Serves(kAssistant, 1, Range(540, 550)), Serves(kAssistant, 2, Range(590, 600)),
             Serves(kAssistant, 3, Range(600, 660))})};

  CHECK(StartsOf(FindOpenings(plan, places, ThatDay())) == Minutes{600});
  plan.segments[1].party = 1;
  const auto shared = FindOpenings(plan, places, ThatDay());
  REQUIRE_FALSE(shared.empty());
  CHECK(StartsOf(shared)[0] == 540);
  CHECK(NumbersOf(shared[0]) == Numbers{1, 2});
}

TEST_CASE("Two assistants at once are two assistants", "[appointments][unit]") {
  const VisitPlan plan{.duration_minutes = 15,
                       .segments = {{.kind = kAssistant, .duration_minutes = 15},
                                    {.kind = kAssistant, .duration_minutes = 15, .party = 1}}};
  const auto with = [](std::vector<Candidate> candidates) {
    return std::vector<SearchPlace>{Place(std::move(candidates))};
  };

  CHECK(FindOpenings(plan, with({Serves(kAssistant, 1, Range(540, 570))}), ThatDay()).empty());
  const auto openings = FindOpenings(
      plan, with({Serves(kAssistant, 1, Range(540, 570)), Serves(kAssistant, 2, Range(555, 570))}),
      ThatDay());
  REQUIRE(StartsOf(openings) == Minutes{555});
  CHECK(NumbersOf(openings[0]) == Numbers{1, 2});
}

TEST_CASE("A party gives way to one that only its resource can serve", "[appointments][unit]") {
  VisitPlan plan{.duration_minutes = 15,
                 .segments = {{.kind = kAssistant, .duration_minutes = 15},
                              {.kind = kAssistant, .duration_minutes = 15, .party = 1}}};
  plan.segments[1].fixed = NumberedId(1);
  const std::vector<SearchPlace> places{
      Place({Serves(kAssistant, 1, Range(540, 555)), Serves(kAssistant, 2, Range(540, 555))})};

  const auto openings = FindOpenings(plan, places, ThatDay());

  REQUIRE(openings.size() == 1);
  CHECK(NumbersOf(openings[0]) == Numbers{2, 1});
}

TEST_CASE("Parties give way to one another along a chain", "[appointments][unit]") {
  // The last one takes only 1, the one before it 1 or 2, and so on.
  VisitPlan plan{.duration_minutes = 20};
  for (int i = 0; i < 4; ++i) {
    plan.segments.push_back(
        {.kind = kAssistant, .offset_minutes = 5 * i, .duration_minutes = 5, .party = i});
  }
  const std::vector<SearchPlace> places{
      Place({Serves(kAssistant, 1, Range(540, 560)), Serves(kAssistant, 2, Range(540, 555)),
             Serves(kAssistant, 3, Range(540, 550)), Serves(kAssistant, 4, Range(540, 545))})};

  const auto openings = FindOpenings(plan, places, ThatDay());

  REQUIRE(StartsOf(openings) == Minutes{540});
  CHECK(NumbersOf(openings[0]) == Numbers{4, 3, 2, 1});
}

// A practitioner and so many assistants, each of them somebody else.
VisitPlan VisitWithAssistants(int count) {
  VisitPlan plan = VisitOf(15);
  for (int i = 0; i < count; ++i) {
    plan.segments.push_back({.kind = kAssistant, .duration_minutes = 15, .party = i});
  }
  return plan;
}

TEST_CASE("The search ends where one of twenty parties has nobody", "[appointments][unit]") {
  std::vector<Candidate> candidates{Serves(kPractitioner, 1, Range(0, 1440))};
  for (std::uint8_t i = 0; i < 18; ++i) {
    candidates.push_back(
        Serves(kAssistant, static_cast<std::uint8_t>(i + 2), Range(0, 1440), Range(i, i + 1)));
  }
  const std::vector<SearchPlace> places{Place(std::move(candidates))};

  CHECK(FindOpenings(VisitWithAssistants(19), places, ThatDay()).empty());
  CHECK(StartsOf(FindOpenings(VisitWithAssistants(18), places, ThatDay())).front() == 30);
}

TEST_CASE("The search ends where the last of twenty parties needs whom the first would take",
          "[appointments][unit]") {
  VisitPlan plan = VisitWithAssistants(19);
  plan.segments.back().fixed = NumberedId(2);
  std::vector<Candidate> candidates{Serves(kPractitioner, 1, Range(540, 555))};
  Numbers expected{1};
  for (std::uint8_t number = 2; number <= 20; ++number) {
    candidates.push_back(Serves(kAssistant, number, Range(540, 555)));
    if (number > 2) expected.push_back(number);
  }
  expected.push_back(2);

  const auto openings = FindOpenings(plan, {Place(std::move(candidates))}, ThatDay());

  REQUIRE(openings.size() == 1);
  CHECK(NumbersOf(openings[0]) == expected);
}

TEST_CASE("Only the resource that is asked for is offered", "[appointments][unit]") {
  VisitPlan plan = VisitOf(30);
  const std::vector<SearchPlace> places{Place(
      {Serves(kPractitioner, 1, Range(540, 600)), Serves(kPractitioner, 2, Range(600, 630))})};

  plan.segments[0].fixed = NumberedId(2);
  CHECK(StartsOf(FindOpenings(plan, places, ThatDay())) == Minutes{600});
  plan.segments[0].fixed = NumberedId(3);
  CHECK(FindOpenings(plan, places, ThatDay()).empty());
}

TEST_CASE("The least busy on that day is chosen, the first among equals", "[appointments][unit]") {
  const int day = 24 * 60;
  const std::vector<SearchPlace> places{Place(
      {Serves(kPractitioner, 1, Range(540, 570), Range(600, 700)),
       Serves(kPractitioner, 2, Range(540, 570), Union(Range(600, 660), Range(day, day + 300))),
       Serves(kPractitioner, 3, Range(540, 570), Range(600, 660))})};

  const auto openings = FindOpenings(VisitOf(30), places, ThatDay());

  REQUIRE(openings.size() == 1);
  CHECK(NumbersOf(openings[0]) == Numbers{2});
}

TEST_CASE("The patient's other visits are left free", "[appointments][unit]") {
  const std::vector<SearchPlace> places{Place({Serves(kPractitioner, 1, Range(540, 660))})};
  SlotQuery query = ThatDay();
  query.patient_busy = Range(570, 600);

  CHECK(StartsOf(FindOpenings(VisitOf(30), places, query)) == Minutes{540, 600, 615, 630});
}

TEST_CASE("Openings keep to the period, the notice and the booking window",
          "[appointments][unit]") {
  const std::vector<SearchPlace> places{Place({Serves(kPractitioner, 1, Range(0, 1440))})};
  SlotQuery query{.period = {At(540), At(630)}, .grid_minutes = 30};

  CHECK(StartsOf(FindOpenings(VisitOf(30), places, query)) == Minutes{540, 570, 600});
  query.limits = {.earliest = At(570), .latest = At(600)};
  CHECK(StartsOf(FindOpenings(VisitOf(30), places, query)) == Minutes{570, 600});
  query.limits = {.earliest = At(570) + absl::Microseconds(1),
                  .latest = At(600) - absl::Microseconds(1)};
  CHECK(FindOpenings(VisitOf(30), places, query).empty());
}

TEST_CASE("Openings lie in the hours that the patient likes", "[appointments][unit]") {
  const std::vector<SearchPlace> places{Place({Serves(kPractitioner, 1, Range(0, 3 * 1440))})};
  SlotQuery query{.period = {At(0), At(3 * 1440)}, .grid_minutes = 30};
  query.windows = {{.weekday = 2, .span = Span("09:00", "10:00")},
                   {.weekday = 2, .span = Span("23:30", "00:30")}};

  CHECK(StartsOf(FindOpenings(VisitOf(30), places, query)) ==
        Minutes{1440 + 540, 1440 + 570, 2 * 1440 - 30, 2 * 1440});
  CHECK(StartsOf(FindOpenings(VisitOf(60), places, query)) == Minutes{1440 + 540, 2 * 1440 - 30});
}

TEST_CASE("The n-th free opening is found by skipping those before", "[appointments][unit]") {
  const std::vector<SearchPlace> places{Place({Serves(kPractitioner, 1, Range(540, 615))})};
  SlotQuery query = ThatDay();
  query.skip = 2;
  query.limit = 1;

  CHECK(StartsOf(FindOpenings(VisitOf(30), places, query)) == Minutes{570});
  query.skip = 4;
  CHECK(FindOpenings(VisitOf(30), places, query).empty());
  query.skip = 0;
  query.limit = 0;
  CHECK(FindOpenings(VisitOf(30), places, query).empty());
}

TEST_CASE("Openings of several places come in the order of their starts", "[appointments][unit]") {
  const std::vector<SearchPlace> places{Place({Serves(kPractitioner, 1, Range(570, 615))}),
                                        Place({}),
                                        Place({Serves(kPractitioner, 2, Range(540, 600))})};
  SlotQuery query = ThatDay();

  const auto openings = FindOpenings(VisitOf(30), places, query);

  CHECK(StartsOf(openings) == Minutes{540, 555, 570, 570, 585});
  std::vector<std::size_t> indexes;
  for (const Opening& opening : openings) indexes.push_back(opening.place);
  CHECK(indexes == std::vector<std::size_t>{2, 2, 0, 2, 0});
  CHECK(FindOpenings(VisitOf(30), {}, query).empty());
}

TEST_CASE("A visit without segments needs only the patient", "[appointments][unit]") {
  SlotQuery query{.period = {At(0), At(60)}, .patient_busy = Range(20, 40), .limit = 5};

  CHECK(StartsOf(FindOpenings({.duration_minutes = 5}, {Place({})}, query)) == Minutes{0, 15, 45});
}

}  // namespace
}  // namespace clinicd::appointments
