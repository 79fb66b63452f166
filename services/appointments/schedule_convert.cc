#include "services/appointments/schedule_convert.h"

#include "absl/strings/str_format.h"
#include "common/rpc/civil.h"
#include "services/appointments/appointment_convert.h"
#include "services/appointments/resource_convert.h"

namespace clinicd::appointments {
namespace {

constexpr std::int32_t kMinutesPerHour = 60;

v1::ScheduleOwner::Kind ToProto(OwnerKind kind) {
  switch (kind) {
    case OwnerKind::kClinic:
      return v1::ScheduleOwner::KIND_CLINIC;
    case OwnerKind::kLocation:
      return v1::ScheduleOwner::KIND_LOCATION;
    case OwnerKind::kPractitioner:
      return v1::ScheduleOwner::KIND_PRACTITIONER;
    case OwnerKind::kResource:
      return v1::ScheduleOwner::KIND_RESOURCE;
  }
  return v1::ScheduleOwner::KIND_UNSPECIFIED;
}

OwnerKind FromProto(v1::ScheduleOwner::Kind kind) {
  switch (kind) {
    case v1::ScheduleOwner::KIND_LOCATION:
      return OwnerKind::kLocation;
    case v1::ScheduleOwner::KIND_PRACTITIONER:
      return OwnerKind::kPractitioner;
    case v1::ScheduleOwner::KIND_RESOURCE:
      return OwnerKind::kResource;
    default:
      return OwnerKind::kClinic;
  }
}

v1::ScheduleException::Kind ToProto(ExceptionKind kind) {
  switch (kind) {
    case ExceptionKind::kClosed:
      return v1::ScheduleException::KIND_CLOSED;
    case ExceptionKind::kExtra:
      return v1::ScheduleException::KIND_EXTRA;
    case ExceptionKind::kChanged:
      return v1::ScheduleException::KIND_CHANGED;
  }
  return v1::ScheduleException::KIND_UNSPECIFIED;
}

// Of a practitioner; that of other owners follows from the owner.
std::string SiteText(const ScheduleOwner& owner, SiteId site) {
  return owner.kind == OwnerKind::kPractitioner && !site.is_nil() ? site.ToString() : "";
}

v1::WeeklyHours ToProto(const OwnedHours& owned) {
  v1::WeeklyHours proto;
  proto.set_location_id(SiteText(owned.owner, owned.site));
  proto.set_weekday(owned.hours.weekday);
  proto.set_local_from(FormatClock(owned.hours.span.from_minute));
  proto.set_local_to(FormatClock(owned.hours.span.to_minute));
  if (owned.hours.valid_from) {
    *proto.mutable_valid_from_date() = rpc::ToDate(*owned.hours.valid_from);
  }
  if (owned.hours.valid_to) {
    *proto.mutable_valid_until_date() = rpc::ToDate(*owned.hours.valid_to);
  }
  return proto;
}

}  // namespace

std::string FormatClock(std::int32_t minute) {
  return absl::StrFormat("%02d:%02d", minute / kMinutesPerHour, minute % kMinutesPerHour);
}

v1::ScheduleOwner ToProto(const ScheduleOwner& owner) {
  v1::ScheduleOwner proto;
  proto.set_kind(ToProto(owner.kind));
  if (!owner.id.is_nil()) proto.set_id(owner.id.ToString());
  return proto;
}

ScheduleOwner FromProto(const v1::ScheduleOwner& proto) {
  return {.kind = FromProto(proto.kind()), .id = Uuid::Parse(proto.id()).value_or(Uuid())};
}

ExceptionKind FromProto(v1::ScheduleException::Kind kind) {
  switch (kind) {
    case v1::ScheduleException::KIND_EXTRA:
      return ExceptionKind::kExtra;
    case v1::ScheduleException::KIND_CHANGED:
      return ExceptionKind::kChanged;
    default:
      return ExceptionKind::kClosed;
  }
}

v1::WorkingHours ToProto(const ScheduleOwner& owner, const std::vector<OwnedHours>& hours,
                         const std::string& etag) {
  v1::WorkingHours proto;
  *proto.mutable_owner() = ToProto(owner);
  for (const OwnedHours& owned : hours) *proto.add_hours() = ToProto(owned);
  proto.set_etag(etag);
  return proto;
}

v1::ScheduleException ToProto(const ScheduleException& exception) {
  const HoursException& hours = exception.exception;
  v1::ScheduleException proto;
  proto.set_id(exception.id.ToString());
  *proto.mutable_owner() = ToProto(exception.owner);
  proto.set_location_id(SiteText(exception.owner, exception.site));
  proto.set_kind(ToProto(hours.kind));
  *proto.mutable_first_date() = rpc::ToDate(hours.first_day);
  *proto.mutable_last_date() = rpc::ToDate(hours.last_day);
  if (hours.span) {
    proto.set_local_from(FormatClock(hours.span->from_minute));
    proto.set_local_to(FormatClock(hours.span->to_minute));
  }
  proto.set_reason(hours.reason);
  *proto.mutable_create_time() = rpc::ToTimestamp(exception.created_at);
  return proto;
}

v1::Opening ToProto(const OfferedOpening& offered) {
  v1::Opening proto;
  *proto.mutable_start_time() = rpc::ToTimestamp(offered.opening.starts_at);
  proto.set_local_start(FormatLocal(offered.opening.local_start));
  proto.set_time_zone(offered.site.zone.name());
  if (!offered.site.id.is_nil()) proto.set_location_id(offered.site.id.ToString());
  v1::Appointment& appointment = *proto.mutable_appointment();
  appointment.set_patient_id(offered.patient_id);
  appointment.set_visit_type_id(offered.visit_type_id);
  appointment.set_local_start(FormatLocal(offered.local_start));
  appointment.set_duration_minutes(offered.visit.duration_minutes);
  appointment.set_buffer_before_minutes(offered.visit.buffer_before_minutes);
  appointment.set_buffer_after_minutes(offered.visit.buffer_after_minutes);
  for (std::size_t i = 0; i < offered.visit.segments.size(); ++i) {
    const PlanSegment& segment = offered.visit.segments[i];
    v1::Allocation& part = *appointment.add_allocations();
    part.set_kind(ToProto(segment.kind));
    part.set_resource_id(offered.opening.resources[i].ToString());
    part.set_offset_minutes(segment.offset_minutes);
    part.set_duration_minutes(segment.duration_minutes);
    const bool first =
        segment.kind == ResourceKind::kPractitioner && appointment.practitioner_id().empty();
    if (first) appointment.set_practitioner_id(part.resource_id());
  }
  return proto;
}

}  // namespace clinicd::appointments
