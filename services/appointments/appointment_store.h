// Appointments in the database.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "db/access/tenant_tx.h"
#include "services/appointments/appointment.h"
#include "services/appointments/appointment_states.h"

namespace clinicd::appointments {

// A place in the order of starts. The nil id stands before all appointments of that start.
struct StartPosition {
  absl::Time starts_at = {};
  AppointmentId id = {};
};

// What a row of a statement that returns appointments says.
Appointment ReadAppointmentRow(const db::RowReader& row);

// Reads and writes appointments. Stateless; errors as for TenantTx.
class AppointmentStore final {
 public:
  absl::StatusOr<std::optional<Appointment>> Find(db::TenantTx& tx, AppointmentId id) const;

  struct Listing {
    // Of all practitioners where there is none.
    std::optional<PractitionerId> practitioner = {};
    StartPosition after = {};
    // Exclusive.
    absl::Time before = {};
    bool show_cancelled = false;
    std::int32_t limit = 0;
  };
  // By start and id.
  absl::StatusOr<std::vector<Appointment>> List(db::TenantTx& tx, const Listing& listing) const;

  // What somebody watches, with the end exclusive.
  struct Watching {
    std::optional<PractitionerId> practitioner = {};
    absl::Time begin = {};
    absl::Time end = {};
    bool show_cancelled = false;
  };
  // Those of `ids` that are watched, by start and id.
  absl::StatusOr<std::vector<Appointment>> ListWatched(db::TenantTx& tx, const Watching& watching,
                                                       const std::vector<Uuid>& ids) const;

  // Those of a series after `after_ordinal`, in the order of the rule.
  absl::StatusOr<std::vector<Appointment>> ListSeries(db::TenantTx& tx, SeriesId series,
                                                      std::int32_t after_ordinal,
                                                      std::int32_t limit) const;

  // Books, in one statement unless something stands against it. Errors: NOT_FOUND
  // (PATIENT_NOT_FOUND, PRACTITIONER_NOT_FOUND, RESOURCE_NOT_FOUND), FAILED_PRECONDITION
  // (APPOINTMENT_SLOT_TAKEN, PRACTITIONER_INACTIVE, RESOURCE_INACTIVE), ALREADY_EXISTS
  // (APPOINTMENT_EXTERNAL_ID_TAKEN). After an error nothing of the transaction may be kept.
  absl::StatusOr<Appointment> Insert(db::TenantTx& tx, AppointmentId id, const Booking& booking,
                                     UserId created_by, absl::Time now) const;

  // Keeps others from changing what the plan of those days is made from. To be called before hours
  // are read for Insert() or InsertHold().
  void ShareDays(db::TenantTx& tx, const std::vector<absl::CivilDay>& days) const;
  // Makes the transaction the only one that changes the plan of those days. To be called before
  // Move(), and before FindFreeLane() when its answer must last.
  void LockDays(db::TenantTx& tx, const std::vector<absl::CivilDay>& days) const;
  // The lowest lane in which nothing of the plan but the patient is taken by others than `holder`;
  // nullopt when there is none. Removes holds that have expired, and so comes before anything is
  // taken.
  absl::StatusOr<std::optional<std::int32_t>> FindFreeLane(db::TenantTx& tx, const Plan& plan,
                                                           AppointmentId holder,
                                                           absl::Time now) const;

  // Whether the patient, the visit type and all that the plan names are there and take bookings,
  // whether they are free or not. Errors: as for Insert(), but for APPOINTMENT_SLOT_TAKEN.
  absl::Status CheckUsable(db::TenantTx& tx, const Booking& booking) const;

  // A change of state that CheckTransition() allows.
  struct StateChange {
    Transition transition;
    std::optional<std::int64_t> version = {};
    std::string reason = {};
    // Of cancellations.
    CancelledBy by = CancelledBy::kClinic;
    UserId changed_by = {};
    absl::Time now = {};
    // The clinic's.
    absl::TimeZone zone = {};
  };
  struct Changed {
    Appointment before;
    Appointment after;
  };
  // Nullopt where it is not allowed, or there is no such appointment. Errors: FAILED_PRECONDITION
  // (APPOINTMENT_SLOT_TAKEN), where the time is to be taken again.
  absl::StatusOr<std::optional<Changed>> ChangeState(db::TenantTx& tx, AppointmentId id,
                                                     const StateChange& change) const;

  // Moves `current` to `plan` and `lane`; nullopt where it has changed meanwhile. Errors: as for
  // Insert().
  struct Move {
    Plan plan = {};
    std::optional<VisitTypeId> visit_type = {};
    std::int32_t lane = 0;
    std::string reason = {};
    UserId changed_by = {};
    absl::Time now = {};
  };
  absl::StatusOr<std::optional<Appointment>> MoveTo(db::TenantTx& tx, const Appointment& current,
                                                    const Move& move) const;

  // Keeps the time of `hold` free for `member`. Errors: as for Insert().
  absl::Status InsertHold(db::TenantTx& tx, const Hold& hold, UserId member, absl::Time now) const;
  // With the next flush, ends the holds of the clinic that have expired.
  void DeleteAllExpiredHolds(db::TenantTx& tx, absl::Time now) const;
  // Gives up a hold of `member`. Errors: NOT_FOUND (HOLD_NOT_FOUND).
  absl::Status DeleteHold(db::TenantTx& tx, HoldId id, UserId member, absl::Time now) const;

  struct DiaryLink {
    bool linked = false;
    // Whose diaries are linked from now on: where `joins` is set that of another clinic, else a new
    // person, of which nothing becomes where the member has linked already.
    Uuid person = {};
    bool joins = false;
  };
  // A practitioner that the member is, and with whom they are linked.
  struct LinkedPractitioner {
    PractitionerId id;
    std::optional<Uuid> person = {};
  };
  // Links the diaries of `member` with those of a person in other clinics, or ends that; the
  // practitioners that the member is. Errors: FAILED_PRECONDITION (DIARIES_OVERLAP).
  absl::StatusOr<std::vector<LinkedPractitioner>> SetDiaryLink(db::TenantTx& tx, UserId member,
                                                               const DiaryLink& link,
                                                               absl::Time now) const;

  // Oldest first; empty where there is no such appointment.
  absl::StatusOr<std::vector<AppointmentEvent>> ListEvents(db::TenantTx& tx,
                                                           AppointmentId id) const;
  absl::StatusOr<Attendance> CountAttendance(db::TenantTx& tx, PatientId patient,
                                             absl::Time now) const;
};

}  // namespace clinicd::appointments
