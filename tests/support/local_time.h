// Local times for tests that stand around the present and must not meet midnight or a change of
// the clocks, whenever they run.
#pragma once

#include <string>

#include "absl/time/time.h"

namespace clinicd::testing {

// A zone without summer time whose clock shows that hour at `time`.
std::string ZoneWhereItIs(int hour, absl::Time time);

// What the clock in the zone of that name shows then, as appointments take it.
std::string LocalAt(absl::Time time, const std::string& zone_name);

// A zone without summer time where it was noon when this was first called.
const std::string& NoonZone();

// What the clock in NoonZone() shows `from_now` later than now.
std::string NoonTime(absl::Duration from_now);

}  // namespace clinicd::testing
