#include "services/appointments/calendar_feed_convert.h"

#include "common/rpc/civil.h"

namespace clinicd::appointments {

v1::CalendarFeed ToProto(const CalendarFeed& feed) {
  v1::CalendarFeed proto;
  proto.set_id(feed.id.ToString());
  proto.set_practitioner_id(feed.practitioner.ToString());
  proto.set_show_patient_names(feed.show_patient_names);
  *proto.mutable_create_time() = rpc::ToTimestamp(feed.created_at);
  if (feed.revoked_at) *proto.mutable_revoke_time() = rpc::ToTimestamp(*feed.revoked_at);
  return proto;
}

}  // namespace clinicd::appointments
