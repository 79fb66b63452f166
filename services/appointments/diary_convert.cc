#include "services/appointments/diary_convert.h"

#include <string>

#include "common/rpc/civil.h"
#include "services/appointments/appointment_convert.h"

namespace clinicd::appointments {
namespace {

// The main site has no id in the API.
std::string TextOf(SiteId site) { return site.is_nil() ? "" : site.ToString(); }

v1::DiarySpan ToProto(const DiarySpan& span) {
  v1::DiarySpan proto;
  *proto.mutable_start_time() = rpc::ToTimestamp(span.range.begin);
  *proto.mutable_end_time() = rpc::ToTimestamp(span.range.end);
  proto.set_location_id(TextOf(span.site));
  return proto;
}

v1::DiaryBlock ToProto(const DiaryBlock& block) {
  v1::DiaryBlock proto;
  *proto.mutable_start_time() = rpc::ToTimestamp(block.range.begin);
  *proto.mutable_end_time() = rpc::ToTimestamp(block.range.end);
  if (block.hold.is_nil()) {
    proto.set_kind(v1::DiaryBlock::KIND_CLOSED);
    proto.set_reason(block.reason);
    proto.set_exception_id(block.exception.ToString());
  } else {
    proto.set_kind(v1::DiaryBlock::KIND_HOLD);
    proto.set_hold_id(block.hold.ToString());
    proto.set_user_id(block.member.ToString());
    *proto.mutable_expire_time() = rpc::ToTimestamp(block.expires_at);
  }
  return proto;
}

v1::DiaryPlacement ToProto(const DiaryPlacement& placement) {
  v1::DiaryPlacement proto;
  proto.set_appointment_id(placement.appointment.ToString());
  *proto.mutable_start_time() = rpc::ToTimestamp(placement.range.begin);
  *proto.mutable_end_time() = rpc::ToTimestamp(placement.range.end);
  *proto.mutable_taken_start_time() = rpc::ToTimestamp(placement.taken.begin);
  *proto.mutable_taken_end_time() = rpc::ToTimestamp(placement.taken.end);
  return proto;
}

v1::DiaryColumn ToProto(const DiaryColumn& column, DiaryGrouping grouping) {
  v1::DiaryColumn proto;
  if (!column.head.id.is_nil()) proto.set_id(column.head.id.ToString());
  proto.set_name(column.head.name);
  proto.set_color(column.head.color);
  if (grouping == DiaryGrouping::kChair) proto.set_location_id(TextOf(column.head.site));
  proto.set_active(column.head.active);
  for (const DiarySpan& span : column.working) *proto.add_working() = ToProto(span);
  for (const DiarySpan& span : column.free) *proto.add_free() = ToProto(span);
  for (const DiaryBlock& block : column.blocks) *proto.add_blocks() = ToProto(block);
  for (const DiaryPlacement& placed : column.placements) *proto.add_placements() = ToProto(placed);
  return proto;
}

// What visits and waiting patients have in common.
template <typename Proto>
void SetVisit(const Visit& visit, SiteId site, Proto& proto) {
  *proto.mutable_appointment() = ToProto(visit.appointment);
  *proto.mutable_patient_birth_date() = rpc::ToDate(visit.patient_born_on);
  proto.set_patient_alert(visit.patient_alert);
  proto.set_visit_type_name(visit.visit_type_name);
  proto.set_visit_type_color(visit.visit_type_color);
  proto.set_location_id(TextOf(site));
}

}  // namespace

v1::Diary ToProto(const DiaryPage& page, const DiaryMaterial& material, const DiaryQuery& query,
                  absl::Time now) {
  v1::Diary proto;
  *proto.mutable_first_date() = rpc::ToDate(query.days.first_day);
  *proto.mutable_last_date() = rpc::ToDate(query.days.last_day);
  proto.set_time_zone(query.zone.name());
  *proto.mutable_start_time() = rpc::ToTimestamp(query.range.begin);
  *proto.mutable_end_time() = rpc::ToTimestamp(query.range.end);
  *proto.mutable_as_of_time() = rpc::ToTimestamp(now);
  for (const DiaryColumn& column : page.columns) {
    *proto.add_columns() = ToProto(column, query.grouping);
  }
  for (const SitedVisit& sited : page.visits) {
    SetVisit(material.visits[sited.visit], sited.site, *proto.add_visits());
  }
  return proto;
}

v1::WaitingPatient ToProto(const Visit& visit, SiteId site, const Waiting& waiting) {
  v1::WaitingPatient proto;
  SetVisit(visit, site, proto);
  proto.set_waiting_minutes(waiting.waiting_minutes);
  proto.set_in_chair_minutes(waiting.in_chair_minutes);
  proto.set_arrived_late(waiting.arrived_late);
  proto.set_kept_waiting(waiting.kept_waiting);
  return proto;
}

}  // namespace clinicd::appointments
