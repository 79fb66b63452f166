// Every error of calendar feeds.
#pragma once

#include "absl/status/status.h"

namespace clinicd::appointments {

// NOT_FOUND, CALENDAR_FEED_NOT_FOUND.
absl::Status CalendarFeedNotFound();

}  // namespace clinicd::appointments
