// Answers requests for calendar feeds at the front door.
#pragma once

#include "absl/time/time.h"
#include "common/edge/route_table.h"
#include "services/appointments/calendar_feed_reader.h"
#include "services/server/executor.h"

namespace clinicd::server {

// GET and HEAD of what stands below "/calendar/". Unknown, revoked and malformed addresses are
// answered alike, with 404; too many requests at once with 503. Thread-safe.
class CalendarRoute final {
 public:
  // `reader` must outlive it.
  explicit CalendarRoute(const appointments::CalendarFeedReader& reader);
  CalendarRoute(const CalendarRoute&) = delete;
  CalendarRoute& operator=(const CalendarRoute&) = delete;

  // What answers uses this, so that the front door must have stopped before it goes. What is being
  // read then is read to its end.
  void AddTo(edge::RouteTable& routes);

 private:
  const appointments::CalendarFeedReader& reader_;
  ThreadExecutor executor_;
};

}  // namespace clinicd::server
