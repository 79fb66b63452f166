#include "services/appointments/visit_plan.h"

#include <algorithm>

namespace clinicd::appointments {
namespace {

// The candidate that may serve `segment` as `id`; null if there is none.
const Candidate* FindSuitable(const PlanSegment& segment, const Uuid& id,
                              const std::vector<Candidate>& candidates) {
  if (segment.fixed && *segment.fixed != id) return nullptr;
  const auto found =
      std::find_if(candidates.begin(), candidates.end(), [&](const Candidate& candidate) {
        return candidate.kind == segment.kind && candidate.id == id;
      });
  return found == candidates.end() ? nullptr : &*found;
}

// Whether an earlier segment of another party has the resource of segment `index`.
bool ServesTwice(const VisitPlan& plan, const PlannedVisit& visit, std::size_t index) {
  for (std::size_t i = 0; i < index && i < visit.resources.size(); ++i) {
    const bool same_party = plan.segments[i].kind == plan.segments[index].kind &&
                            plan.segments[i].party == plan.segments[index].party;
    if (!same_party && visit.resources[i] == visit.resources[index]) return true;
  }
  return false;
}

std::optional<Obstacle> CheckSegment(const VisitPlan& plan, const PlannedVisit& visit,
                                     std::size_t index, const std::vector<Candidate>& candidates) {
  const PlanSegment& segment = plan.segments[index];
  const TimeRange work = WorkOf(segment, visit.start);
  const TimeRange occupied = OccupiedBy(plan, segment, visit.start);
  if (index >= visit.resources.size()) {
    return Obstacle{.kind = ObstacleKind::kUnsuitable, .segment = index, .range = work};
  }
  const Uuid& id = visit.resources[index];
  const Candidate* const candidate = FindSuitable(segment, id, candidates);
  if (candidate == nullptr) return Obstacle{ObstacleKind::kUnsuitable, index, id, work};
  if (ServesTwice(plan, visit, index)) return Obstacle{ObstacleKind::kTwice, index, id, occupied};
  if (!candidate->working.Contains(work)) {
    return Obstacle{ObstacleKind::kOutsideHours, index, id, work};
  }
  if (candidate->busy.Overlaps(occupied)) {
    return Obstacle{ObstacleKind::kBusy, index, id, occupied};
  }
  return std::nullopt;
}

}  // namespace

TimeRange WorkOf(const PlanSegment& segment, absl::Time start) {
  const absl::Time begin = start + absl::Minutes(segment.offset_minutes);
  return {begin, begin + absl::Minutes(segment.duration_minutes)};
}

TimeRange OccupiedBy(const VisitPlan& plan, const PlanSegment& segment, absl::Time start) {
  TimeRange range = WorkOf(segment, start);
  if (segment.offset_minutes == 0) range.begin -= absl::Minutes(plan.buffer_before_minutes);
  if (segment.offset_minutes + segment.duration_minutes == plan.duration_minutes) {
    range.end += absl::Minutes(plan.buffer_after_minutes);
  }
  return range;
}

std::vector<Obstacle> CheckVisit(const VisitPlan& plan, const PlannedVisit& visit,
                                 const std::vector<Candidate>& candidates,
                                 const TimeSet& patient_busy, const StartLimits& limits) {
  std::vector<Obstacle> obstacles;
  const TimeRange seen{visit.start, visit.start + absl::Minutes(plan.duration_minutes)};
  if (visit.start < limits.earliest) {
    obstacles.push_back({.kind = ObstacleKind::kTooSoon, .range = seen});
  }
  if (visit.start > limits.latest) {
    obstacles.push_back({.kind = ObstacleKind::kTooLate, .range = seen});
  }
  if (patient_busy.Overlaps(seen)) {
    obstacles.push_back({.kind = ObstacleKind::kPatientBusy, .range = seen});
  }
  for (std::size_t i = 0; i < plan.segments.size(); ++i) {
    const std::optional<Obstacle> obstacle = CheckSegment(plan, visit, i, candidates);
    if (obstacle) obstacles.push_back(*obstacle);
  }
  return obstacles;
}

}  // namespace clinicd::appointments
