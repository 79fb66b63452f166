#include "services/appointments/waitlist_store.h"

#include <string>
#include <utility>

#include "common/base/try.h"
#include "common/status/error.h"
#include "db/queries/appointments.h"
#include "services/appointments/appointment_errors.h"
#include "services/appointments/plan_text.h"
#include "services/appointments/resource_errors.h"
#include "services/appointments/visit_type_errors.h"
#include "services/appointments/waitlist_errors.h"
#include "services/appointments/waitlist_rules.h"

namespace clinicd::appointments {
namespace {

// In the order of the columns of every statement that returns entries.
WaitlistEntry ReadEntry(const db::RowReader& row) {
  WaitlistEntry entry;
  entry.id = row.Id<WaitlistEntryId>("id");
  entry.patient_id = row.Id<PatientId>("patient_id");
  entry.patient_given_name = row.Text("patient_given_name");
  entry.patient_family_name = row.Text("patient_family_name");
  entry.visit_type = row.OptionalId<VisitTypeId>("visit_type_id");
  entry.duration_minutes = row.OptionalInt32("duration_minutes");
  entry.practitioner = row.OptionalId<PractitionerId>("practitioner_id");
  entry.location = row.OptionalId<LocationId>("location_id");
  entry.main_site = row.Bool("main_site");
  entry.urgency = UrgencyOf(row.Text("urgency"));
  entry.short_notice_minutes = row.OptionalInt32("short_notice_minutes");
  entry.earliest_day = row.OptionalDate("earliest_on");
  entry.latest_day = row.OptionalDate("latest_on");
  entry.windows = ParseWindows(row.Text("windows"));
  entry.note = row.Text("note");
  entry.state = EntryStateOf(row.Text("state"));
  entry.appointment = row.OptionalId<AppointmentId>("appointment_id");
  entry.row_version = row.Int("row_version");
  entry.created_at = row.Time("created_at");
  return entry;
}

WaitingPerson ReadPerson(const db::RowReader& row) {
  WaitingPerson person{.entry = ReadEntry(row)};
  person.phone = row.Text("phone");
  person.needed_minutes = row.OptionalInt32("needed_minutes").value_or(0);
  person.busy = ParseRanges(row.TextOrEmpty("busy"));
  if (const auto offer = row.OptionalId<WaitlistOfferId>("offer_id")) {
    person.offer = {.id = *offer, .state = OfferStateOf(row.Text("offer_state"))};
    person.offer->expires_at = row.Time("offer_expires_at");
  }
  return person;
}

WaitlistOffer ReadOffer(const db::RowReader& row) {
  WaitlistOffer offer;
  Plan& plan = offer.plan;
  offer.id = row.Id<WaitlistOfferId>("id");
  offer.entry = row.Id<WaitlistEntryId>("entry_id");
  offer.hold = row.Id<HoldId>("hold_id");
  plan.practitioner_id = row.Id<PractitionerId>("practitioner_id");
  plan.slot.local_start = absl::CivilMinute(row.Local("local_start"));
  plan.slot.time_zone = row.Text("time_zone");
  plan.slot.duration_minutes = row.Int32("duration_minutes");
  plan.slot.starts_at = row.Time("starts_at");
  plan.slot.ends_at = row.Time("ends_at");
  plan.buffers.before_minutes = row.Int32("buffer_before_minutes");
  plan.buffers.after_minutes = row.Int32("buffer_after_minutes");
  plan.allocations = ParseAllocations(row.Text("allocations"));
  offer.expires_at = row.Time("expires_at");
  offer.state = OfferStateOf(row.Text("state"));
  offer.appointment = row.OptionalId<AppointmentId>("appointment_id");
  offer.created_at = row.Time("created_at");
  offer.closed_at = row.OptionalTime("closed_at");
  offer.patient_id = row.Id<PatientId>("patient_id");
  offer.visit_type = row.OptionalId<VisitTypeId>("visit_type_id");
  return offer;
}

HoldId ReadHoldId(const db::RowReader& row) { return row.Id<HoldId>("id"); }
WaitlistOfferId ReadOfferId(const db::RowReader& row) { return row.Id<WaitlistOfferId>("id"); }

const db::ConstraintErrors& EntryErrors() {
  static const db::ConstraintErrors errors = {
      {"waitlist_entries_patient_fk", PatientNotFound},
      {"waitlist_entries_visit_type_fk", VisitTypeNotFound},
      {"waitlist_entries_practitioner_fk", PractitionerNotFound},
      {"waitlist_entries_location_fk", LocationNotFound}};
  return errors;
}

// What an insertion and an update have in common.
db::Params CommonParams(const WaitlistEntry& entry) {
  db::Params params;
  params.Set("id", entry.id)
      .Set("visit_type_id", entry.visit_type)
      .Set("duration_minutes", entry.duration_minutes)
      .Set("practitioner_id", entry.practitioner)
      .Set("location_id", entry.location)
      .Set("main_site", entry.main_site)
      .Set("urgency", NameOf(entry.urgency))
      .Set("short_notice_minutes", entry.short_notice_minutes)
      .Set("earliest_on", entry.earliest_day)
      .Set("latest_on", entry.latest_day)
      .Set("windows", FormatWindows(entry.windows))
      .Set("note", entry.note);
  return params;
}

db::Params& SetAfter(db::Params& params, const WaitPosition& after) {
  return params.Set("after_rank", after.urgency_rank)
      .Set("after_created_at", after.created_at)
      .Set("after_id", after.id);
}

// The time of a plan, as offers keep it.
db::Params& SetTime(db::Params& params, const Plan& plan) {
  return params.Set("practitioner_id", plan.practitioner_id)
      .Set("starts_at", plan.slot.starts_at)
      .Set("duration_minutes", plan.slot.duration_minutes)
      .Set("buffer_before_minutes", plan.buffers.before_minutes)
      .Set("buffer_after_minutes", plan.buffers.after_minutes)
      .Set("allocations", FormatAllocations(plan.allocations));
}

// Frees the times that the entry was offered, and that nobody is offered any more.
absl::Status SettleHolds(db::TenantTx& tx, WaitlistEntryId entry, absl::Time now) {
  return tx.Execute(sql::kSettleWaitlistHolds, db::Params().Set("entry_id", entry).Set("now", now))
      .status();
}

absl::Status CloseEntry(db::TenantTx& tx, WaitlistEntryId id, EntryState state,
                        std::optional<AppointmentId> appointment) {
  CLINICD_ASSIGN_OR_RETURN(
      const std::int64_t closed,
      tx.Execute(sql::kCloseWaitlistEntry, db::Params()
                                               .Set("id", id)
                                               .Set("state", NameOf(state))
                                               .Set("appointment_id", appointment)));
  return closed == 1 ? absl::OkStatus() : ChangedMeanwhile();
}

}  // namespace

absl::StatusOr<WaitlistEntry> WaitlistStore::InsertEntry(db::TenantTx& tx,
                                                         const WaitlistEntry& entry,
                                                         UserId created_by) const {
  db::Params params = CommonParams(entry);
  params.Set("patient_id", entry.patient_id)
      .Set("now", entry.created_at)
      .Set("created_by", created_by);
  tx.Defer(sql::kInsertWaitlistEntry, params, EntryErrors());
  CLINICD_ASSIGN_OR_RETURN(std::optional<WaitlistEntry> created, FindEntry(tx, entry.id));
  if (!created) return status::Defect("an entry is gone that was just stored");
  return *std::move(created);
}

absl::StatusOr<std::optional<WaitlistEntry>> WaitlistStore::FindEntry(db::TenantTx& tx,
                                                                      WaitlistEntryId id) const {
  return tx.Optional(sql::kGetWaitlistEntry, db::Params().Set("id", id), ReadEntry);
}

absl::StatusOr<std::optional<WaitlistEntry>> WaitlistStore::UpdateEntry(
    db::TenantTx& tx, const WaitlistEntry& entry) const {
  db::Params params = CommonParams(entry);
  params.Set("row_version", entry.row_version);
  CLINICD_ASSIGN_OR_RETURN(const std::int64_t updated,
                           tx.Execute(sql::kUpdateWaitlistEntry, params, EntryErrors()));
  if (updated == 0) return std::nullopt;
  return FindEntry(tx, entry.id);
}

absl::StatusOr<std::vector<WaitlistEntry>> WaitlistStore::ListEntries(
    db::TenantTx& tx, const Listing& listing) const {
  const bool expired = listing.state == EntryState::kExpired;
  const EntryState stored = expired ? EntryState::kWaiting : listing.state;
  db::Params params;
  params.Set("state", NameOf(stored))
      .Set("expired", stored == EntryState::kWaiting ? std::optional(expired) : std::nullopt)
      .Set("today", listing.today)
      .Set("practitioner_id", listing.practitioner)
      .Set("visit_type_id", listing.visit_type)
      .Set("patient_id", listing.patient)
      .Set("row_limit", listing.limit);
  return tx.Many(sql::kListWaitlistEntries, SetAfter(params, listing.after), ReadEntry);
}

absl::StatusOr<std::vector<WaitingPerson>> WaitlistStore::FindPeople(db::TenantTx& tx,
                                                                     const Search& search) const {
  const Slot& slot = search.plan.slot;
  const absl::TimeZone utc = absl::UTCTimeZone();
  db::Params params;
  // Clocks of sites show another day than this one at times.
  params.Set("practitioner_id", search.plan.practitioner_id)
      .Set("first_on", absl::ToCivilDay(slot.starts_at, utc) - 1)
      .Set("last_on", absl::ToCivilDay(slot.ends_at, utc) + 1)
      .Set("begin_at", slot.starts_at)
      .Set("end_at", slot.ends_at)
      .Set("row_limit", search.limit);
  return tx.Many(sql::kFindWaitlistCandidates, SetAfter(params, search.after), ReadPerson);
}

void WaitlistStore::Lock(db::TenantTx& tx) const { tx.Defer(sql::kLockWaitlist, db::Params()); }

void WaitlistStore::LockEntry(db::TenantTx& tx, WaitlistEntryId id) const {
  tx.Defer(sql::kLockWaitlistEntry, db::Params().Set("id", id));
}

absl::StatusOr<std::optional<WaitlistOffer>> WaitlistStore::FindOffer(db::TenantTx& tx,
                                                                      WaitlistOfferId id) const {
  return tx.Optional(sql::kGetWaitlistOffer, db::Params().Set("id", id), ReadOffer);
}

absl::StatusOr<std::optional<HoldId>> WaitlistStore::ShareHold(db::TenantTx& tx, const Plan& plan,
                                                               absl::Time expires_at,
                                                               absl::Time now) const {
  db::Params params;
  params.Set("expires_at", expires_at).Set("now", now);
  return tx.Optional(sql::kShareWaitlistHold, SetTime(params, plan), ReadHoldId);
}

absl::Status WaitlistStore::InsertOffer(db::TenantTx& tx, const WaitlistOffer& offer,
                                        UserId created_by) const {
  // One that has expired does not stand in the way of another.
  tx.Defer(sql::kExpireWaitlistOffers,
           db::Params().Set("entry_id", offer.entry).Set("now", offer.created_at));
  const Slot& slot = offer.plan.slot;
  db::Params params;
  params.Set("id", offer.id)
      .Set("entry_id", offer.entry)
      .Set("hold_id", offer.hold)
      .Set("local_start", slot.local_start)
      .Set("time_zone", slot.time_zone)
      .Set("ends_at", slot.ends_at)
      .Set("expires_at", offer.expires_at)
      .Set("now", offer.created_at)
      .Set("created_by", created_by);
  CLINICD_ASSIGN_OR_RETURN(const std::int64_t inserted,
                           tx.Execute(sql::kInsertWaitlistOffer, SetTime(params, offer.plan)));
  if (inserted > 0) return absl::OkStatus();
  CLINICD_ASSIGN_OR_RETURN(
      const WaitlistOfferId existing,
      tx.One(sql::kFindOpenWaitlistOffer,
             db::Params().Set("entry_id", offer.entry).Set("hold_id", offer.hold), ReadOfferId));
  return WaitlistOfferExists(existing);
}

void WaitlistStore::FreeHold(db::TenantTx& tx, const WaitlistOffer& offer) const {
  tx.Defer(sql::kDeleteWaitlistHold, db::Params().Set("id", offer.hold));
}

absl::Status WaitlistStore::Accept(db::TenantTx& tx, const WaitlistOffer& offer,
                                   AppointmentId appointment, const Closing& closing) const {
  tx.Defer(sql::kAcceptWaitlistOffer,
           db::Params()
               .Set("id", offer.id)
               .Set("entry_id", offer.entry)
               .Set("hold_id", offer.hold)
               .Set("appointment_id", appointment)
               .Set("now", closing.now)
               .Set("closed_by", closing.closed_by),
           {{"waitlist_offers_by_accepted_hold_ix", WaitlistTimeTaken},
            {"waitlist_offers_by_accepted_entry_ix", WaitlistEntryBooked}});
  CLINICD_RETURN_IF_ERROR(CloseEntry(tx, offer.entry, EntryState::kBooked, appointment));
  return SettleHolds(tx, offer.entry, closing.now);
}

absl::Status WaitlistStore::Decline(db::TenantTx& tx, const WaitlistOffer& offer,
                                    const Closing& closing) const {
  tx.Defer(sql::kEndWaitlistOffers, db::Params()
                                        .Set("entry_id", offer.entry)
                                        .Set("id", offer.id)
                                        .Set("state", NameOf(OfferState::kDeclined))
                                        .Set("now", closing.now)
                                        .Set("closed_by", closing.closed_by));
  return SettleHolds(tx, offer.entry, closing.now);
}

absl::Status WaitlistStore::Withdraw(db::TenantTx& tx, WaitlistEntryId id,
                                     const Closing& closing) const {
  CLINICD_RETURN_IF_ERROR(CloseEntry(tx, id, EntryState::kWithdrawn, std::nullopt));
  tx.Defer(sql::kEndWaitlistOffers, db::Params()
                                        .Set("entry_id", id)
                                        .SetNull("id")
                                        .Set("state", NameOf(OfferState::kWithdrawn))
                                        .Set("now", closing.now)
                                        .Set("closed_by", closing.closed_by));
  return SettleHolds(tx, id, closing.now);
}

}  // namespace clinicd::appointments
