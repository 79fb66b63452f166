#include "services/appointments/calendar_feed_errors.h"

#include "common/status/error.h"

namespace clinicd::appointments {

absl::Status CalendarFeedNotFound() {
  return status::Error(absl::StatusCode::kNotFound, status::ErrorReason::CALENDAR_FEED_NOT_FOUND,
                       "The clinic has no such calendar feed.");
}

}  // namespace clinicd::appointments
