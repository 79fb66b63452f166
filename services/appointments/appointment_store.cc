#include "services/appointments/appointment_store.h"

#include <string>
#include <utility>

#include "absl/strings/str_join.h"
#include "common/base/try.h"
#include "db/queries/appointments.h"
#include "services/appointments/appointment_errors.h"
#include "services/appointments/appointment_rules.h"

namespace clinicd::appointments {
namespace {

State ReadState(std::string_view text) {
  if (text == "arrived") return State::kArrived;
  return text == "cancelled" ? State::kCancelled : State::kBooked;
}

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
  return Cancellation{.time = *time, .by = by, .reason = row.Text("cancel_reason")};
}

// In the order of the columns of every statement that returns appointments.
Appointment ReadAppointment(const db::RowReader& row) {
  Appointment appointment;
  Booking& booking = appointment.booking;
  appointment.id = row.Id<AppointmentId>("id");
  booking.patient_id = row.Id<PatientId>("patient_id");
  booking.practitioner_id = row.Id<PractitionerId>("practitioner_id");
  booking.slot.local_start = absl::CivilMinute(row.Local("local_start"));
  booking.slot.time_zone = row.Text("time_zone");
  booking.slot.duration_minutes = row.Int32("duration_minutes");
  booking.slot.starts_at = row.Time("starts_at");
  booking.slot.ends_at = row.Time("ends_at");
  booking.reason = row.Text("reason");
  appointment.state = ReadState(row.Text("state"));
  appointment.arrived_at = row.OptionalTime("arrived_at");
  appointment.cancellation = ReadCancellation(row);
  booking.external_id = row.TextOrEmpty("external_id");
  appointment.row_version = row.Int("row_version");
  appointment.created_at = row.Time("created_at");
  appointment.patient_given_name = row.Text("patient_given_name");
  appointment.patient_family_name = row.Text("patient_family_name");
  return appointment;
}

struct Obstacle {
  std::optional<AppointmentId> same_external_id;
  bool patient_exists = false;
  bool practitioner_exists = false;
  bool practitioner_active = false;
};

Obstacle ReadObstacle(const db::RowReader& row) {
  Obstacle obstacle;
  obstacle.same_external_id = row.OptionalId<AppointmentId>("same_external_id");
  obstacle.patient_exists = row.Bool("patient_exists");
  obstacle.practitioner_exists = row.Bool("practitioner_exists");
  obstacle.practitioner_active = row.Bool("practitioner_active");
  return obstacle;
}

db::Params InsertParams(AppointmentId id, const Booking& booking, UserId created_by,
                        absl::Time now) {
  db::Params params;
  params.Set("id", id)
      .Set("patient_id", booking.patient_id)
      .Set("practitioner_id", booking.practitioner_id)
      .Set("local_start", booking.slot.local_start)
      .Set("time_zone", booking.slot.time_zone)
      .Set("duration_minutes", booking.slot.duration_minutes)
      .Set("starts_at", booking.slot.starts_at)
      .Set("ends_at", booking.slot.ends_at)
      .Set("reason", booking.reason)
      .SetOrNull("external_id", booking.external_id)
      .Set("created_by", created_by)
      .Set("now", now);
  return params;
}

}  // namespace

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

absl::StatusOr<Appointment> AppointmentStore::Insert(db::TenantTx& tx, AppointmentId id,
                                                     const Booking& booking, UserId created_by,
                                                     absl::Time now) const {
  CLINICD_ASSIGN_OR_RETURN(std::optional<Appointment> inserted,
                           tx.Optional(sql::kInsertAppointment,
                                       InsertParams(id, booking, created_by, now), ReadAppointment,
                                       {{"appointments_patient_fk", PatientNotFound},
                                        {"appointments_practitioner_fk", PractitionerNotFound}}));
  if (!inserted) return WhyNotInserted(tx, booking);
  return *std::move(inserted);
}

absl::Status AppointmentStore::WhyNotInserted(db::TenantTx& tx, const Booking& booking) const {
  db::Params params;
  params.Set("patient_id", booking.patient_id)
      .Set("practitioner_id", booking.practitioner_id)
      .SetOrNull("external_id", booking.external_id);
  CLINICD_ASSIGN_OR_RETURN(const Obstacle obstacle,
                           tx.One(sql::kFindBookingObstacle, params, ReadObstacle));
  // First, so that an import that runs again finds what it made, whatever happened since.
  if (obstacle.same_external_id) return ExternalIdTaken(*obstacle.same_external_id);
  if (!obstacle.patient_exists) return PatientNotFound();
  if (!obstacle.practitioner_exists) return PractitionerNotFound();
  if (!obstacle.practitioner_active) return PractitionerInactive();
  return SlotTaken();
}

absl::StatusOr<std::optional<Appointment>> AppointmentStore::Cancel(
    db::TenantTx& tx, AppointmentId id, std::optional<std::int64_t> version,
    const Cancellation& cancellation) const {
  return tx.Optional(sql::kCancelAppointment,
                     db::Params()
                         .Set("id", id)
                         .Set("row_version", version)
                         .Set("now", cancellation.time)
                         .Set("cancelled_by", CancelledByText(cancellation.by))
                         .Set("cancel_reason", cancellation.reason),
                     ReadAppointment);
}

absl::StatusOr<std::optional<Appointment>> AppointmentStore::CheckIn(
    db::TenantTx& tx, AppointmentId id, std::optional<std::int64_t> version, absl::Time now) const {
  return tx.Optional(sql::kCheckInAppointment,
                     db::Params()
                         .Set("id", id)
                         .Set("row_version", version)
                         .Set("now", now)
                         .Set("latest_start", now + kArrivalLead),
                     ReadAppointment);
}

}  // namespace clinicd::appointments
