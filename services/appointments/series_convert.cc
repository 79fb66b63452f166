#include "services/appointments/series_convert.h"

#include <algorithm>

#include "common/rpc/civil.h"
#include "common/rpc/etag.h"
#include "services/appointments/appointment_convert.h"
#include "services/appointments/recurrence_rule.h"

namespace clinicd::appointments {

v1::Series ToProto(const BookedSeries& series) {
  v1::Series proto;
  proto.set_id(series.id.ToString());
  v1::Appointment& appointment = *proto.mutable_appointment();
  appointment.set_patient_id(series.patient_id.ToString());
  appointment.set_practitioner_id(series.plan.practitioner_id.ToString());
  appointment.set_local_start(FormatLocal(series.recurrence.local_start));
  appointment.set_time_zone(series.recurrence.zone.name());
  appointment.set_duration_minutes(series.plan.slot.duration_minutes);
  appointment.set_buffer_before_minutes(series.plan.buffers.before_minutes);
  appointment.set_buffer_after_minutes(series.plan.buffers.after_minutes);
  if (series.visit_type) appointment.set_visit_type_id(series.visit_type->ToString());
  appointment.set_reason(series.reason);
  for (const Allocation& part : series.plan.allocations) {
    *appointment.add_allocations() = ToProto(part);
  }
  proto.set_rule(FormatRule(series.recurrence.rule));
  for (const absl::CivilMinute start : series.recurrence.excluded) {
    proto.add_excluded_starts(FormatLocal(start));
  }
  proto.set_state(series.state == SeriesState::kActive ? v1::Series::STATE_ACTIVE
                                                       : v1::Series::STATE_CANCELLED);
  if (series.continues) proto.set_continues_id(series.continues->ToString());
  *proto.mutable_create_time() = rpc::ToTimestamp(series.created_at);
  proto.set_etag(rpc::Etag(series.row_version));
  return proto;
}

v1::SeriesOccurrence ToProto(const Occurrence& occurrence,
                             const std::vector<TakenOccurrence>& taken) {
  v1::SeriesOccurrence proto;
  proto.set_ordinal(occurrence.ordinal);
  proto.set_local_start(FormatLocal(occurrence.local_start));
  *proto.mutable_start_time() = rpc::ToTimestamp(occurrence.time.starts_at);
  proto.set_shifted_by_gap(occurrence.time.shifted_by_gap);
  const auto found = std::ranges::find(taken, occurrence.ordinal, &TakenOccurrence::ordinal);
  proto.set_available(found == taken.end());
  if (found != taken.end()) proto.set_taken(found->kinds);
  return proto;
}

SeriesScope FromProto(v1::SeriesScope scope) {
  return scope == v1::SERIES_SCOPE_THIS_AND_FOLLOWING ? SeriesScope::kThisAndFollowing
                                                      : SeriesScope::kAllFuture;
}

}  // namespace clinicd::appointments
