#include "services/appointments/visit_type_convert.h"

#include "common/rpc/civil.h"
#include "common/rpc/etag.h"
#include "services/appointments/resource_convert.h"
#include "services/appointments/visit_type_rules.h"

namespace clinicd::appointments {

v1::VisitType ToProto(const VisitType& visit_type) {
  v1::VisitType proto;
  proto.set_id(visit_type.id.ToString());
  proto.set_name(visit_type.name);
  proto.set_description(visit_type.description);
  proto.set_color(visit_type.color);
  for (const Segment& segment : visit_type.segments) {
    v1::VisitTypeSegment& added = *proto.add_segments();
    added.set_resource_kind(ToProto(segment.resource_kind));
    added.set_offset_minutes(segment.offset_minutes);
    added.set_duration_minutes(segment.duration_minutes);
  }
  proto.set_buffer_before_minutes(visit_type.buffer_before_minutes);
  proto.set_buffer_after_minutes(visit_type.buffer_after_minutes);
  proto.set_online_bookable(visit_type.online_bookable);
  proto.set_min_notice_minutes(visit_type.min_notice_minutes);
  proto.set_booking_window_days(visit_type.booking_window_days);
  proto.set_cancel_cutoff_minutes(visit_type.cancel_cutoff_minutes);
  proto.set_active(visit_type.active);
  proto.set_external_id(visit_type.external_id);
  proto.set_duration_minutes(DurationMinutes(visit_type.segments));
  *proto.mutable_create_time() = rpc::ToTimestamp(visit_type.created_at);
  proto.set_etag(rpc::Etag(visit_type.row_version));
  return proto;
}

VisitType FromProto(const v1::VisitType& proto) {
  VisitType visit_type;
  visit_type.name = proto.name();
  visit_type.description = proto.description();
  visit_type.color = proto.color();
  for (const v1::VisitTypeSegment& segment : proto.segments()) {
    visit_type.segments.push_back({.resource_kind = FromProto(segment.resource_kind()),
                                   .offset_minutes = segment.offset_minutes(),
                                   .duration_minutes = segment.duration_minutes()});
  }
  visit_type.buffer_before_minutes = proto.buffer_before_minutes();
  visit_type.buffer_after_minutes = proto.buffer_after_minutes();
  visit_type.online_bookable = proto.online_bookable();
  visit_type.min_notice_minutes = proto.min_notice_minutes();
  visit_type.booking_window_days = proto.booking_window_days();
  visit_type.cancel_cutoff_minutes = proto.cancel_cutoff_minutes();
  visit_type.active = proto.active();
  visit_type.external_id = proto.external_id();
  return visit_type;
}

}  // namespace clinicd::appointments
