// Finds when a visit could be, for the desk, for patients and for partners alike.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/base/uuid.h"
#include "services/appointments/clock_hours.h"
#include "services/appointments/time_set.h"
#include "services/appointments/visit_plan.h"

namespace clinicd::appointments {

// A place to search, on the clock of which its slots start.
struct SearchPlace {
  absl::TimeZone zone = {};
  // Each resource once. Their sets reach as far as a visit that starts in the period does.
  std::vector<Candidate> candidates = {};
};

struct SlotQuery {
  // Of the starts, and narrower where there is notice or a booking window.
  TimeRange period = {};
  StartLimits limits = {};
  // When the patient likes to come: the whole visit, without buffers, lies in one of them. At any
  // time where there are none. On the clock of each place.
  std::vector<WeeklyHours> windows = {};
  // Minutes between starts, counted from midnight on the local clock, 1 to 1440.
  std::int32_t grid_minutes = 15;
  // The patient's other visits, without buffers.
  TimeSet patient_busy = {};
  // How many to leave out, and how many to find after those: the n-th free one is skip n - 1,
  // limit 1.
  std::size_t skip = 0;
  std::size_t limit = 20;
};

// When a visit could be, and with whom.
struct Opening {
  absl::Time starts_at = {};
  // What the clock of the place shows then.
  absl::CivilMinute local_start = {};
  // Index into the places.
  std::size_t place = 0;
  // For each segment.
  std::vector<Uuid> resources = {};
};

// The openings for `plan`, by start and then by place; one for a start at a place. Of those who
// could serve, it names who is the least busy on that day of the place, the first of the
// candidates among equals; parties choose in the order in which the plan mentions them. The same
// question has the same answer.
//
// A local time that clocks skip is no start. Of one that they show twice only the first is, because
// that is what the local time of an appointment means.
//
// Takes time in proportion to the hours and bookings of the candidates, and to the starts on the
// grid at which each kind has somebody free, up to the limit. At one start it grows with a power of
// how many parties there are, and not with the ways to combine them.
std::vector<Opening> FindOpenings(const VisitPlan& plan, const std::vector<SearchPlace>& places,
                                  const SlotQuery& query);

}  // namespace clinicd::appointments
