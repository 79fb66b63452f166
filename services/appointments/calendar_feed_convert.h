// Calendar feeds between the area and its API.
#pragma once

#include "clinicd/appointments/v1/calendar_feed_service.pb.h"
#include "services/appointments/calendar_feed.h"

namespace clinicd::appointments {

v1::CalendarFeed ToProto(const CalendarFeed& feed);

}  // namespace clinicd::appointments
