// What a visit needs, and when in it; who could give it; whether they can at a given start.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "absl/time/time.h"
#include "common/base/uuid.h"
#include "services/appointments/time_set.h"

namespace clinicd::appointments {

// resource.h has the kinds; here it only matters whether two are the same.
enum class ResourceKind;

// A part of a visit in which it occupies one resource of a kind.
struct PlanSegment {
  ResourceKind kind = {};
  // From the start of the visit.
  std::int32_t offset_minutes = 0;
  // Positive.
  std::int32_t duration_minutes = 0;
  // Segments of one kind and party are served by the same resource, those of different parties by
  // different ones: a visit with two assistants has parties 0 and 1 of them.
  std::int32_t party = 0;
  // Who or what it has to be, for all of its party. Where segments of a party name several,
  // nothing fits.
  std::optional<Uuid> fixed = {};
};

struct VisitPlan {
  // Of what the patient sees.
  std::int32_t duration_minutes = 0;
  // For how long nobody else may use what is occupied: before, what is occupied at the start of
  // the visit; after, what is occupied at its end. Buffers need not lie in working hours.
  std::int32_t buffer_before_minutes = 0;
  std::int32_t buffer_after_minutes = 0;
  std::vector<PlanSegment> segments = {};
};

// When the segment works, and when it occupies what serves it: with the buffers.
TimeRange WorkOf(const PlanSegment& segment, absl::Time start);
TimeRange OccupiedBy(const VisitPlan& plan, const PlanSegment& segment, absl::Time start);

// Who or what could serve a segment at a location. A practitioner or another resource, known by
// its id.
struct Candidate {
  ResourceKind kind = {};
  Uuid id = {};
  TimeSet working = {};
  // By other visits and blocks, with the buffers of those. At all locations, for somebody who
  // works at several.
  TimeSet busy = {};
};

// Between which instants visits may start, both included: notice and booking window.
struct StartLimits {
  absl::Time earliest = absl::InfinitePast();
  absl::Time latest = absl::InfiniteFuture();
};

enum class ObstacleKind {
  // The start is before `earliest`, after `latest`.
  kTooSoon,
  kTooLate,
  // The patient has another visit.
  kPatientBusy,
  // The resource does not serve here, or is of another kind, or not the one that the plan names.
  kUnsuitable,
  // The resource serves another party of the same visit.
  kTwice,
  kOutsideHours,
  kBusy,
};

// Why a visit cannot start at some time.
struct Obstacle {
  ObstacleKind kind = ObstacleKind::kBusy;
  // Index into the segments; absent for the first three kinds.
  std::optional<std::size_t> segment = {};
  // What was to serve the segment; nil where there is none.
  Uuid resource = {};
  // What had to be working or free. WorkingCalendar::WhyClosed() tells more of hours.
  TimeRange range = {};
};

// What is to be checked: a start, and who or what serves each segment, in their order.
struct PlannedVisit {
  absl::Time start = {};
  std::vector<Uuid> resources = {};
};

// All that speaks against the visit, in the order of the kinds and of the segments; nothing if it
// can be. Every booking asks it, and what FindOpenings() offers passes it.
// `patient_busy` holds the patient's other visits, without buffers.
std::vector<Obstacle> CheckVisit(const VisitPlan& plan, const PlannedVisit& visit,
                                 const std::vector<Candidate>& candidates,
                                 const TimeSet& patient_busy, const StartLimits& limits);

}  // namespace clinicd::appointments
