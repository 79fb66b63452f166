#include "services/appointments/local_time.h"

namespace clinicd::appointments {

OccurrenceTime OccurrenceAt(absl::CivilMinute local, absl::TimeZone zone) {
  const absl::TimeZone::TimeInfo info = zone.At(absl::CivilSecond(local));
  // `pre` is the first of two instants, and the offset before the gap where there is none.
  return {.starts_at = info.pre,
          .clock_start = absl::CivilMinute(absl::ToCivilSecond(info.pre, zone)),
          .shifted_by_gap = info.kind == absl::TimeZone::TimeInfo::SKIPPED};
}

}  // namespace clinicd::appointments
