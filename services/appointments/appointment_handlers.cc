#include "services/appointments/appointment_handlers.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/auth/paging.h"
#include "common/base/try.h"
#include "common/status/error.h"
#include "services/appointments/appointment_convert.h"
#include "services/appointments/appointment_errors.h"
#include "services/appointments/appointment_rules.h"
#include "services/appointments/booking.h"
#include "services/appointments/booking_hours.h"
#include "services/appointments/day_watch.h"

namespace clinicd::appointments {
namespace {

constexpr char kEntity[] = "appointment";
constexpr char kHoldEntity[] = "hold";
constexpr char kDiaryEntity[] = "diary";
// Of a hold that does not say how long it is wanted.
constexpr absl::Duration kHoldLife = absl::Minutes(5);

auth::PageKey KeyOf(const Appointment& appointment) {
  return {absl::StrCat(absl::ToUnixMicros(appointment.booking.plan.slot.starts_at)),
          appointment.id.ToString()};
}

// Where the page begins: at `key` or, on the first page, at `begin`.
absl::StatusOr<StartPosition> PositionOf(const auth::PageKey& key, absl::Time begin) {
  if (key.empty()) return StartPosition{.starts_at = begin};
  std::int64_t micros = 0;
  const std::optional<AppointmentId> id = AppointmentId::Parse(key[1]);
  if (!id || !absl::SimpleAtoi(key[0], &micros)) return auth::PageTokenInvalid();
  return StartPosition{.starts_at = absl::FromUnixMicros(micros), .id = *id};
}

// The id of a request that has passed the declared rules.
AppointmentId IdOf(std::string_view text) {
  return AppointmentId::Parse(text).value_or(AppointmentId());
}

}  // namespace

absl::StatusOr<v1::Appointment> AppointmentHandlers::GetAppointment(
    const v1::GetAppointmentRequest& request, rpc::Call& call) const {
  const AppointmentId id = IdOf(request.id());
  call.AuditAccess(kEntity, id.uuid());
  CLINICD_ASSIGN_OR_RETURN(const std::optional<Appointment> appointment,
                           store_.Find(call.last_tx(), id));
  if (!appointment) return AppointmentNotFound();
  return ToProto(*appointment);
}

absl::StatusOr<v1::ListAppointmentsResponse> AppointmentHandlers::ListAppointments(
    const v1::ListAppointmentsRequest& request, rpc::Call& call) const {
  const std::optional<absl::CivilDay> day = ParseDay(request.date());
  if (!day) return status::InvalidField("date", kDayRule);
  const auth::Pager pager(page_tokens_, call.info().identity.clinic, call.info().method->full_name,
                          request);
  const DayRange range = InstantsOf(*day, call.time_zone());
  CLINICD_ASSIGN_OR_RETURN(const auth::PageKey key, pager.Start(request.page_token(), 2));
  CLINICD_ASSIGN_OR_RETURN(const StartPosition after, PositionOf(key, range.begin));
  const std::int32_t page_size = auth::PageSize(request.page_size(), 200, 500);
  call.AuditListAccess(kEntity);
  CLINICD_ASSIGN_OR_RETURN(
      std::vector<Appointment> rows,
      store_.List(call.last_tx(), {.practitioner = PractitionerId::Parse(request.practitioner_id()),
                                   .after = after,
                                   .before = range.end,
                                   .show_cancelled = request.show_cancelled(),
                                   .limit = page_size + 1}));
  v1::ListAppointmentsResponse response;
  CLINICD_ASSIGN_OR_RETURN(*response.mutable_next_page_token(), pager.Cut(rows, page_size, KeyOf));
  for (const Appointment& appointment : rows) *response.add_appointments() = ToProto(appointment);
  return response;
}

absl::StatusOr<v1::Appointment> AppointmentHandlers::CreateAppointment(
    const v1::CreateAppointmentRequest& request, rpc::Call& call) const {
  CLINICD_ASSIGN_OR_RETURN(const Booking booking,
                           ParseBooking(request.appointment(), call.time_zone()));
  if (const std::optional<HoldId> hold = HoldId::Parse(request.hold_id())) {
    // First: a move of that day would wait for what becomes of the hold, and the booking for the move.
    store_.ShareDays(call.tx(), DaysOf(booking.plan));
    CLINICD_RETURN_IF_ERROR(store_.DeleteHold(call.tx(), *hold, call.user_id(), call.now()));
  }
  CLINICD_ASSIGN_OR_RETURN(const Appointment booked, Book({store_, schedules_}, booking, call));
  return Changed(std::nullopt, booked, call);
}

absl::StatusOr<v1::Appointment> AppointmentHandlers::OverbookAppointment(
    const v1::OverbookAppointmentRequest& request, rpc::Call& call) const {
  CLINICD_ASSIGN_OR_RETURN(Booking booking, ParseBooking(request.appointment(), call.time_zone()));
  const auto id = call.NewId<AppointmentId>();
  call.ExpectChange({.patient = booking.patient_id});
  store_.LockDays(call.tx(), DaysOf(booking.plan));
  CLINICD_ASSIGN_OR_RETURN(const std::optional<std::int32_t> lane,
                           store_.FindFreeLane(call.tx(), booking.plan, id, call.now()));
  if (!lane) return OverbookingLimitReached();
  booking.lane = *lane;
  booking.overbook_reason = request.overbook_reason();
  CLINICD_ASSIGN_OR_RETURN(const Appointment appointment,
                           store_.Insert(call.tx(), id, booking, call.user_id(), call.now()));
  return Changed(std::nullopt, appointment, call);
}

absl::StatusOr<v1::Appointment> AppointmentHandlers::RescheduleAppointment(
    const v1::RescheduleAppointmentRequest& request, rpc::Call& call) const {
  const AppointmentId id = IdOf(request.id());
  // The row of a refused call names the appointment, too.
  call.AuditChange(kEntity, id.uuid(), nullptr, nullptr);
  call.ExpectChange({.appointment = id});
  CLINICD_ASSIGN_OR_RETURN(const std::optional<Appointment> current, store_.Find(call.tx(), id));
  if (!current) return AppointmentNotFound();
  CLINICD_RETURN_IF_ERROR(CheckTransition(*current, EventKind::kRescheduled,
                                          ExpectedVersion(request.etag()), call.now(),
                                          call.time_zone()));
  // What it was is kept, also where that takes no bookings any more.
  const std::optional<VisitTypeId> new_type = VisitTypeId::Parse(request.visit_type_id());
  if (new_type != current->booking.visit_type) {
    CLINICD_RETURN_IF_ERROR(visit_types_.CheckActive(call.tx(), new_type));
  }
  const Plan& old_plan = current->booking.plan;
  CLINICD_ASSIGN_OR_RETURN(Plan plan, ParseMove(request, old_plan, call.time_zone()));
  std::vector<absl::CivilDay> days = DaysOf(old_plan);
  std::ranges::copy(DaysOf(plan), std::back_inserter(days));
  store_.LockDays(call.tx(), days);
  const BookingHours hours(schedules_, call,
                           {.plan = plan,
                            .patient = current->booking.patient_id,
                            .holder = id.uuid(),
                            .before = old_plan});
  const bool overbooked = !current->booking.overbook_reason.empty();
  std::int32_t lane = 0;
  if (overbooked) {
    CLINICD_ASSIGN_OR_RETURN(const std::optional<std::int32_t> free,
                             store_.FindFreeLane(call.tx(), plan, id, call.now()));
    if (!free) return OverbookingLimitReached();
    lane = *free;
  }
  const absl::StatusOr<std::optional<Appointment>> moved =
      store_.MoveTo(call.tx(), *current,
                    {.plan = std::move(plan),
                     .visit_type = new_type ? new_type : current->booking.visit_type,
                     .lane = lane,
                     .reason = request.reason(),
                     .changed_by = call.user_id(),
                     .now = call.now()});
  if (!moved.ok()) return hours.Explain(moved.status());
  if (!*moved) return ChangedMeanwhile();
  // What stands beside others has a reason, which goes before hours as well.
  if (!overbooked) CLINICD_RETURN_IF_ERROR(hours.Check());
  return Changed(current, **moved, call);
}

absl::StatusOr<v1::Hold> AppointmentHandlers::HoldSlot(const v1::HoldSlotRequest& request,
                                                       rpc::Call& call) const {
  CLINICD_ASSIGN_OR_RETURN(Plan plan, ParseHold(request.hold(), call.time_zone()));
  const absl::Duration life =
      request.ttl_seconds() == 0 ? kHoldLife : absl::Seconds(request.ttl_seconds());
  const Hold hold{
      .id = call.NewId<HoldId>(), .plan = std::move(plan), .expires_at = call.now() + life};
  call.AuditChange(kHoldEntity, hold.id.uuid(), nullptr, nullptr);
  store_.ShareDays(call.tx(), DaysOf(hold.plan));
  const BookingHours hours(schedules_, call, {.plan = hold.plan, .holder = hold.id.uuid()});
  const absl::Status held = store_.InsertHold(call.tx(), hold, call.user_id(), call.now());
  if (!held.ok()) return hours.Explain(held);
  CLINICD_RETURN_IF_ERROR(hours.Check());
  v1::Hold proto = ToProto(hold);
  call.AuditChange(kHoldEntity, hold.id.uuid(), nullptr, &proto);
  return proto;
}

absl::StatusOr<v1::ReleaseHoldResponse> AppointmentHandlers::ReleaseHold(
    const v1::ReleaseHoldRequest& request, rpc::Call& call) const {
  const HoldId id = HoldId::Parse(request.id()).value_or(HoldId());
  call.AuditChange(kHoldEntity, id.uuid(), nullptr, nullptr);
  CLINICD_RETURN_IF_ERROR(store_.DeleteHold(call.tx(), id, call.user_id(), call.now()));
  return v1::ReleaseHoldResponse();
}

absl::StatusOr<v1::Appointment> AppointmentHandlers::ConfirmAppointment(
    const v1::ConfirmAppointmentRequest& request, rpc::Call& call) const {
  return Change(EventKind::kConfirmed, request, {}, call);
}

absl::StatusOr<v1::Appointment> AppointmentHandlers::CancelAppointment(
    const v1::CancelAppointmentRequest& request, rpc::Call& call) const {
  return Change(EventKind::kCancelled, request,
                {.reason = request.reason(), .by = FromProto(request.cancelled_by())}, call);
}

absl::StatusOr<v1::Appointment> AppointmentHandlers::CheckInAppointment(
    const v1::CheckInAppointmentRequest& request, rpc::Call& call) const {
  return Change(EventKind::kArrived, request, {}, call);
}

absl::StatusOr<v1::Appointment> AppointmentHandlers::SeatAppointment(
    const v1::SeatAppointmentRequest& request, rpc::Call& call) const {
  return Change(EventKind::kSeated, request, {}, call);
}

absl::StatusOr<v1::Appointment> AppointmentHandlers::CompleteAppointment(
    const v1::CompleteAppointmentRequest& request, rpc::Call& call) const {
  return Change(EventKind::kCompleted, request, {}, call);
}

absl::StatusOr<v1::Appointment> AppointmentHandlers::ReopenAppointment(
    const v1::ReopenAppointmentRequest& request, rpc::Call& call) const {
  return Change(EventKind::kReopened, request, {.reason = request.reason()}, call);
}

absl::StatusOr<v1::Appointment> AppointmentHandlers::MarkAppointmentNoShow(
    const v1::MarkAppointmentNoShowRequest& request, rpc::Call& call) const {
  return Change(EventKind::kNoShow, request, {}, call);
}

absl::StatusOr<v1::Appointment> AppointmentHandlers::MarkAppointmentEnteredInError(
    const v1::MarkAppointmentEnteredInErrorRequest& request, rpc::Call& call) const {
  return Change(EventKind::kEnteredInError, request, {.reason = request.reason()}, call);
}

template <typename Request>
absl::StatusOr<v1::Appointment> AppointmentHandlers::Change(EventKind kind, const Request& request,
                                                            const Cause& cause,
                                                            rpc::Call& call) const {
  const AppointmentId id = IdOf(request.id());
  const std::optional<std::int64_t> version = ExpectedVersion(request.etag());
  // The row of a refused call names the appointment, too.
  call.AuditChange(kEntity, id.uuid(), nullptr, nullptr);
  call.ExpectChange({.appointment = id});
  for (const Transition& transition : TransitionsOf(kind)) {
    CLINICD_ASSIGN_OR_RETURN(const std::optional<AppointmentStore::Changed> changed,
                             store_.ChangeState(call.tx(), id,
                                                {.transition = transition,
                                                 .version = version,
                                                 .reason = cause.reason,
                                                 .by = cause.by,
                                                 .changed_by = call.user_id(),
                                                 .now = call.now(),
                                                 .zone = call.time_zone()}));
    if (changed) return Changed(changed->before, changed->after, call);
  }
  CLINICD_ASSIGN_OR_RETURN(const std::optional<Appointment> current, store_.Find(call.tx(), id));
  if (!current) return AppointmentNotFound();
  CLINICD_RETURN_IF_ERROR(CheckTransition(*current, kind, version, call.now(), call.time_zone()));
  return ChangedMeanwhile();
}

absl::StatusOr<v1::SetDiaryLinkResponse> AppointmentHandlers::SetDiaryLink(
    const v1::SetDiaryLinkRequest& request, rpc::Call& call) const {
  call.AuditChange(kDiaryEntity, call.user_id().uuid(), nullptr, nullptr);
  AppointmentStore::DiaryLink link{.linked = request.linked(), .person = call.NewUuid()};
  if (!request.link_code().empty()) {
    const std::optional<Uuid> person = link_codes_.Read(request.link_code(), call.now());
    if (!link.linked) return status::InvalidField("link_code", "must be empty without `linked`");
    if (!person) return status::InvalidField("link_code", "must be the code of another clinic");
    link.person = *person;
    link.joins = true;
  }
  CLINICD_ASSIGN_OR_RETURN(const auto practitioners,
                           store_.SetDiaryLink(call.tx(), call.user_id(), link, call.now()));
  v1::SetDiaryLinkResponse response;
  for (const auto& practitioner : practitioners) {
    response.add_practitioner_ids(practitioner.id.ToString());
  }
  response.set_linked(link.linked && !practitioners.empty());
  call.AuditChange(kDiaryEntity, call.user_id().uuid(), nullptr, &response);
  if (response.linked()) {
    CLINICD_ASSIGN_OR_RETURN(
        *response.mutable_link_code(),
        link_codes_.Make(practitioners.front().person.value_or(link.person), call.now()));
  }
  return response;
}

absl::StatusOr<v1::ListAppointmentEventsResponse> AppointmentHandlers::ListAppointmentEvents(
    const v1::ListAppointmentEventsRequest& request, rpc::Call& call) const {
  const AppointmentId id = IdOf(request.appointment_id());
  call.AuditAccess(kEntity, id.uuid());
  CLINICD_ASSIGN_OR_RETURN(const std::vector<AppointmentEvent> events,
                           store_.ListEvents(call.last_tx(), id));
  if (events.empty()) return AppointmentNotFound();
  v1::ListAppointmentEventsResponse response;
  for (const AppointmentEvent& event : events) *response.add_events() = ToProto(event);
  return response;
}

absl::StatusOr<v1::PatientAttendance> AppointmentHandlers::GetPatientAttendance(
    const v1::GetPatientAttendanceRequest& request, rpc::Call& call) const {
  const PatientId patient = PatientId::Parse(request.patient_id()).value_or(PatientId());
  call.AuditListAccess(kEntity, patient);
  CLINICD_ASSIGN_OR_RETURN(const Attendance attendance,
                           store_.CountAttendance(call.last_tx(), patient, call.now()));
  return ToProto(attendance);
}

absl::StatusOr<std::unique_ptr<rpc::Stream<v1::WatchDayEvent>>> AppointmentHandlers::WatchDay(
    const v1::WatchDayRequest& request, const rpc::CallInfo& info, rpc::Wake wake) const {
  const std::optional<absl::CivilDay> day = ParseDay(request.date());
  if (!day) return status::InvalidField("date", kDayRule);
  ResumeTokens tokens(page_tokens_, info, request);
  CLINICD_ASSIGN_OR_RETURN(const std::optional<std::int64_t> resume_from,
                           tokens.Read(request.resume_token(), info.start));
  CLINICD_RETURN_IF_ERROR(feed_.Check());
  const Watched watched{.range = InstantsOf(*day, rpc::TimeZoneOf(info)),
                        .practitioner = PractitionerId::Parse(request.practitioner_id()),
                        .show_cancelled = request.show_cancelled()};
  return std::make_unique<DayWatch>(DayWatch::Parts{feed_, store_, std::move(tokens)}, watched,
                                    info.identity.clinic, resume_from, std::move(wake));
}

}  // namespace clinicd::appointments
