// Who takes what from when to when, reckoned from what everybody was told alone.
#pragma once

#include <string>
#include <vector>

#include "tests/support/desk_calls.h"
#include "tests/support/visit_stories.h"

namespace clinicd::testing {

// The lane that `part` of a visit of `lane` is in.
int LaneOf(const DeskPart& part, int lane);

// What is wrong with the times of `calls`: two who are live at once on a resource and lane, holds
// included; a change when it may not be; a hold used by others or after its end; a lane skipped, or
// a call refused, for nothing that can have been.
std::vector<std::string> FaultsInTime(const std::vector<DeskCall>& calls,
                                      const VisitStories& stories);

}  // namespace clinicd::testing
