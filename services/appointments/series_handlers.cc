#include "services/appointments/series_handlers.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/numbers.h"
#include "common/auth/paging.h"
#include "common/base/try.h"
#include "common/rpc/etag.h"
#include "common/status/error.h"
#include "services/appointments/appointment_convert.h"
#include "services/appointments/appointment_errors.h"
#include "services/appointments/appointment_rules.h"
#include "services/appointments/series_convert.h"
#include "services/appointments/series_errors.h"
#include "services/appointments/series_hours.h"

namespace clinicd::appointments {
namespace {

constexpr char kEntity[] = "appointment_series";
constexpr char kAppointmentEntity[] = "appointment";
// More than a series can have: one a day for two years.
constexpr std::int32_t kVisitsMax = 1000;
constexpr std::int32_t kPageSizeDefault = 104;
constexpr std::int32_t kPageSizeMax = 500;

// The id of a request that has passed the declared rules.
SeriesId IdOf(std::string_view text) { return SeriesId::Parse(text).value_or(SeriesId()); }

auth::PageKey KeyOf(const Appointment& appointment) {
  return {std::to_string(appointment.place.ordinal)};
}

std::vector<SeriesVisit> NewVisits(const std::vector<Occurrence>& occurrences, rpc::Call& call) {
  std::vector<SeriesVisit> visits;
  for (const Occurrence& occurrence : occurrences) {
    visits.push_back({.id = call.NewId<AppointmentId>(), .occurrence = occurrence});
  }
  return visits;
}

void AddDays(const Plan& plan, std::vector<absl::CivilDay>& days) {
  std::ranges::copy(DaysOf(plan), std::back_inserter(days));
}

std::vector<absl::CivilDay> DaysOfAll(const BookedSeries& series,
                                      const std::vector<SeriesVisit>& visits) {
  std::vector<absl::CivilDay> days;
  for (const SeriesVisit& visit : visits) AddDays(PlanAt(series, visit.occurrence), days);
  return days;
}

std::vector<absl::CivilDay> DaysOfAll(const std::vector<Appointment>& visits) {
  std::vector<absl::CivilDay> days;
  for (const Appointment& visit : visits) AddDays(visit.booking.plan, days);
  return days;
}

Booking BookingAt(const BookedSeries& series, const Occurrence& occurrence) {
  return {.patient_id = series.patient_id,
          .visit_type = series.visit_type,
          .plan = PlanAt(series, occurrence)};
}

std::vector<Occurrence> OccurrencesOf(const std::vector<SeriesVisit>& visits) {
  std::vector<Occurrence> occurrences;
  for (const SeriesVisit& visit : visits) occurrences.push_back(visit.occurrence);
  return occurrences;
}

absl::CivilDay UtcDay(absl::Time time) { return absl::ToCivilDay(time, absl::UTCTimeZone()); }

// Leaves the times of `series` that are `taken` out of it and of `visits`.
std::vector<Occurrence> LeaveOut(const std::vector<TakenOccurrence>& taken, BookedSeries& series,
                                 std::vector<SeriesVisit>& visits) {
  std::vector<Occurrence> skipped;
  for (const SeriesVisit& visit : visits) {
    const int ordinal = visit.occurrence.ordinal;
    if (std::ranges::find(taken, ordinal, &TakenOccurrence::ordinal) == taken.end()) continue;
    skipped.push_back(visit.occurrence);
    series.recurrence.excluded.push_back(visit.occurrence.local_start);
  }
  std::erase_if(visits, [&taken](const SeriesVisit& visit) {
    const int ordinal = visit.occurrence.ordinal;
    return std::ranges::find(taken, ordinal, &TakenOccurrence::ordinal) != taken.end();
  });
  std::ranges::sort(series.recurrence.excluded);
  return skipped;
}

template <typename Response>
void AddShifted(const std::vector<SeriesVisit>& visits, Response& response) {
  for (const SeriesVisit& visit : visits) {
    if (visit.occurrence.time.shifted_by_gap) *response.add_shifted() = ToProto(visit.occurrence);
  }
}

// The request names an appointment where its scope needs one, and only there.
template <typename Request>
absl::Status CheckScope(const Request& request) {
  const bool names_one = !request.appointment_id().empty();
  const bool needs_one = FromProto(request.scope()) == SeriesScope::kThisAndFollowing;
  if (names_one == needs_one) return absl::OkStatus();
  return status::InvalidField("appointment_id", needs_one
                                                    ? "must be the first one to change"
                                                    : "must be empty where all are to change");
}

}  // namespace

absl::StatusOr<v1::PreviewSeriesResponse> SeriesHandlers::PreviewSeries(
    const v1::PreviewSeriesRequest& request, rpc::Call& call) const {
  CLINICD_ASSIGN_OR_RETURN(const BookedSeries series,
                           ParseSeries(request.series(), call.time_zone()));
  CLINICD_ASSIGN_OR_RETURN(const std::vector<Occurrence> times, TimesOf(series));
  const std::vector<SeriesVisit> visits = NewVisits(times, call);
  call.AuditListAccess(kEntity, series.patient_id);
  const std::vector<Appointment> none_before;
  const SeriesHours hours(schedules_, call,
                          {.series = series, .visits = visits, .before = none_before});
  CLINICD_RETURN_IF_ERROR(appointments_.CheckUsable(call.tx(), BookingAt(series, times.front())));
  CLINICD_ASSIGN_OR_RETURN(const std::vector<TakenOccurrence> taken,
                           store_.FindTaken(call.last_tx(), series, visits, call.now()));
  const std::vector<TakenOccurrence> unavailable = hours.AddTo(taken);
  v1::PreviewSeriesResponse response;
  for (const Occurrence& time : times) *response.add_occurrences() = ToProto(time, unavailable);
  return response;
}

absl::StatusOr<v1::CreateSeriesResponse> SeriesHandlers::CreateSeries(
    const v1::CreateSeriesRequest& request, rpc::Call& call) const {
  CLINICD_ASSIGN_OR_RETURN(BookedSeries series, ParseSeries(request.series(), call.time_zone()));
  CLINICD_ASSIGN_OR_RETURN(const std::vector<Occurrence> times, TimesOf(series));
  series.id = call.NewId<SeriesId>();
  series.row_version = 1;
  series.created_at = call.now();
  call.AuditChange(kEntity, series.id.uuid(), nullptr, nullptr);
  CLINICD_RETURN_IF_ERROR(visit_types_.CheckActive(call.tx(), series.visit_type));
  std::vector<SeriesVisit> visits = NewVisits(times, call);
  appointments_.LockDays(call.tx(), DaysOfAll(series, visits));
  store_.DeleteExpiredHolds(call.tx(), series, visits, call.now());
  CLINICD_ASSIGN_OR_RETURN(const std::vector<TakenOccurrence> taken,
                           FindUnavailable(series, visits, call));
  const bool skip = request.conflict_policy() == v1::SERIES_CONFLICT_POLICY_SKIP;
  if (!taken.empty() && (!skip || taken.size() == times.size())) {
    return SeriesConflict(times, taken);
  }
  const std::vector<Occurrence> skipped = LeaveOut(taken, series, visits);
  const SeriesStore::Author author{.user = call.user_id(), .now = call.now()};
  store_.Insert(call.tx(), series, author);
  store_.InsertVisits(call.tx(), series, visits, author);
  CLINICD_RETURN_IF_ERROR(TakeAll(series, visits, call));
  v1::CreateSeriesResponse response;
  *response.mutable_series() = ToProto(series);
  call.AuditChange(kEntity, series.id.uuid(), nullptr, &response.series(), series.patient_id);
  for (const SeriesVisit& visit : visits) {
    call.Announce({.entity_type = kAppointmentEntity,
                   .entity_id = visit.id.uuid(),
                   .row_version = 1,
                   .is_on = UtcDay(visit.occurrence.time.starts_at)});
  }
  response.set_booked_count(static_cast<std::int32_t>(visits.size()));
  for (const Occurrence& time : skipped) *response.add_skipped() = ToProto(time, taken);
  AddShifted(visits, response);
  return response;
}

absl::StatusOr<std::vector<TakenOccurrence>> SeriesHandlers::FindUnavailable(
    const BookedSeries& series, const std::vector<SeriesVisit>& visits, rpc::Call& call) const {
  const std::vector<Appointment> none_before;
  const SeriesHours hours(schedules_, call,
                          {.series = series, .visits = visits, .before = none_before});
  CLINICD_ASSIGN_OR_RETURN(const std::vector<TakenOccurrence> taken,
                           store_.FindTaken(call.tx(), series, visits, call.now()));
  return hours.AddTo(taken);
}

absl::Status SeriesHandlers::TakeAll(const BookedSeries& series,
                                     const std::vector<SeriesVisit>& visits,
                                     rpc::Call& call) const {
  CLINICD_ASSIGN_OR_RETURN(std::vector<TakenOccurrence> incomplete,
                           store_.Take(call.tx(), series, visits));
  if (incomplete.empty()) return absl::OkStatus();
  // The type was checked where it was named: visits of one that takes none any more still move.
  Booking booking = BookingAt(series, visits.front().occurrence);
  booking.visit_type.reset();
  CLINICD_RETURN_IF_ERROR(appointments_.CheckUsable(call.tx(), booking));
  CLINICD_ASSIGN_OR_RETURN(const std::vector<TakenOccurrence> taken,
                           store_.FindTaken(call.tx(), series, visits, call.now()));
  for (TakenOccurrence& one : incomplete) {
    const auto why = std::ranges::find(taken, one.ordinal, &TakenOccurrence::ordinal);
    if (why != taken.end()) one.kinds = why->kinds;
  }
  return SeriesConflict(OccurrencesOf(visits), incomplete);
}

absl::StatusOr<v1::Series> SeriesHandlers::GetSeries(const v1::GetSeriesRequest& request,
                                                     rpc::Call& call) const {
  const SeriesId id = IdOf(request.id());
  call.AuditListAccess(kEntity, {}, id.uuid());
  CLINICD_ASSIGN_OR_RETURN(const std::optional<BookedSeries> found, store_.Find(call.tx(), id));
  if (!found) return SeriesNotFound();
  call.AuditListAccess(kEntity, found->patient_id, id.uuid());
  return ToProto(*found);
}

absl::StatusOr<v1::ListSeriesAppointmentsResponse> SeriesHandlers::ListSeriesAppointments(
    const v1::ListSeriesAppointmentsRequest& request, rpc::Call& call) const {
  const rpc::CallInfo& info = call.info();
  const auth::Pager pager(page_tokens_, info.identity.clinic, info.method->full_name, request);
  CLINICD_ASSIGN_OR_RETURN(const auth::PageKey start, pager.Start(request.page_token(), 1));
  std::int32_t after = 0;
  if (!start.empty() && !absl::SimpleAtoi(start[0], &after)) return auth::PageTokenInvalid();
  const std::int32_t size = auth::PageSize(request.page_size(), kPageSizeDefault, kPageSizeMax);
  const SeriesId id = IdOf(request.series_id());
  call.AuditListAccess(kEntity, {}, id.uuid());
  CLINICD_ASSIGN_OR_RETURN(std::vector<Appointment> found,
                           appointments_.ListSeries(call.last_tx(), id, after, size + 1));
  v1::ListSeriesAppointmentsResponse response;
  CLINICD_ASSIGN_OR_RETURN(*response.mutable_next_page_token(), pager.Cut(found, size, KeyOf));
  for (const Appointment& appointment : found) {
    *response.add_appointments() = ToProto(appointment);
  }
  return response;
}

template <typename Request>
absl::StatusOr<SeriesHandlers::Chosen> SeriesHandlers::Choose(const Request& request,
                                                              bool with_exceptions,
                                                              rpc::Call& call) const {
  const SeriesId id = IdOf(request.id());
  // The row of a refused call names the series, too.
  call.AuditChange(kEntity, id.uuid(), nullptr, nullptr);
  CLINICD_RETURN_IF_ERROR(CheckScope(request));
  CLINICD_ASSIGN_OR_RETURN(std::optional<BookedSeries> series, store_.Find(call.tx(), id));
  if (!series) return SeriesNotFound();
  const std::optional<std::int64_t> version = ExpectedVersion(request.etag());
  if (version && *version != series->row_version) return rpc::EtagMismatch();
  CLINICD_ASSIGN_OR_RETURN(const std::vector<Appointment> all,
                           appointments_.ListSeries(call.tx(), id, 0, kVisitsMax));
  CLINICD_ASSIGN_OR_RETURN(
      Selection selection,
      Select(all, {.scope = FromProto(request.scope()),
                   .from = AppointmentId::Parse(request.appointment_id()).value_or(AppointmentId()),
                   .with_exceptions = with_exceptions,
                   .now = call.now()}));
  return Chosen{.series = *std::move(series), .selection = std::move(selection)};
}

absl::StatusOr<SeriesHandlers::Edit> SeriesHandlers::EditOf(const v1::UpdateSeriesRequest& request,
                                                            const Chosen& chosen,
                                                            rpc::Call& call) const {
  Edit edit;
  int first_ordinal = 1;
  CutSeries cut{.tail = chosen.series};
  if (FromProto(request.scope()) == SeriesScope::kThisAndFollowing) {
    first_ordinal = chosen.selection.first_ordinal;
    CLINICD_ASSIGN_OR_RETURN(cut, CutBefore(chosen.series, first_ordinal));
  }
  CLINICD_ASSIGN_OR_RETURN(edit.changed, ParseEdit(request, cut.tail));
  if (cut.head) {
    edit.head = std::move(cut.head);
    edit.changed.id = call.NewId<SeriesId>();
    edit.changed.continues = chosen.series.id;
    edit.changed.row_version = 1;
    edit.changed.created_at = call.now();
  }
  CLINICD_ASSIGN_OR_RETURN(edit.moved,
                           VisitsOf(edit.changed, chosen.selection.chosen, first_ordinal));
  if (edit.moved.size() != chosen.selection.chosen.size()) {
    return status::Defect("a series has appointments to come that its rule has not");
  }
  if (!edit.head) return edit;
  CLINICD_ASSIGN_OR_RETURN(edit.adopted,
                           VisitsOf(edit.changed, chosen.selection.left_alone, first_ordinal));
  return edit;
}

absl::Status SeriesHandlers::Apply(Edit& edit, const std::string& reason, rpc::Call& call) const {
  const SeriesStore::Author author{.user = call.user_id(), .now = call.now()};
  BookedSeries& kept = edit.head ? *edit.head : edit.changed;
  store_.DeleteExpiredHolds(call.tx(), edit.changed, edit.moved, call.now());
  CLINICD_ASSIGN_OR_RETURN(const std::optional<std::int64_t> version,
                           store_.Update(call.tx(), kept, call.now()));
  if (!version) return ChangedMeanwhile();
  kept.row_version = *version;
  if (edit.head) store_.Insert(call.tx(), edit.changed, author);
  CLINICD_ASSIGN_OR_RETURN(const bool moved, store_.Move(call.tx(), edit.changed, edit.moved,
                                                         {.reason = reason, .author = author}));
  if (!moved) return ChangedMeanwhile();
  CLINICD_RETURN_IF_ERROR(TakeAll(edit.changed, edit.moved, call));
  CLINICD_ASSIGN_OR_RETURN(const bool adopted, store_.Adopt(call.tx(), edit.changed, edit.adopted));
  return adopted ? absl::OkStatus() : ChangedMeanwhile();
}

absl::StatusOr<v1::UpdateSeriesResponse> SeriesHandlers::UpdateSeries(
    const v1::UpdateSeriesRequest& request, rpc::Call& call) const {
  CLINICD_ASSIGN_OR_RETURN(const Chosen chosen, Choose(request, /*with_exceptions=*/false, call));
  CLINICD_ASSIGN_OR_RETURN(Edit edit, EditOf(request, chosen, call));
  const std::vector<Appointment>& before = chosen.selection.chosen;
  std::vector<absl::CivilDay> days = DaysOfAll(before);
  std::ranges::copy(DaysOfAll(edit.changed, edit.moved), std::back_inserter(days));
  appointments_.LockDays(call.tx(), days);
  const SeriesHours hours(schedules_, call,
                          {.series = edit.changed, .visits = edit.moved, .before = before});
  CLINICD_RETURN_IF_ERROR(Apply(edit, request.reason(), call));
  const std::vector<TakenOccurrence> outside = hours.AddTo({});
  if (!outside.empty()) return SeriesConflict(OccurrencesOf(edit.moved), outside);
  v1::UpdateSeriesResponse response;
  *response.mutable_series() = ToProto(edit.changed);
  if (edit.head) *response.mutable_previous() = ToProto(*edit.head);
  const v1::Series old_proto = ToProto(chosen.series);
  call.AuditChange(kEntity, chosen.series.id.uuid(), &old_proto, &response,
                   chosen.series.patient_id);
  for (std::size_t i = 0; i < before.size(); ++i) {
    call.Announce({.entity_type = kAppointmentEntity,
                   .entity_id = before[i].id.uuid(),
                   .row_version = before[i].row_version + 1,
                   .was_on = UtcDay(before[i].booking.plan.slot.starts_at),
                   .is_on = UtcDay(edit.moved[i].occurrence.time.starts_at)});
  }
  response.set_moved_count(static_cast<std::int32_t>(edit.moved.size()));
  AddShifted(edit.moved, response);
  return response;
}

absl::StatusOr<v1::CancelSeriesResponse> SeriesHandlers::CancelSeries(
    const v1::CancelSeriesRequest& request, rpc::Call& call) const {
  CLINICD_ASSIGN_OR_RETURN(const Chosen chosen, Choose(request, /*with_exceptions=*/true, call));
  const std::vector<Appointment>& visits = chosen.selection.chosen;
  BookedSeries left = chosen.series;
  left.state = SeriesState::kCancelled;
  if (FromProto(request.scope()) == SeriesScope::kThisAndFollowing) {
    CLINICD_ASSIGN_OR_RETURN(const CutSeries cut,
                             CutBefore(chosen.series, chosen.selection.first_ordinal));
    if (cut.head) left = *cut.head;
  }
  appointments_.LockDays(call.tx(), DaysOfAll(visits));
  CLINICD_ASSIGN_OR_RETURN(const std::optional<std::int64_t> version,
                           store_.Update(call.tx(), left, call.now()));
  if (!version) return ChangedMeanwhile();
  left.row_version = *version;
  std::vector<SeriesVisit> cancelled;
  for (const Appointment& visit : visits) {
    cancelled.push_back({.id = visit.id, .row_version = visit.row_version});
    call.Announce({.entity_type = kAppointmentEntity,
                   .entity_id = visit.id.uuid(),
                   .row_version = visit.row_version + 1,
                   .was_on = UtcDay(visit.booking.plan.slot.starts_at),
                   .is_on = UtcDay(visit.booking.plan.slot.starts_at)});
  }
  CLINICD_ASSIGN_OR_RETURN(const bool complete,
                           store_.Cancel(call.tx(), cancelled,
                                         {.reason = request.reason(),
                                          .by = FromProto(request.cancelled_by()),
                                          .author = {.user = call.user_id(), .now = call.now()}}));
  if (!complete) return ChangedMeanwhile();
  v1::CancelSeriesResponse response;
  *response.mutable_series() = ToProto(left);
  const v1::Series old_proto = ToProto(chosen.series);
  call.AuditChange(kEntity, left.id.uuid(), &old_proto, &response.series(), left.patient_id);
  response.set_cancelled_count(static_cast<std::int32_t>(visits.size()));
  return response;
}

}  // namespace clinicd::appointments
