// Appointments in the database.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "db/access/tenant_tx.h"
#include "services/appointments/appointment.h"

namespace clinicd::appointments {

// A place in the order of starts. The nil id stands before all appointments of that start.
struct StartPosition {
  absl::Time starts_at = {};
  AppointmentId id = {};
};

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

  // Books, in one statement unless something stands against it. Errors: NOT_FOUND
  // (PATIENT_NOT_FOUND, PRACTITIONER_NOT_FOUND), FAILED_PRECONDITION (APPOINTMENT_SLOT_TAKEN,
  // PRACTITIONER_INACTIVE), ALREADY_EXISTS (APPOINTMENT_EXTERNAL_ID_TAKEN).
  absl::StatusOr<Appointment> Insert(db::TenantTx& tx, AppointmentId id, const Booking& booking,
                                     UserId created_by, absl::Time now) const;

  // Cancels what CheckCancel() allows; nullopt where it does not, or there is no such appointment.
  absl::StatusOr<std::optional<Appointment>> Cancel(db::TenantTx& tx, AppointmentId id,
                                                    std::optional<std::int64_t> version,
                                                    const Cancellation& cancellation) const;
  // Notes the arrival that CheckArrival() allows; nullopt as for Cancel().
  absl::StatusOr<std::optional<Appointment>> CheckIn(db::TenantTx& tx, AppointmentId id,
                                                     std::optional<std::int64_t> version,
                                                     absl::Time now) const;

 private:
  absl::Status WhyNotInserted(db::TenantTx& tx, const Booking& booking) const;
};

}  // namespace clinicd::appointments
