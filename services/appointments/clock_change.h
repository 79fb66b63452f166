// What becomes of visits when the rules of a time zone change: they stay at their local time, which
// is another instant then.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/base/uuid.h"
#include "services/appointments/appointment.h"
#include "services/appointments/local_time.h"

namespace clinicd::appointments {

// A visit or a hold, as far as its time goes.
struct FiledTime {
  // The appointment or the hold.
  Uuid holder = {};
  // 0 for a hold, which has none.
  std::int64_t row_version = 0;
  Slot slot = {};
  Buffers buffers = {};
};

// One that is elsewhere by the rules of today.
struct ClockChange {
  FiledTime filed = {};
  // As for an occurrence of a series, because nobody is there to be asked.
  OccurrenceTime time = {};

  bool later() const { return time.starts_at > filed.slot.starts_at; }
};

// When `slot` is by the rules of `zone`; nullopt where that is when it is filed, at a local time
// that exists, or where both are over at `now`.
std::optional<OccurrenceTime> DeriveAnew(const Slot& slot, absl::TimeZone zone, absl::Time now);

// `slot` at its time by other rules.
Slot MovedSlot(const Slot& slot, const OccurrenceTime& time);

// Puts `changes` into an order in which neighbours do not stand in each other's way: of those that
// become later the last one first, of the others the first one.
void SortForMoving(std::vector<ClockChange>& changes);

// The days in UTC that `changes` take time of, before and after, with repetitions.
std::vector<absl::CivilDay> DaysOf(const std::vector<ClockChange>& changes);

}  // namespace clinicd::appointments
