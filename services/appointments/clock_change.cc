#include "services/appointments/clock_change.h"

#include <algorithm>
#include <iterator>
#include <tuple>

#include "services/appointments/appointment_rules.h"

namespace clinicd::appointments {

std::optional<OccurrenceTime> DeriveAnew(const Slot& slot, absl::TimeZone zone, absl::Time now) {
  const OccurrenceTime time = OccurrenceAt(slot.local_start, zone);
  if (time.starts_at == slot.starts_at && time.clock_start == slot.local_start) {
    return std::nullopt;
  }
  // What is over by one of them may well be to come by the other.
  if (std::max(time.starts_at, slot.starts_at) <= now) return std::nullopt;
  return time;
}

Slot MovedSlot(const Slot& slot, const OccurrenceTime& time) {
  Slot moved = slot;
  moved.local_start = time.clock_start;
  moved.starts_at = time.starts_at;
  moved.ends_at = time.starts_at + absl::Minutes(slot.duration_minutes);
  return moved;
}

void SortForMoving(std::vector<ClockChange>& changes) {
  const auto middle = std::ranges::partition(changes, &ClockChange::later).begin();
  const auto order = [](const ClockChange& change) {
    return std::tuple(change.filed.slot.starts_at, change.filed.holder);
  };
  std::ranges::sort(changes.begin(), middle, std::ranges::greater(), order);
  std::ranges::sort(middle, changes.end(), std::ranges::less(), order);
}

std::vector<absl::CivilDay> DaysOf(const std::vector<ClockChange>& changes) {
  std::vector<absl::CivilDay> days;
  for (const ClockChange& change : changes) {
    Plan plan{.slot = change.filed.slot, .buffers = change.filed.buffers};
    std::ranges::copy(DaysOf(plan), std::back_inserter(days));
    plan.slot = MovedSlot(change.filed.slot, change.time);
    std::ranges::copy(DaysOf(plan), std::back_inserter(days));
  }
  return days;
}

}  // namespace clinicd::appointments
