#include "services/appointments/appointment_store.h"

#include <string>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/try.h"
#include "db/queries/appointments.h"
#include "services/appointments/appointment_errors.h"
#include "services/appointments/appointment_rules.h"
#include "services/appointments/plan_text.h"
#include "services/appointments/resource_errors.h"
#include "services/appointments/visit_type_errors.h"

namespace clinicd::appointments {
namespace {

std::string_view CancelledByText(CancelledBy by) {
  return by == CancelledBy::kPatient ? "patient" : "clinic";
}

CancelledBy ReadCancelledBy(std::string_view text) {
  return text == "patient" ? CancelledBy::kPatient : CancelledBy::kClinic;
}

std::optional<Cancellation> ReadCancellation(const db::RowReader& row) {
  const std::optional<absl::Time> time = row.OptionalTime("cancelled_at");
  if (!time) return std::nullopt;
  const CancelledBy by = ReadCancelledBy(row.Text("cancelled_by"));
  const std::string reason = row.Text("cancel_reason");
  return Cancellation{
      .time = *time, .by = by, .reason = reason, .late = row.Bool("cancelled_late")};
}

SeriesPlace ReadSeriesPlace(const db::RowReader& row) {
  SeriesPlace place{.series = row.OptionalId<SeriesId>("series_id")};
  if (place.series) place.ordinal = row.Int32("series_ordinal");
  place.exception = row.Bool("series_exception");
  return place;
}

// In the order of the columns of every statement that returns appointments.
Appointment ReadAppointment(const db::RowReader& row) {
  Appointment appointment;
  Booking& booking = appointment.booking;
  Plan& plan = booking.plan;
  Progress& progress = appointment.progress;
  appointment.id = row.Id<AppointmentId>("id");
  booking.patient_id = row.Id<PatientId>("patient_id");
  plan.practitioner_id = row.Id<PractitionerId>("practitioner_id");
  booking.visit_type = row.OptionalId<VisitTypeId>("visit_type_id");
  plan.slot.local_start = absl::CivilMinute(row.Local("local_start"));
  plan.slot.time_zone = row.Text("time_zone");
  plan.slot.duration_minutes = row.Int32("duration_minutes");
  plan.slot.starts_at = row.Time("starts_at");
  plan.slot.ends_at = row.Time("ends_at");
  plan.buffers.before_minutes = row.Int32("buffer_before_minutes");
  plan.buffers.after_minutes = row.Int32("buffer_after_minutes");
  booking.lane = row.Int32("lane");
  booking.overbook_reason = row.TextOrEmpty("overbook_reason");
  booking.reason = row.Text("reason");
  progress.state = StateOf(row.Text("state"));
  progress.confirmed_at = row.OptionalTime("confirmed_at");
  progress.arrived_at = row.OptionalTime("arrived_at");
  progress.seated_at = row.OptionalTime("seated_at");
  progress.completed_at = row.OptionalTime("completed_at");
  progress.no_show_at = row.OptionalTime("no_show_at");
  progress.cancellation = ReadCancellation(row);
  booking.external_id = row.TextOrEmpty("external_id");
  appointment.place = ReadSeriesPlace(row);
  appointment.row_version = row.Int("row_version");
  appointment.created_at = row.Time("created_at");
  appointment.patient_given_name = row.Text("patient_given_name");
  appointment.patient_family_name = row.Text("patient_family_name");
  plan.allocations = ParseAllocations(row.TextOrEmpty("allocations"));
  return appointment;
}

struct Inserted {
  // None: nothing was inserted.
  std::optional<Appointment> appointment;
  // All of it; else the transaction must not be committed.
  bool complete = false;
  // Everybody and everything that is wanted is there, free or not.
  bool usable = false;
  std::string taken_kinds;
  // Holds that have expired are in the way.
  bool expired_holds = false;
};

Inserted ReadInserted(const db::RowReader& row) {
  Inserted inserted;
  if (row.OptionalId<AppointmentId>("id")) inserted.appointment = ReadAppointment(row);
  inserted.complete = row.Bool("complete");
  inserted.usable = row.Bool("usable") && row.Bool("patient_exists");
  inserted.taken_kinds = row.TextOrEmpty("taken_kinds");
  inserted.expired_holds = row.Bool("expired_holds");
  return inserted;
}

AppointmentStore::Changed ReadChanged(const db::RowReader& row) {
  AppointmentStore::Changed changed;
  changed.after = ReadAppointment(row);
  changed.before = changed.after;
  --changed.before.row_version;
  Progress& before = changed.before.progress;
  before.state = StateOf(row.Text("old_state"));
  before.confirmed_at = row.OptionalTime("old_confirmed_at");
  before.arrived_at = row.OptionalTime("old_arrived_at");
  before.seated_at = row.OptionalTime("old_seated_at");
  before.completed_at = row.OptionalTime("old_completed_at");
  before.no_show_at = row.OptionalTime("old_no_show_at");
  if (before.state != State::kCancelled) before.cancellation.reset();
  return changed;
}

AppointmentEvent ReadEvent(const db::RowReader& row) {
  AppointmentEvent event;
  event.kind = EventKindOf(row.Text("kind"));
  event.state = StateOf(row.Text("state"));
  event.practitioner_id = row.Id<PractitionerId>("practitioner_id");
  event.local_start = absl::CivilMinute(row.Local("local_start"));
  event.time_zone = row.Text("time_zone");
  event.duration_minutes = row.Int32("duration_minutes");
  event.reason = row.Text("reason");
  event.occurred_at = row.Time("occurred_at");
  event.caused_by = row.OptionalId<UserId>("caused_by");
  return event;
}

Attendance ReadAttendance(const db::RowReader& row) {
  Attendance attendance;
  attendance.completed = row.Int32("completed");
  attendance.no_show = row.Int32("no_show");
  attendance.cancelled_by_patient = row.Int32("cancelled_by_patient");
  attendance.cancelled_late_by_patient = row.Int32("cancelled_late_by_patient");
  attendance.cancelled_by_clinic = row.Int32("cancelled_by_clinic");
  attendance.upcoming = row.Int32("upcoming");
  attendance.last_completed_at = row.OptionalTime("last_completed_at");
  return attendance;
}

bool ReadComplete(const db::RowReader& row) { return row.Bool("complete"); }
AppointmentStore::LinkedPractitioner ReadLinkedPractitioner(const db::RowReader& row) {
  const auto id = row.Id<PractitionerId>("id");
  return {.id = id, .person = row.OptionalUuid("person_id")};
}
HoldId ReadHoldId(const db::RowReader& row) { return row.Id<HoldId>("id"); }

std::optional<std::int32_t> ReadLane(const db::RowReader& row) {
  const std::int32_t lane = row.Int32("lane");
  return lane < 0 ? std::nullopt : std::optional(lane);
}

struct Obstacle {
  std::optional<AppointmentId> same_external_id;
  bool patient_exists = false;
  bool visit_type_exists = false;
  bool visit_type_active = false;
  std::int64_t absent_practitioners = 0;
  std::int64_t inactive_practitioners = 0;
  std::int64_t absent_resources = 0;
  std::int64_t inactive_resources = 0;
  std::string taken_kinds;
};

Obstacle ReadObstacle(const db::RowReader& row) {
  Obstacle obstacle;
  obstacle.same_external_id = row.OptionalId<AppointmentId>("same_external_id");
  obstacle.patient_exists = row.Bool("patient_exists");
  obstacle.visit_type_exists = row.Bool("visit_type_exists");
  obstacle.visit_type_active = row.Bool("visit_type_active");
  obstacle.absent_practitioners = row.Int("absent_practitioners");
  obstacle.inactive_practitioners = row.Int("inactive_practitioners");
  obstacle.absent_resources = row.Int("absent_resources");
  obstacle.inactive_resources = row.Int("inactive_resources");
  obstacle.taken_kinds = row.TextOrEmpty("taken_kinds");
  return obstacle;
}

const db::ConstraintErrors& BookingErrors() {
  static const db::ConstraintErrors errors = {
      {"appointments_patient_fk", PatientNotFound},
      {"occupancies_patient_fk", PatientNotFound},
      {"appointments_practitioner_fk", PractitionerNotFound},
      {"appointments_visit_type_fk", VisitTypeNotFound},
      {"holds_practitioner_fk", PractitionerNotFound}};
  return errors;
}

// What stands in the way of `wanted`, which `holder` did not get all of.
struct Attempt {
  const Wanted& wanted;
  Uuid holder = {};
  PatientId patient = {};
  std::optional<VisitTypeId> visit_type = {};
  std::string external_id = {};
};

absl::StatusOr<Obstacle> FindObstacle(db::TenantTx& tx, const Attempt& attempt) {
  db::Params params;
  params.Set("patient_id", attempt.patient)
      .Set("visit_type_id", attempt.visit_type)
      .SetOrNull("external_id", attempt.external_id)
      .Set("holder_id", attempt.holder);
  return tx.One(sql::kFindBookingObstacle, attempt.wanted.AddTo(params), ReadObstacle);
}

// Whether what is wanted is there, free or not.
absl::Status CheckThere(const Obstacle& obstacle, const Attempt& attempt) {
  const bool patient_matters = attempt.patient != PatientId();
  if (patient_matters && !obstacle.patient_exists) return PatientNotFound();
  if (obstacle.absent_practitioners > 0) return PractitionerNotFound();
  if (obstacle.inactive_practitioners > 0) return PractitionerInactive();
  if (obstacle.absent_resources > 0) return ResourceNotFound();
  if (obstacle.inactive_resources > 0) return ResourceInactive();
  if (attempt.visit_type && !obstacle.visit_type_exists) return VisitTypeNotFound();
  if (attempt.visit_type && !obstacle.visit_type_active) return VisitTypeInactive();
  return absl::OkStatus();
}

absl::Status WhyNot(db::TenantTx& tx, const Attempt& attempt) {
  CLINICD_ASSIGN_OR_RETURN(const Obstacle obstacle, FindObstacle(tx, attempt));
  // First, so that an import that runs again finds what it made, whatever happened since.
  if (obstacle.same_external_id) return ExternalIdTaken(*obstacle.same_external_id);
  CLINICD_RETURN_IF_ERROR(CheckThere(obstacle, attempt));
  return SlotTaken(obstacle.taken_kinds);
}

std::string ReadTakenKinds(const db::RowReader& row) { return row.TextOrEmpty("taken_kinds"); }

// What stands in the way of who and what is known to be there.
absl::Status WhatIsTaken(db::TenantTx& tx, const Attempt& attempt) {
  db::Params params;
  params.Set("holder_id", attempt.holder);
  CLINICD_ASSIGN_OR_RETURN(
      const std::string taken_kinds,
      tx.One(sql::kFindTakenKinds, attempt.wanted.AddTo(params), ReadTakenKinds));
  return SlotTaken(taken_kinds);
}

// In the flush of what takes the time, and before it has taken anything.
void DeleteExpiredHolds(db::TenantTx& tx, const Wanted& wanted, absl::Time now) {
  db::Params params;
  params.Set("now", now);
  tx.Defer(sql::kDeleteExpiredHolds, wanted.AddTo(params));
}

// Takes all that is wanted by a holder that has nothing yet.
absl::Status TakeAll(db::TenantTx& tx, const db::Query& insert, std::int32_t lane, absl::Time now,
                     const Attempt& attempt) {
  DeleteExpiredHolds(tx, attempt.wanted, now);
  db::Params params;
  params.Set("holder_id", attempt.holder).Set("lane", lane);
  CLINICD_ASSIGN_OR_RETURN(const bool complete, tx.One(insert, attempt.wanted.AddTo(params),
                                                       ReadComplete, BookingErrors()));
  return complete ? absl::OkStatus() : WhyNot(tx, attempt);
}

}  // namespace

Appointment ReadAppointmentRow(const db::RowReader& row) { return ReadAppointment(row); }

absl::StatusOr<std::optional<Appointment>> AppointmentStore::Find(db::TenantTx& tx,
                                                                  AppointmentId id) const {
  return tx.Optional(sql::kGetAppointment, db::Params().Set("id", id), ReadAppointment);
}

absl::StatusOr<std::vector<Appointment>> AppointmentStore::List(db::TenantTx& tx,
                                                                const Listing& listing) const {
  db::Params params;
  params.Set("after_starts_at", listing.after.starts_at)
      .Set("after_id", listing.after.id)
      .Set("before_starts_at", listing.before)
      .Set("show_cancelled", listing.show_cancelled)
      .Set("row_limit", listing.limit);
  if (!listing.practitioner) return tx.Many(sql::kListAppointments, params, ReadAppointment);
  params.Set("practitioner_id", *listing.practitioner);
  return tx.Many(sql::kListPractitionerAppointments, params, ReadAppointment);
}

absl::StatusOr<std::vector<Appointment>> AppointmentStore::ListWatched(
    db::TenantTx& tx, const Watching& watching, const std::vector<Uuid>& ids) const {
  const std::string text =
      absl::StrJoin(ids, " ", [](std::string* out, const Uuid& id) { out->append(id.ToString()); });
  return tx.Many(sql::kListWatchedAppointments,
                 db::Params()
                     .Set("ids", text)
                     .Set("practitioner_id", watching.practitioner)
                     .Set("begin_at", watching.begin)
                     .Set("end_at", watching.end)
                     .Set("show_cancelled", watching.show_cancelled)
                     .Set("row_limit", static_cast<std::int64_t>(ids.size())),
                 ReadAppointment);
}

absl::StatusOr<std::vector<Appointment>> AppointmentStore::ListSeries(db::TenantTx& tx,
                                                                      SeriesId series,
                                                                      std::int32_t after_ordinal,
                                                                      std::int32_t limit) const {
  return tx.Many(sql::kListSeriesAppointments,
                 db::Params()
                     .Set("series_id", series)
                     .Set("after_ordinal", after_ordinal)
                     .Set("row_limit", limit),
                 ReadAppointment);
}

absl::StatusOr<Appointment> AppointmentStore::Insert(db::TenantTx& tx, AppointmentId id,
                                                     const Booking& booking, UserId created_by,
                                                     absl::Time now) const {
  const Plan& plan = booking.plan;
  const Wanted wanted(plan, booking.patient_id);
  db::Params params;
  params.Set("id", id)
      .Set("patient_id", booking.patient_id)
      .Set("practitioner_id", plan.practitioner_id)
      .Set("visit_type_id", booking.visit_type)
      .Set("local_start", plan.slot.local_start)
      .Set("time_zone", plan.slot.time_zone)
      .Set("ends_at", plan.slot.ends_at)
      .Set("lane", booking.lane)
      .SetOrNull("overbook_reason", booking.overbook_reason)
      .Set("reason", booking.reason)
      .SetOrNull("external_id", booking.external_id)
      .Set("part_allocations", FormatAllocations(plan.allocations))
      .Set("created_by", created_by)
      .Set("now", now);
  wanted.AddTo(params);
  const auto insert = [&]() {
    return tx.One(sql::kInsertAppointment, params, ReadInserted, BookingErrors());
  };
  CLINICD_ASSIGN_OR_RETURN(Inserted inserted, insert());
  if (!inserted.appointment && inserted.taken_kinds.empty() && inserted.expired_holds) {
    DeleteExpiredHolds(tx, wanted, now);
    CLINICD_ASSIGN_OR_RETURN(inserted, insert());
  }
  const Attempt attempt{.wanted = wanted,
                        .holder = id.uuid(),
                        .patient = booking.patient_id,
                        .visit_type = booking.visit_type,
                        .external_id = booking.external_id};
  if (!inserted.appointment) {
    const bool only_taken =
        inserted.usable && booking.external_id.empty() && !inserted.taken_kinds.empty();
    return only_taken ? SlotTaken(inserted.taken_kinds) : WhyNot(tx, attempt);
  }
  // There is a row of the appointment, so that nothing it names is absent or inactive.
  if (!inserted.complete) return WhatIsTaken(tx, attempt);
  return *std::move(inserted.appointment);
}

void AppointmentStore::ShareDays(db::TenantTx& tx, const std::vector<absl::CivilDay>& days) const {
  tx.Defer(sql::kLockDaysShared, db::Params().Set("days", DaysText(days)));
}

void AppointmentStore::LockDays(db::TenantTx& tx, const std::vector<absl::CivilDay>& days) const {
  tx.Defer(sql::kLockDays, db::Params().Set("days", DaysText(days)));
}

absl::StatusOr<std::optional<std::int32_t>> AppointmentStore::FindFreeLane(db::TenantTx& tx,
                                                                           const Plan& plan,
                                                                           AppointmentId holder,
                                                                           absl::Time now) const {
  const Wanted wanted(plan, std::nullopt);
  DeleteExpiredHolds(tx, wanted, now);
  db::Params params;
  params.Set("holder_id", holder);
  return tx.One(sql::kFindFreeLane, wanted.AddTo(params), ReadLane);
}

absl::Status AppointmentStore::CheckUsable(db::TenantTx& tx, const Booking& booking) const {
  const Wanted wanted(booking.plan, booking.patient_id);
  const Attempt attempt{
      .wanted = wanted, .patient = booking.patient_id, .visit_type = booking.visit_type};
  CLINICD_ASSIGN_OR_RETURN(const Obstacle obstacle, FindObstacle(tx, attempt));
  return CheckThere(obstacle, attempt);
}

absl::StatusOr<std::optional<AppointmentStore::Changed>> AppointmentStore::ChangeState(
    db::TenantTx& tx, AppointmentId id, const StateChange& change) const {
  const SlotBounds bounds = BoundsOf(change.transition, change.now, change.zone);
  // In the flush of the change. Days before the appointment, as moves do.
  if (change.transition.kind == EventKind::kArrived) {
    tx.Defer(sql::kLockLateDays, db::Params().Set("id", id));
    tx.Defer(sql::kDeleteLateExpiredHolds, db::Params().Set("id", id).Set("now", change.now));
  }
  tx.Defer(sql::kLockAppointment, db::Params().Set("id", id));
  return tx.Optional(sql::kChangeAppointmentState,
                     db::Params()
                         .Set("id", id)
                         .Set("row_version", change.version)
                         .Set("kind", NameOf(change.transition.kind))
                         .Set("from_states", NamesOfStarts(change.transition))
                         .Set("to_state", NameOf(change.transition.to))
                         .Set("occupies", Occupies(change.transition.to))
                         .Set("starts_from", bounds.starts_from)
                         .Set("starts_until", bounds.starts_until)
                         .Set("ends_from", bounds.ends_from)
                         .Set("reason", change.reason)
                         .Set("cancelled_by", CancelledByText(change.by))
                         .Set("cancel_cutoff_minutes",
                              static_cast<std::int32_t>(absl::ToInt64Minutes(kCancelCutoff)))
                         .Set("changed_by", change.changed_by)
                         .Set("now", change.now),
                     ReadChanged,
                     {{"occupancies_occupant_occupied_ex", SlotTaken},
                      {"occupancies_person_occupied_ex", SlotTaken},
                      {"occupancies_person_elsewhere_ex", SlotTaken}});
}

absl::StatusOr<std::optional<Appointment>> AppointmentStore::MoveTo(db::TenantTx& tx,
                                                                    const Appointment& current,
                                                                    const Move& move) const {
  const Plan& plan = move.plan;
  // The patient confirmed a time, not a chair.
  const bool same_time = plan.slot.starts_at == current.booking.plan.slot.starts_at;
  const State state = same_time ? current.progress.state : State::kBooked;
  CLINICD_ASSIGN_OR_RETURN(
      const std::optional<Appointment> moved,
      tx.Optional(sql::kMoveAppointment,
                  db::Params()
                      .Set("id", current.id)
                      .Set("row_version", current.row_version)
                      .Set("practitioner_id", plan.practitioner_id)
                      .Set("visit_type_id", move.visit_type)
                      .Set("local_start", plan.slot.local_start)
                      .Set("time_zone", plan.slot.time_zone)
                      .Set("duration_minutes", plan.slot.duration_minutes)
                      .Set("starts_at", plan.slot.starts_at)
                      .Set("ends_at", plan.slot.ends_at)
                      .Set("lane", move.lane)
                      .Set("state", NameOf(state))
                      .Set("reason", move.reason)
                      .Set("part_allocations", FormatAllocations(plan.allocations))
                      .Set("changed_by", move.changed_by)
                      .Set("now", move.now),
                  ReadAppointment, BookingErrors()));
  if (!moved) return std::nullopt;
  const Wanted wanted(plan, current.booking.patient_id);
  CLINICD_RETURN_IF_ERROR(TakeAll(
      tx, sql::kInsertAppointmentOccupancies, move.lane, move.now,
      {.wanted = wanted, .holder = current.id.uuid(), .patient = current.booking.patient_id}));
  return moved;
}

absl::Status AppointmentStore::InsertHold(db::TenantTx& tx, const Hold& hold, UserId member,
                                          absl::Time now) const {
  const Plan& plan = hold.plan;
  tx.Defer(sql::kLockDaysShared, db::Params().Set("days", DaysText(DaysOf(plan))));
  CLINICD_RETURN_IF_ERROR(tx.One(sql::kInsertHold,
                                 db::Params()
                                     .Set("id", hold.id)
                                     .Set("membership_id", member)
                                     .Set("practitioner_id", plan.practitioner_id)
                                     .Set("local_start", plan.slot.local_start)
                                     .Set("time_zone", plan.slot.time_zone)
                                     .Set("duration_minutes", plan.slot.duration_minutes)
                                     .Set("starts_at", plan.slot.starts_at)
                                     .Set("ends_at", plan.slot.ends_at)
                                     .Set("expires_at", hold.expires_at)
                                     .Set("for_waitlist", hold.for_waitlist)
                                     .Set("now", now),
                                 ReadHoldId, BookingErrors())
                              .status());
  const Wanted wanted(plan, std::nullopt);
  return TakeAll(tx, sql::kInsertHoldOccupancies, 0, now,
                 {.wanted = wanted, .holder = hold.id.uuid()});
}

void AppointmentStore::DeleteAllExpiredHolds(db::TenantTx& tx, absl::Time now) const {
  tx.Defer(sql::kDeleteAllExpiredHolds, db::Params().Set("now", now));
}

absl::Status AppointmentStore::DeleteHold(db::TenantTx& tx, HoldId id, UserId member,
                                          absl::Time now) const {
  CLINICD_ASSIGN_OR_RETURN(
      const std::optional<HoldId> deleted,
      tx.Optional(sql::kDeleteHold,
                  db::Params().Set("id", id).Set("membership_id", member).Set("now", now),
                  ReadHoldId));
  return deleted ? absl::OkStatus() : HoldNotFound();
}

absl::StatusOr<std::vector<AppointmentStore::LinkedPractitioner>> AppointmentStore::SetDiaryLink(
    db::TenantTx& tx, UserId member, const DiaryLink& link, absl::Time now) const {
  tx.Defer(sql::kLockDiaryLink, db::Params());
  // They overlap with nothing any more.
  DeleteAllExpiredHolds(tx, now);
  return tx.Many(sql::kSetDiaryLink,
                 db::Params()
                     .Set("membership_id", member)
                     .Set("linked", link.linked)
                     .Set("person_id", link.person)
                     .Set("joins", link.joins)
                     .Set("now", now),
                 ReadLinkedPractitioner,
                 {{"occupancies_person_occupied_ex", DiariesOverlap},
                  {"occupancies_person_elsewhere_ex", DiariesOverlap}});
}

absl::StatusOr<std::vector<AppointmentEvent>> AppointmentStore::ListEvents(db::TenantTx& tx,
                                                                           AppointmentId id) const {
  return tx.Many(sql::kListAppointmentEvents, db::Params().Set("appointment_id", id), ReadEvent);
}

absl::StatusOr<Attendance> AppointmentStore::CountAttendance(db::TenantTx& tx, PatientId patient,
                                                             absl::Time now) const {
  return tx.One(sql::kCountPatientAppointments,
                db::Params().Set("patient_id", patient).Set("now", now), ReadAttendance);
}

}  // namespace clinicd::appointments
