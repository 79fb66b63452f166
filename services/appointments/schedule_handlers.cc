#include "services/appointments/schedule_handlers.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/civil_time.h"
#include "common/auth/paging.h"
#include "common/base/try.h"
#include "common/rpc/etag.h"
#include "services/appointments/schedule_convert.h"
#include "services/appointments/schedule_errors.h"
#include "services/appointments/schedule_rules.h"
#include "services/appointments/visit_type_errors.h"

namespace clinicd::appointments {
namespace {

constexpr char kHours[] = "working_hours";
constexpr char kException[] = "schedule_exception";
constexpr char kAppointment[] = "appointment";
constexpr std::int32_t kPageSizeDefault = 50;
constexpr std::int32_t kPageSizeMax = 200;

auth::PageKey KeyOf(const ScheduleException& exception) {
  return {absl::FormatCivilTime(exception.exception.first_day), exception.id.ToString()};
}

absl::StatusOr<ScheduleStore::Position> PositionOf(const auth::PageKey& key) {
  ScheduleStore::Position position;
  if (key.empty()) return position;
  const std::optional<Uuid> id = Uuid::Parse(key[1]);
  if (!id || !absl::ParseCivilTime(key[0], &position.first_day)) return auth::PageTokenInvalid();
  position.id = *id;
  return position;
}

// The instants of `days` in `zone`, and those that clocks of other sites have at those days.
TimeRange Around(const DayPeriod& days, absl::TimeZone zone) {
  return {absl::FromCivil(days.first_day - 1, zone), absl::FromCivil(days.last_day + 3, zone)};
}

SlotQuery QueryOf(const SlotSearch& search, const std::optional<VisitType>& visit_type,
                  const std::vector<Occupied>& occupied, const rpc::Call& call) {
  SlotQuery query{.period = {absl::FromCivil(search.days.first_day, call.time_zone()),
                             absl::FromCivil(search.days.last_day + 1, call.time_zone())},
                  .limits = {.earliest = call.now()},
                  .windows = search.windows,
                  .grid_minutes = search.grid_minutes,
                  .skip = search.skip,
                  .limit = search.limit};
  if (search.online_rules && visit_type) {
    query.limits = OnlineLimits(*visit_type, call.now());
  }
  if (search.patient) query.patient_busy = BusyTime(occupied, search.patient->uuid());
  return query;
}

// Those openings that a booking on the clinic's clock can mean.
v1::FindSlotsResponse Offered(const std::vector<Opening>& openings, const VisitPlan& visit,
                              const std::vector<Site>& sites, const SlotSearch& search,
                              absl::TimeZone zone) {
  v1::FindSlotsResponse response;
  for (const Opening& opening : openings) {
    const std::optional<absl::CivilMinute> local = BookableLocal(opening.starts_at, zone);
    if (!local) continue;
    *response.add_openings() =
        ToProto({.visit = visit,
                 .opening = opening,
                 .site = sites[opening.place],
                 .local_start = *local,
                 .patient_id = search.patient ? search.patient->ToString() : "",
                 .visit_type_id = search.visit_type ? search.visit_type->ToString() : ""});
  }
  return response;
}

}  // namespace

absl::StatusOr<v1::WorkingHours> ScheduleHandlers::GetWorkingHours(
    const v1::GetWorkingHoursRequest& request, rpc::Call& call) const {
  CLINICD_ASSIGN_OR_RETURN(const ScheduleOwner owner, ParseHoursOwner(request.owner()));
  CLINICD_ASSIGN_OR_RETURN(const ScheduleStore::HoursSet set,
                           schedules_.FindHours(call.last_tx(), owner));
  return ToProto(owner, set.hours, set.etag);
}

absl::StatusOr<v1::WorkingHours> ScheduleHandlers::SetWorkingHours(
    const v1::SetWorkingHoursRequest& request, rpc::Call& call) const {
  call.AuditChange(kHours, FromProto(request.owner()).id, nullptr, nullptr);
  CLINICD_ASSIGN_OR_RETURN(const ScheduleOwner owner, ParseHoursOwner(request.owner()));
  CLINICD_ASSIGN_OR_RETURN(std::vector<OwnedHours> hours, ParseHours(request));
  schedules_.LockHours(call.tx(), owner);
  CLINICD_ASSIGN_OR_RETURN(const ScheduleStore::HoursSet before,
                           schedules_.FindHours(call.tx(), owner));
  if (before.etag != request.etag()) return rpc::EtagMismatch();
  ScheduleStore::NewHours wanted{
      .hours = std::move(hours), .created_by = call.user_id(), .now = call.now()};
  for (std::size_t i = 0; i < wanted.hours.size(); ++i) wanted.ids.push_back(call.NewUuid());
  CLINICD_ASSIGN_OR_RETURN(const ScheduleStore::HoursSet after,
                           schedules_.ReplaceHours(call.tx(), owner, wanted));
  const v1::WorkingHours before_proto = ToProto(owner, before.hours, before.etag);
  v1::WorkingHours after_proto = ToProto(owner, after.hours, after.etag);
  call.AuditChange(kHours, owner.id, &before_proto, &after_proto);
  return after_proto;
}

absl::StatusOr<v1::ListScheduleExceptionsResponse> ScheduleHandlers::ListScheduleExceptions(
    const v1::ListScheduleExceptionsRequest& request, rpc::Call& call) const {
  CLINICD_ASSIGN_OR_RETURN(const ExceptionFilter filter, ParseFilter(request));
  const rpc::CallInfo& info = call.info();
  const auth::Pager pager(page_tokens_, info.identity.clinic, info.method->full_name, request);
  CLINICD_ASSIGN_OR_RETURN(const auth::PageKey key, pager.Start(request.page_token(), 2));
  CLINICD_ASSIGN_OR_RETURN(const ScheduleStore::Position after, PositionOf(key));
  const std::int32_t size = auth::PageSize(request.page_size(), kPageSizeDefault, kPageSizeMax);
  CLINICD_ASSIGN_OR_RETURN(std::vector<ScheduleException> found,
                           schedules_.ListExceptions(call.last_tx(), filter, after, size + 1));
  v1::ListScheduleExceptionsResponse response;
  CLINICD_ASSIGN_OR_RETURN(*response.mutable_next_page_token(), pager.Cut(found, size, KeyOf));
  for (const ScheduleException& row : found) *response.add_exceptions() = ToProto(row);
  return response;
}

absl::StatusOr<v1::ScheduleException> ScheduleHandlers::CreateScheduleException(
    const v1::CreateScheduleExceptionRequest& request, rpc::Call& call) const {
  const auto id = call.NewId<ScheduleExceptionId>();
  call.AuditChange(kException, id.uuid(), nullptr, nullptr);
  CLINICD_ASSIGN_OR_RETURN(ScheduleException wanted, ParseException(request.exception()));
  wanted.id = id;
  wanted.created_at = call.now();
  const HoursException& hours = wanted.exception;
  const bool closes = hours.kind != ExceptionKind::kExtra;
  if (closes && !request.keep_appointments()) {
    std::vector<absl::CivilDay> days;
    // In UTC, with what other sites have at that time; what crosses midnight may end a day later.
    for (absl::CivilDay day = hours.first_day - 1; day <= hours.last_day + 2; ++day) {
      days.push_back(day);
    }
    appointments_.LockDays(call.tx(), days);
  }
  CLINICD_ASSIGN_OR_RETURN(const ScheduleException created,
                           schedules_.InsertException(call.tx(), wanted, call.user_id()));
  if (closes && !request.keep_appointments()) {
    CLINICD_RETURN_IF_ERROR(CheckHoldsNothing(created, call));
  }
  v1::ScheduleException proto = ToProto(created);
  call.AuditChange(kException, id.uuid(), nullptr, &proto);
  return proto;
}

absl::Status ScheduleHandlers::CheckHoldsNothing(const ScheduleException& exception,
                                                 rpc::Call& call) const {
  const DayPeriod days{.first_day = exception.exception.first_day,
                       .last_day = exception.exception.last_day};
  // With the exception, which stands already.
  const std::shared_ptr<const Schedule> schedule = schedules_.ReadWithNext(
      call.tx(), {.days = {.first_day = days.first_day - 2, .last_day = days.last_day + 3},
                  .zone = call.time_zone()});
  ScheduleStore::Booked booked{.range = Around(days, call.time_zone()),
                               .limit = kBookedPartsMax + 1};
  if (IsPersonal(exception.owner)) booked.occupant = exception.owner.id;
  CLINICD_ASSIGN_OR_RETURN(const std::vector<BookedPart> parts,
                           schedules_.ListBooked(call.tx(), booked));
  CLINICD_RETURN_IF_ERROR(CheckBooked(parts.size()));
  const std::vector<AppointmentId> held = HeldBy(exception, *schedule, parts);
  return held.empty() ? absl::OkStatus() : ScheduleHoldsAppointments(held);
}

absl::StatusOr<v1::DeleteScheduleExceptionResponse> ScheduleHandlers::DeleteScheduleException(
    const v1::DeleteScheduleExceptionRequest& request, rpc::Call& call) const {
  const auto id = ScheduleExceptionId::Parse(request.id()).value_or(ScheduleExceptionId());
  call.AuditChange(kException, id.uuid(), nullptr, nullptr);
  CLINICD_ASSIGN_OR_RETURN(const std::optional<ScheduleException> deleted,
                           schedules_.DeleteException(call.tx(), id));
  if (!deleted) return ScheduleExceptionNotFound();
  const v1::ScheduleException proto = ToProto(*deleted);
  call.AuditChange(kException, id.uuid(), &proto, nullptr);
  return v1::DeleteScheduleExceptionResponse();
}

absl::StatusOr<v1::FindSlotsResponse> ScheduleHandlers::FindSlots(
    const v1::FindSlotsRequest& request, rpc::Call& call) const {
  CLINICD_ASSIGN_OR_RETURN(const SlotSearch search, ParseSearch(request));
  call.AuditListAccess(kAppointment, search.patient);
  const DayPeriod around{.first_day = search.days.first_day - 2,
                         .last_day = search.days.last_day + 3};
  const std::shared_ptr<const Schedule> read =
      schedules_.ReadWithNext(call.tx(), {.days = around, .zone = call.time_zone()});
  const std::shared_ptr<const std::vector<Occupied>> occupied =
      schedules_.OccupiedWithNext(call.tx(), {.patient = search.patient,
                                              .range = Around(search.days, call.time_zone()),
                                              .now = call.now()});
  // All three travel together; a search without a visit type finds none.
  CLINICD_ASSIGN_OR_RETURN(
      std::optional<VisitType> visit_type,
      visit_types_.Find(call.last_tx(), search.visit_type.value_or(VisitTypeId())));
  if (search.visit_type && !visit_type) return VisitTypeNotFound();
  if (visit_type && !visit_type->active) return VisitTypeInactive();
  const VisitPlan visit = visit_type ? PlanOf(*visit_type) : PlanOf(search.duration_minutes);
  CLINICD_ASSIGN_OR_RETURN(const std::vector<Site> sites, SitesFor(search, *read));
  Schedule schedule = *read;
  CLINICD_ASSIGN_OR_RETURN(schedule.members, MembersFor(search, *read));
  const SlotQuery query = QueryOf(search, visit_type, *occupied, call);
  const std::vector<Opening> openings =
      FindOpenings(visit, PlacesAt(schedule, sites, search.days, *occupied), query);
  return Offered(openings, visit, sites, search, call.time_zone());
}

}  // namespace clinicd::appointments
