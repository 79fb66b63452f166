// What the clinic knows of a series of appointments.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/base/uuid.h"
#include "services/appointments/appointment.h"
#include "services/appointments/recurrence.h"

namespace clinicd::appointments {

enum class SeriesState { kActive, kCancelled };
enum class SeriesScope { kThisAndFollowing, kAllFuture };

struct BookedSeries {
  SeriesId id = {};
  PatientId patient_id = {};
  // As in Booking.
  std::optional<VisitTypeId> visit_type = {};
  // When.
  Series recurrence = {};
  // Who and what each of its appointments takes, and for how long; at which time is in
  // `recurrence`.
  Plan plan = {};
  std::string reason = {};
  SeriesState state = SeriesState::kActive;
  // The series that it was cut from.
  std::optional<SeriesId> continues = {};
  std::int64_t row_version = 0;
  absl::Time created_at = {};
};

// An appointment of a series, and when it is to be.
struct SeriesVisit {
  AppointmentId id = {};
  // The one that is expected of an appointment that is there.
  std::int64_t row_version = 0;
  Occurrence occurrence = {};
};

// A time of a series that is not free.
struct TakenOccurrence {
  int ordinal = 0;
  // Of what is taken, and "hours" outside of working hours, separated by commas; empty where the clinic's diary does not show it.
  std::string kinds = {};
};

}  // namespace clinicd::appointments
