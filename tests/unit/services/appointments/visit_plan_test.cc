#include "services/appointments/visit_plan.h"

#include <catch2/catch.hpp>

#include "tests/unit/services/appointments/visit_plans.h"

namespace clinicd::appointments {
namespace {

using testing::kAssistant;
using testing::kChair;
using testing::kPractitioner;
using testing::NumberedId;
using testing::Serves;
using testing::ThreePartVisit;
using testing::VisitOf;

absl::Time At(int minute) { return absl::UnixEpoch() + absl::Minutes(minute); }

TimeSet Range(int begin, int end) { return TimeSet(TimeRange{At(begin), At(end)}); }

// Whether a visit may start at `minute` with practitioner 1, and why not.
std::vector<ObstacleKind> Check(const VisitPlan& plan, int minute, const Candidate& practitioner) {
  std::vector<ObstacleKind> kinds;
  for (const Obstacle& obstacle :
       CheckVisit(plan, {At(minute), {NumberedId(1)}}, {practitioner}, {}, {})) {
    kinds.push_back(obstacle.kind);
  }
  return kinds;
}

using Kinds = std::vector<ObstacleKind>;

TEST_CASE("A visit fits into working hours to the minute", "[appointments][unit]") {
  const Candidate practitioner = Serves(kPractitioner, 1, Range(60, 120));

  CHECK(Check(VisitOf(30), 60, practitioner) == Kinds{});
  CHECK(Check(VisitOf(30), 90, practitioner) == Kinds{});
  CHECK(Check(VisitOf(30), 59, practitioner) == Kinds{ObstacleKind::kOutsideHours});
  CHECK(Check(VisitOf(30), 91, practitioner) == Kinds{ObstacleKind::kOutsideHours});
}

TEST_CASE("A visit may begin when another ends and end when another begins",
          "[appointments][unit]") {
  const Candidate practitioner =
      Serves(kPractitioner, 1, Range(0, 200), Union(Range(0, 60), Range(90, 120)));

  CHECK(Check(VisitOf(30), 60, practitioner) == Kinds{});
  CHECK(Check(VisitOf(30), 59, practitioner) == Kinds{ObstacleKind::kBusy});
  CHECK(Check(VisitOf(30), 61, practitioner) == Kinds{ObstacleKind::kBusy});
  CHECK(Check(VisitOf(31), 60, practitioner) == Kinds{ObstacleKind::kBusy});
}

TEST_CASE("Buffers are free time, but need not be working time", "[appointments][unit]") {
  VisitPlan plan = VisitOf(30);
  plan.buffer_before_minutes = 10;
  plan.buffer_after_minutes = 20;

  CHECK(Check(plan, 60, Serves(kPractitioner, 1, Range(60, 90))) == Kinds{});
  CHECK(Check(plan, 60,
              Serves(kPractitioner, 1, Range(0, 200), Union(Range(0, 50), Range(110, 200)))) ==
        Kinds{});
  CHECK(Check(plan, 60, Serves(kPractitioner, 1, Range(0, 200), Range(0, 51))) ==
        Kinds{ObstacleKind::kBusy});
  CHECK(Check(plan, 60, Serves(kPractitioner, 1, Range(0, 200), Range(109, 200))) ==
        Kinds{ObstacleKind::kBusy});
}

TEST_CASE("Buffers lengthen what is occupied at the start and at the end of a visit",
          "[appointments][unit]") {
  VisitPlan plan = ThreePartVisit();
  plan.buffer_before_minutes = 5;
  plan.buffer_after_minutes = 15;

  CHECK(OccupiedBy(plan, plan.segments[0], At(100)) == TimeRange{At(95), At(110)});
  CHECK(OccupiedBy(plan, plan.segments[1], At(100)) == TimeRange{At(110), At(140)});
  CHECK(OccupiedBy(plan, plan.segments[2], At(100)) == TimeRange{At(95), At(165)});
  CHECK(WorkOf(plan.segments[2], At(100)) == TimeRange{At(100), At(150)});
}

TEST_CASE("Each segment is checked on its own resource", "[appointments][unit]") {
  // The practitioner is busy while the assistant prepares, the assistant while they treat.
  const std::vector<Candidate> candidates{
      Serves(kAssistant, 1, Range(0, 200), Range(110, 200)),
      Serves(kPractitioner, 2, Range(0, 200), Union(Range(0, 110), Range(140, 200))),
      Serves(kChair, 3, Range(0, 200), Range(150, 200))};
  const std::vector<Uuid> resources{NumberedId(1), NumberedId(2), NumberedId(3)};

  CHECK(CheckVisit(ThreePartVisit(), {At(100), resources}, candidates, {}, {}).empty());
  const std::vector<Obstacle> late =
      CheckVisit(ThreePartVisit(), {At(101), resources}, candidates, {}, {});
  REQUIRE(late.size() == 3);
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(late[i].kind == ObstacleKind::kBusy);
    CHECK(late[i].segment == i);
    CHECK(late[i].resource == resources[i]);
  }
  CHECK(late[1].range == TimeRange{At(111), At(141)});
}

TEST_CASE("A patient cannot be in two chairs, and needs no buffers", "[appointments][unit]") {
  VisitPlan plan = VisitOf(30);
  plan.buffer_before_minutes = 10;
  plan.buffer_after_minutes = 10;
  const std::vector<Candidate> candidates{Serves(kPractitioner, 1, Range(0, 200))};
  const auto check = [&](int minute) {
    return CheckVisit(plan, {At(minute), {NumberedId(1)}}, candidates,
                      Union(Range(0, 60), Range(90, 120)), {});
  };

  CHECK(check(60).empty());
  REQUIRE(check(59).size() == 1);
  CHECK(check(59)[0].kind == ObstacleKind::kPatientBusy);
  CHECK_FALSE(check(59)[0].segment);
  CHECK(check(61).size() == 1);
}

TEST_CASE("Notice and booking window include their ends", "[appointments][unit]") {
  const std::vector<Candidate> candidates{Serves(kPractitioner, 1, Range(0, 200))};
  const auto kinds = [&](int minute) {
    const auto obstacles = CheckVisit(VisitOf(30), {At(minute), {NumberedId(1)}}, candidates, {},
                                      {.earliest = At(60), .latest = At(90)});
    return obstacles.empty() ? std::nullopt : std::optional(obstacles[0].kind);
  };

  CHECK(kinds(59) == ObstacleKind::kTooSoon);
  CHECK(kinds(60) == std::nullopt);
  CHECK(kinds(90) == std::nullopt);
  CHECK(kinds(91) == ObstacleKind::kTooLate);
}

TEST_CASE("Only who can serve a segment is accepted for it", "[appointments][unit]") {
  VisitPlan plan = VisitOf(30);
  const std::vector<Candidate> candidates{Serves(kPractitioner, 1, Range(0, 200)),
                                          Serves(kPractitioner, 2, Range(0, 200)),
                                          Serves(kChair, 3, Range(0, 200))};
  const auto kinds = [&](const std::vector<Uuid>& resources) {
    Kinds found;
    for (const Obstacle& o : CheckVisit(plan, {At(0), resources}, candidates, {}, {})) {
      found.push_back(o.kind);
    }
    return found;
  };

  CHECK(kinds({NumberedId(1)}) == Kinds{});
  CHECK(kinds({NumberedId(3)}) == Kinds{ObstacleKind::kUnsuitable});
  CHECK(kinds({NumberedId(4)}) == Kinds{ObstacleKind::kUnsuitable});
  CHECK(kinds({}) == Kinds{ObstacleKind::kUnsuitable});
  plan.segments[0].fixed = NumberedId(2);
  CHECK(kinds({NumberedId(1)}) == Kinds{ObstacleKind::kUnsuitable});
  CHECK(kinds({NumberedId(2)}) == Kinds{});
}

TEST_CASE("Two parties are two resources, one party may be in several segments",
          "[appointments][unit]") {
  VisitPlan plan{.duration_minutes = 30,
                 .segments = {{.kind = kAssistant, .duration_minutes = 10},
                              {.kind = kAssistant, .offset_minutes = 20, .duration_minutes = 10}}};
  const std::vector<Candidate> candidates{Serves(kAssistant, 1, Range(0, 200))};
  const PlannedVisit visit{At(0), {NumberedId(1), NumberedId(1)}};

  CHECK(CheckVisit(plan, visit, candidates, {}, {}).empty());
  plan.segments[1].party = 1;
  const std::vector<Obstacle> obstacles = CheckVisit(plan, visit, candidates, {}, {});
  REQUIRE(obstacles.size() == 1);
  CHECK(obstacles[0].kind == ObstacleKind::kTwice);
  CHECK(obstacles[0].segment == 1U);
}

}  // namespace
}  // namespace clinicd::appointments
