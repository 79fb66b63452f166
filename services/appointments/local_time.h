// What a time on the clock of a time zone means as an instant. Somebody who chooses a time is asked
// to choose another one where clocks jump over it: SlotAt() in appointment_rules.h. An occurrence
// of a series has nobody to ask.
#pragma once

#include "absl/time/civil_time.h"
#include "absl/time/time.h"

namespace clinicd::appointments {

struct OccurrenceTime {
  absl::Time starts_at = {};
  // What the clock shows at that instant, without the seconds that clocks of the past jumped by.
  // A slot of an appointment holds this one, because it exists.
  absl::CivilMinute clock_start = {};
  // Whether clocks jump over the local time, so that `clock_start` is later than it.
  bool shifted_by_gap = false;
};

// When an occurrence at `local` in `zone` is (RFC 5545, 3.3.5). A local time that occurs twice
// means the first one. One that does not exist is read with the offset before the gap, which makes
// it later by the length of the gap.
OccurrenceTime OccurrenceAt(absl::CivilMinute local, absl::TimeZone zone);

}  // namespace clinicd::appointments
