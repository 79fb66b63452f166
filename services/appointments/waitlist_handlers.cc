#include "services/appointments/waitlist_handlers.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/auth/paging.h"
#include "common/base/try.h"
#include "common/rpc/etag.h"
#include "common/status/error.h"
#include "common/validate/patch.h"
#include "services/appointments/appointment_convert.h"
#include "services/appointments/appointment_errors.h"
#include "services/appointments/appointment_rules.h"
#include "services/appointments/booking.h"
#include "services/appointments/booking_hours.h"
#include "services/appointments/visit_type_errors.h"
#include "services/appointments/waitlist_convert.h"
#include "services/appointments/waitlist_errors.h"
#include "services/appointments/waitlist_matching.h"
#include "services/appointments/waitlist_rules.h"

namespace clinicd::appointments {
namespace {

constexpr char kEntry[] = "waitlist_entry";
constexpr char kOffer[] = "waitlist_offer";
constexpr std::int32_t kPageSizeDefault = 50;
constexpr std::int32_t kPageSizeMax = 200;
constexpr std::int32_t kMatchesDefault = 20;
constexpr std::int32_t kMatchesMax = 100;
// How many people one call looks at; more of them are on the next page.
constexpr std::int32_t kPeopleMax = 500;

// The ids of requests that have passed the declared rules.
WaitlistEntryId EntryIdOf(const std::string& text) {
  return WaitlistEntryId::Parse(text).value_or(WaitlistEntryId());
}
WaitlistOfferId OfferIdOf(const std::string& text) {
  return WaitlistOfferId::Parse(text).value_or(WaitlistOfferId());
}

auth::PageKey KeyOf(const WaitlistEntry& entry) {
  const WaitPosition position = PositionOf(entry);
  return {absl::StrCat(position.urgency_rank), absl::StrCat(absl::ToUnixMicros(entry.created_at)),
          position.id.ToString()};
}

// Where the page begins that comes after `key`.
absl::StatusOr<WaitPosition> PositionAfter(const auth::PageKey& key) {
  WaitPosition position;
  if (key.empty()) return position;
  std::int64_t micros = 0;
  const std::optional<Uuid> id = Uuid::Parse(key[2]);
  if (!id || !absl::SimpleAtoi(key[0], &position.urgency_rank) ||
      !absl::SimpleAtoi(key[1], &micros)) {
    return auth::PageTokenInvalid();
  }
  position.created_at = absl::FromUnixMicros(micros);
  position.id = *id;
  return position;
}

// A place among those who wait, and how many before it fit.
struct MatchPosition {
  WaitPosition after = {};
  std::int32_t matches = 0;
};

auth::PageKey KeyOf(const MatchPosition& position) {
  return {absl::StrCat(position.after.urgency_rank),
          absl::StrCat(absl::ToUnixMicros(position.after.created_at)), position.after.id.ToString(),
          absl::StrCat(position.matches)};
}

absl::StatusOr<MatchPosition> MatchPositionAfter(const auth::PageKey& key) {
  MatchPosition position;
  CLINICD_ASSIGN_OR_RETURN(position.after, PositionAfter(key));
  if (!key.empty() && !absl::SimpleAtoi(key[3], &position.matches)) {
    return auth::PageTokenInvalid();
  }
  return position;
}

// Where the next page starts; nullopt where nobody is left to look at.
std::optional<MatchPosition> NextPosition(const std::vector<WaitingPerson>& people,
                                          const std::vector<WaitlistMatch>& matches,
                                          std::size_t page_size, const MatchPosition& start) {
  if (people.empty()) return std::nullopt;
  // A page that is full ends with its last match, another one with the last who was looked at.
  const bool full = matches.size() == page_size;
  const WaitlistEntry& last = full ? matches.back().person.entry : people.back().entry;
  const bool all_seen = last.id == people.back().entry.id;
  if (all_seen && people.size() < static_cast<std::size_t>(kPeopleMax)) return std::nullopt;
  return MatchPosition{.after = PositionOf(last),
                       .matches = start.matches + static_cast<std::int32_t>(matches.size())};
}

std::vector<Uuid> MembersOf(const Plan& plan) {
  std::vector<Uuid> members;
  for (const Allocation& part : plan.allocations) members.push_back(part.resource);
  return members;
}

}  // namespace

absl::StatusOr<v1::WaitlistEntry> WaitlistHandlers::CreateWaitlistEntry(
    const v1::CreateWaitlistEntryRequest& request, rpc::Call& call) const {
  const auto id = call.NewId<WaitlistEntryId>();
  call.AuditChange(kEntry, id.uuid(), nullptr, nullptr);
  CLINICD_ASSIGN_OR_RETURN(WaitlistEntry wanted, ParseEntry(request.entry()));
  wanted.id = id;
  wanted.created_at = call.now();
  CLINICD_RETURN_IF_ERROR(visit_types_.CheckActive(call.tx(), wanted.visit_type));
  CLINICD_ASSIGN_OR_RETURN(const WaitlistEntry created,
                           store_.InsertEntry(call.tx(), wanted, call.user_id()));
  v1::WaitlistEntry proto = ToProto(created, call.today());
  call.AuditChange(kEntry, id.uuid(), nullptr, &proto, created.patient_id);
  return proto;
}

absl::StatusOr<v1::WaitlistEntry> WaitlistHandlers::GetWaitlistEntry(
    const v1::GetWaitlistEntryRequest& request, rpc::Call& call) const {
  const WaitlistEntryId id = EntryIdOf(request.id());
  call.AuditListAccess(kEntry, {}, id.uuid());
  CLINICD_ASSIGN_OR_RETURN(const std::optional<WaitlistEntry> found,
                           store_.FindEntry(call.tx(), id));
  if (!found) return WaitlistEntryNotFound();
  call.AuditListAccess(kEntry, found->patient_id, id.uuid());
  return ToProto(*found, call.today());
}

absl::StatusOr<v1::ListWaitlistEntriesResponse> WaitlistHandlers::ListWaitlistEntries(
    const v1::ListWaitlistEntriesRequest& request, rpc::Call& call) const {
  const rpc::CallInfo& info = call.info();
  const auth::Pager pager(page_tokens_, info.identity.clinic, info.method->full_name, request);
  CLINICD_ASSIGN_OR_RETURN(const auth::PageKey key, pager.Start(request.page_token(), 3));
  CLINICD_ASSIGN_OR_RETURN(const WaitPosition after, PositionAfter(key));
  const std::int32_t size = auth::PageSize(request.page_size(), kPageSizeDefault, kPageSizeMax);
  const WaitlistStore::Listing listing{
      .state = FromProto(request.state()),
      .today = call.today(),
      .practitioner = PractitionerId::Parse(request.practitioner_id()),
      .visit_type = VisitTypeId::Parse(request.visit_type_id()),
      .patient = PatientId::Parse(request.patient_id()),
      .after = after,
      .limit = size + 1};
  call.AuditListAccess(kEntry, listing.patient);
  CLINICD_ASSIGN_OR_RETURN(std::vector<WaitlistEntry> found,
                           store_.ListEntries(call.last_tx(), listing));
  v1::ListWaitlistEntriesResponse response;
  CLINICD_ASSIGN_OR_RETURN(*response.mutable_next_page_token(), pager.Cut(found, size, KeyOf));
  for (const WaitlistEntry& entry : found) *response.add_entries() = ToProto(entry, call.today());
  return response;
}

absl::StatusOr<v1::WaitlistEntry> WaitlistHandlers::UpdateWaitlistEntry(
    const v1::UpdateWaitlistEntryRequest& request, rpc::Call& call) const {
  const v1::WaitlistEntry& form = request.entry();
  const WaitlistEntryId id = EntryIdOf(form.id());
  call.AuditChange(kEntry, id.uuid(), nullptr, nullptr);
  if (form.etag().empty()) {
    return status::InvalidField("entry.etag", "must be the etag that was read");
  }
  CLINICD_ASSIGN_OR_RETURN(const std::optional<WaitlistEntry> before,
                           store_.FindEntry(call.tx(), id));
  if (!before) return WaitlistEntryNotFound();
  CLINICD_RETURN_IF_ERROR(CheckChangeable(*before, ExpectedVersion(form.etag())));
  const v1::WaitlistEntry old_proto = ToProto(*before, call.today());
  CLINICD_ASSIGN_OR_RETURN(
      const v1::WaitlistEntry changed,
      validate::Patched(old_proto, form, request.update_mask(), UpdatableEntryFields()));
  CLINICD_ASSIGN_OR_RETURN(WaitlistEntry wanted, ParseEntry(changed));
  wanted.id = id;
  wanted.row_version = before->row_version;
  if (wanted.visit_type != before->visit_type) {
    CLINICD_RETURN_IF_ERROR(visit_types_.CheckActive(call.tx(), wanted.visit_type));
  }
  CLINICD_ASSIGN_OR_RETURN(const std::optional<WaitlistEntry> after,
                           store_.UpdateEntry(call.tx(), wanted));
  if (!after) return rpc::EtagMismatch();
  v1::WaitlistEntry proto = ToProto(*after, call.today());
  call.AuditChange(kEntry, id.uuid(), &old_proto, &proto, after->patient_id);
  return proto;
}

absl::StatusOr<v1::WaitlistEntry> WaitlistHandlers::WithdrawWaitlistEntry(
    const v1::WithdrawWaitlistEntryRequest& request, rpc::Call& call) const {
  const WaitlistEntryId id = EntryIdOf(request.id());
  call.AuditChange(kEntry, id.uuid(), nullptr, nullptr);
  store_.Lock(call.tx());
  store_.LockEntry(call.tx(), id);
  CLINICD_ASSIGN_OR_RETURN(const std::optional<WaitlistEntry> before,
                           store_.FindEntry(call.tx(), id));
  if (!before) return WaitlistEntryNotFound();
  CLINICD_RETURN_IF_ERROR(CheckChangeable(*before, ExpectedVersion(request.etag())));
  CLINICD_RETURN_IF_ERROR(
      store_.Withdraw(call.tx(), id, {.closed_by = call.user_id(), .now = call.now()}));
  WaitlistEntry after = *before;
  after.state = EntryState::kWithdrawn;
  ++after.row_version;
  const v1::WaitlistEntry before_proto = ToProto(*before, call.today());
  v1::WaitlistEntry proto = ToProto(after, call.today());
  call.AuditChange(kEntry, id.uuid(), &before_proto, &proto, after.patient_id);
  return proto;
}

absl::StatusOr<Plan> WaitlistHandlers::TimeOf(const v1::FindWaitlistMatchesRequest& request,
                                              rpc::Call& call) const {
  const std::optional<AppointmentId> id = AppointmentId::Parse(request.appointment_id());
  if (!id && !request.has_time()) {
    return status::InvalidField("appointment_id", "must be given without time");
  }
  std::optional<Plan> named;
  if (request.has_time()) {
    CLINICD_ASSIGN_OR_RETURN(named, ParseTime(request.time(), call.time_zone()));
    if (!id) return *std::move(named);
  }
  CLINICD_ASSIGN_OR_RETURN(const std::optional<Appointment> appointment,
                           appointments_.Find(call.tx(), *id));
  if (!appointment) return AppointmentNotFound();
  CLINICD_ASSIGN_OR_RETURN(const std::vector<AppointmentEvent> events,
                           appointments_.ListEvents(call.tx(), *id));
  std::optional<Plan> freed = TimeFreedBy(*appointment, events);
  if (!freed) return WaitlistTimeNotFreed();
  if (!named) return *std::move(freed);
  if (!LiesIn(*named, *freed)) {
    return status::InvalidField("time", "must lie in the time that the appointment gave up");
  }
  return *std::move(named);
}

absl::StatusOr<v1::FindWaitlistMatchesResponse> WaitlistHandlers::FindWaitlistMatches(
    const v1::FindWaitlistMatchesRequest& request, rpc::Call& call) const {
  const rpc::CallInfo& info = call.info();
  const auth::Pager pager(page_tokens_, info.identity.clinic, info.method->full_name, request);
  CLINICD_ASSIGN_OR_RETURN(const auth::PageKey key, pager.Start(request.page_token(), 4));
  CLINICD_ASSIGN_OR_RETURN(const MatchPosition start, MatchPositionAfter(key));
  call.AuditListAccess(kEntry);
  FreeTime time{.zone = call.time_zone()};
  CLINICD_ASSIGN_OR_RETURN(time.plan, TimeOf(request, call));
  if (time.plan.slot.ends_at <= call.now()) return WaitlistTimePast();
  const absl::CivilDay day(time.plan.slot.local_start);
  const std::shared_ptr<const Schedule> schedule =
      schedules_.ReadWithNext(call.tx(), {.members = MembersOf(time.plan),
                                          .days = {.first_day = day - 2, .last_day = day + 3},
                                          .zone = call.time_zone()});
  CLINICD_ASSIGN_OR_RETURN(
      const std::vector<WaitingPerson> people,
      store_.FindPeople(call.last_tx(),
                        {.plan = time.plan, .after = start.after, .limit = kPeopleMax}));
  time.sites = SitesOf(*schedule, time.plan);
  const auto size =
      static_cast<std::size_t>(auth::PageSize(request.page_size(), kMatchesDefault, kMatchesMax));
  const std::vector<WaitlistMatch> matches =
      MatchesAmong(people, time, call.now(), start.matches + 1, size);
  v1::FindWaitlistMatchesResponse response;
  *response.mutable_time() = ToProto(time.plan);
  for (const WaitlistMatch& match : matches) {
    *response.add_matches() = ToProto(match, call.now(), call.time_zone());
  }
  if (const auto next = NextPosition(people, matches, size, start)) {
    CLINICD_ASSIGN_OR_RETURN(*response.mutable_next_page_token(), pager.TokenAfter(KeyOf(*next)));
  }
  return response;
}

absl::StatusOr<HoldId> WaitlistHandlers::HoldTime(const Plan& plan, absl::Time expires_at,
                                                  rpc::Call& call) const {
  CLINICD_ASSIGN_OR_RETURN(const std::optional<HoldId> shared,
                           store_.ShareHold(call.tx(), plan, expires_at, call.now()));
  if (shared) return *shared;
  const Hold hold{
      .id = call.NewId<HoldId>(), .plan = plan, .expires_at = expires_at, .for_waitlist = true};
  appointments_.ShareDays(call.tx(), DaysOf(plan));
  const BookingHours hours(schedules_, call, {.plan = plan, .holder = hold.id.uuid()});
  const absl::Status held = appointments_.InsertHold(call.tx(), hold, call.user_id(), call.now());
  if (!held.ok()) return hours.Explain(held);
  CLINICD_RETURN_IF_ERROR(hours.Check());
  return hold.id;
}

absl::StatusOr<v1::WaitlistOffer> WaitlistHandlers::CreateWaitlistOffer(
    const v1::CreateWaitlistOfferRequest& request, rpc::Call& call) const {
  WaitlistOffer offer{.id = call.NewId<WaitlistOfferId>(),
                      .entry = EntryIdOf(request.entry_id()),
                      .created_at = call.now()};
  call.AuditChange(kOffer, offer.id.uuid(), nullptr, nullptr);
  CLINICD_ASSIGN_OR_RETURN(offer.plan, ParseTime(request.time(), call.time_zone()));
  const absl::Duration life =
      request.ttl_seconds() == 0 ? kOfferLife : absl::Seconds(request.ttl_seconds());
  const std::optional<absl::Time> expires_at =
      OfferExpiry(call.now(), life, offer.plan.slot.starts_at);
  if (!expires_at) return WaitlistTimePast();
  offer.expires_at = *expires_at;
  store_.Lock(call.tx());
  CLINICD_ASSIGN_OR_RETURN(const std::optional<WaitlistEntry> entry,
                           store_.FindEntry(call.tx(), offer.entry));
  if (!entry) return WaitlistEntryNotFound();
  CLINICD_RETURN_IF_ERROR(CheckWaiting(*entry, call.today()));
  CLINICD_ASSIGN_OR_RETURN(offer.hold, HoldTime(offer.plan, offer.expires_at, call));
  CLINICD_RETURN_IF_ERROR(store_.InsertOffer(call.tx(), offer, call.user_id()));
  v1::WaitlistOffer proto = ToProto(offer, call.now());
  call.AuditChange(kOffer, offer.id.uuid(), nullptr, &proto, entry->patient_id);
  return proto;
}

absl::StatusOr<v1::WaitlistOffer> WaitlistHandlers::GetWaitlistOffer(
    const v1::GetWaitlistOfferRequest& request, rpc::Call& call) const {
  const WaitlistOfferId id = OfferIdOf(request.id());
  call.AuditListAccess(kOffer, {}, id.uuid());
  CLINICD_ASSIGN_OR_RETURN(const std::optional<WaitlistOffer> found,
                           store_.FindOffer(call.tx(), id));
  if (!found) return WaitlistOfferNotFound();
  call.AuditListAccess(kOffer, found->patient_id, id.uuid());
  return ToProto(*found, call.now());
}

absl::StatusOr<v1::Appointment> WaitlistHandlers::AcceptWaitlistOffer(
    const v1::AcceptWaitlistOfferRequest& request, rpc::Call& call) const {
  const WaitlistOfferId id = OfferIdOf(request.id());
  // The row of a refused call names the offer; that of an accepted one the appointment.
  call.AuditChange(kOffer, id.uuid(), nullptr, nullptr);
  store_.Lock(call.tx());
  CLINICD_ASSIGN_OR_RETURN(const std::optional<WaitlistOffer> offer,
                           store_.FindOffer(call.tx(), id));
  if (!offer) return WaitlistOfferNotFound();
  CLINICD_RETURN_IF_ERROR(CheckOpen(*offer, call.now()));
  // Days before the hold, as every booking takes them.
  appointments_.ShareDays(call.tx(), DaysOf(offer->plan));
  store_.FreeHold(call.tx(), *offer);
  CLINICD_ASSIGN_OR_RETURN(const Appointment booked, Book({appointments_, schedules_},
                                                          {.patient_id = offer->patient_id,
                                                           .visit_type = offer->visit_type,
                                                           .plan = offer->plan,
                                                           .reason = request.reason()},
                                                          call));
  CLINICD_RETURN_IF_ERROR(store_.Accept(call.tx(), *offer, booked.id,
                                        {.closed_by = call.user_id(), .now = call.now()}));
  return Changed(std::nullopt, booked, call);
}

absl::StatusOr<v1::WaitlistOffer> WaitlistHandlers::DeclineWaitlistOffer(
    const v1::DeclineWaitlistOfferRequest& request, rpc::Call& call) const {
  const WaitlistOfferId id = OfferIdOf(request.id());
  call.AuditChange(kOffer, id.uuid(), nullptr, nullptr);
  store_.Lock(call.tx());
  CLINICD_ASSIGN_OR_RETURN(const std::optional<WaitlistOffer> before,
                           store_.FindOffer(call.tx(), id));
  if (!before) return WaitlistOfferNotFound();
  CLINICD_RETURN_IF_ERROR(CheckOpen(*before, call.now()));
  CLINICD_RETURN_IF_ERROR(
      store_.Decline(call.tx(), *before, {.closed_by = call.user_id(), .now = call.now()}));
  WaitlistOffer after = *before;
  after.state = OfferState::kDeclined;
  after.closed_at = call.now();
  const v1::WaitlistOffer before_proto = ToProto(*before, call.now());
  v1::WaitlistOffer proto = ToProto(after, call.now());
  call.AuditChange(kOffer, id.uuid(), &before_proto, &proto, after.patient_id);
  return proto;
}

}  // namespace clinicd::appointments
