#include "services/appointments/appointment_handlers.h"

#include <optional>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/auth/paging.h"
#include "common/base/try.h"
#include "common/rpc/civil.h"
#include "common/status/error.h"
#include "services/appointments/appointment_convert.h"
#include "services/appointments/appointment_errors.h"
#include "services/appointments/appointment_rules.h"
#include "services/appointments/day_watch.h"

namespace clinicd::appointments {
namespace {

constexpr char kEntity[] = "appointment";

auth::PageKey KeyOf(const Appointment& appointment) {
  return {absl::StrCat(absl::ToUnixMicros(appointment.booking.slot.starts_at)),
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

absl::CivilDay UtcDay(const Appointment& appointment) {
  return absl::ToCivilDay(appointment.booking.slot.starts_at, absl::UTCTimeZone());
}

// The answer of a change, with its trace, told to those who watch. Every change ends here.
v1::Appointment Changed(const std::optional<Appointment>& before, const Appointment& after,
                        rpc::Call& call) {
  const std::optional<v1::Appointment> before_proto =
      before ? std::optional(ToProto(*before)) : std::nullopt;
  v1::Appointment after_proto = ToProto(after);
  call.AuditChange(kEntity, after.id.uuid(), before_proto ? &*before_proto : nullptr, &after_proto,
                   after.booking.patient_id);
  call.Announce({.entity_type = kEntity,
                 .entity_id = after.id.uuid(),
                 .row_version = after.row_version,
                 .was_on = before ? std::optional(UtcDay(*before)) : std::nullopt,
                 .is_on = UtcDay(after)});
  return after_proto;
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
  const std::optional<absl::CivilDay> day = rpc::FromDate(request.date());
  if (!day) return status::InvalidField("date", "must be a real date");
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
  CLINICD_ASSIGN_OR_RETURN(
      const Appointment appointment,
      store_.Insert(call.tx(), call.NewId<AppointmentId>(), booking, call.user_id(), call.now()));
  return Changed(std::nullopt, appointment, call);
}

absl::StatusOr<v1::Appointment> AppointmentHandlers::CancelAppointment(
    const v1::CancelAppointmentRequest& request, rpc::Call& call) const {
  const AppointmentId id = IdOf(request.id());
  const std::optional<std::int64_t> version = ExpectedVersion(request.etag());
  // The row of a refused call names the appointment, too.
  call.AuditChange(kEntity, id.uuid(), nullptr, nullptr);
  CLINICD_ASSIGN_OR_RETURN(const std::optional<Appointment> cancelled,
                           store_.Cancel(call.tx(), id, version,
                                         {.time = call.now(),
                                          .by = FromProto(request.cancelled_by()),
                                          .reason = request.reason()}));
  if (cancelled) return Changed(BeforeCancel(*cancelled), *cancelled, call);

  CLINICD_ASSIGN_OR_RETURN(const std::optional<Appointment> current, store_.Find(call.tx(), id));
  if (!current) return AppointmentNotFound();
  CLINICD_RETURN_IF_ERROR(CheckCancel(*current, version));
  return ChangedMeanwhile();
}

absl::StatusOr<v1::Appointment> AppointmentHandlers::CheckInAppointment(
    const v1::CheckInAppointmentRequest& request, rpc::Call& call) const {
  const AppointmentId id = IdOf(request.id());
  const std::optional<std::int64_t> version = ExpectedVersion(request.etag());
  // The row of a refused call names the appointment, too.
  call.AuditChange(kEntity, id.uuid(), nullptr, nullptr);
  CLINICD_ASSIGN_OR_RETURN(const std::optional<Appointment> arrived,
                           store_.CheckIn(call.tx(), id, version, call.now()));
  if (arrived) return Changed(BeforeArrival(*arrived), *arrived, call);

  CLINICD_ASSIGN_OR_RETURN(const std::optional<Appointment> current, store_.Find(call.tx(), id));
  if (!current) return AppointmentNotFound();
  CLINICD_RETURN_IF_ERROR(CheckArrival(*current, version, call.now()));
  return ChangedMeanwhile();
}

absl::StatusOr<std::unique_ptr<rpc::Stream<v1::WatchDayEvent>>> AppointmentHandlers::WatchDay(
    const v1::WatchDayRequest& request, const rpc::CallInfo& info, rpc::Wake wake) const {
  const std::optional<absl::CivilDay> day = rpc::FromDate(request.date());
  if (!day) return status::InvalidField("date", "must be a real date");
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
