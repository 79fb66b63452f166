// What the clinic knows of an appointment.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/base/uuid.h"
#include "services/appointments/resource.h"

namespace clinicd::appointments {

enum class State {
  kBooked,
  kConfirmed,
  kArrived,
  kInChair,
  kCompleted,
  kNoShow,
  kCancelled,
  kEnteredInError
};
enum class CancelledBy { kPatient, kClinic };

// When an appointment is: agreed on the clock of a time zone, from which the instants follow.
struct Slot {
  absl::CivilMinute local_start = {};
  // IANA name.
  std::string time_zone = {};
  std::int32_t duration_minutes = 0;
  absl::Time starts_at = {};
  // Exclusive.
  absl::Time ends_at = {};

  friend bool operator==(const Slot&, const Slot&) = default;
};

// Who or what a visit needs in a part of it.
struct Allocation {
  ResourceKind kind = ResourceKind::kPractitioner;
  // The practitioner or the resource.
  Uuid resource = {};
  // From the start of the visit.
  std::int32_t offset_minutes = 0;
  std::int32_t duration_minutes = 0;

  friend bool operator==(const Allocation&, const Allocation&) = default;
};

// Minutes that nobody else may use: before, of what is taken at the start of the visit; after, of
// what is taken at its end.
struct Buffers {
  std::int32_t before_minutes = 0;
  std::int32_t after_minutes = 0;
};

// A time, and all that is taken in it but the patient.
struct Plan {
  PractitionerId practitioner_id = {};
  Slot slot = {};
  Buffers buffers = {};
  // The practitioner is one of them; no two parts of one resource overlap.
  std::vector<Allocation> allocations = {};
};

struct Cancellation {
  absl::Time time = {};
  CancelledBy by = CancelledBy::kClinic;
  std::string reason = {};
  // Later than it may be without consequences.
  bool late = false;

  friend bool operator==(const Cancellation&, const Cancellation&) = default;
};

// What is entered to book one. Texts are empty where there is none.
struct Booking {
  PatientId patient_id = {};
  // What kind of visit it is; nothing of the plan follows from it.
  std::optional<VisitTypeId> visit_type = {};
  Plan plan = {};
  // Of the visits at the same time on the same resources: 0 the regular one.
  std::int32_t lane = 0;
  // Set where it was booked over others.
  std::string overbook_reason = {};
  std::string reason = {};
  // Id in the system the appointment was imported from. Never changes.
  std::string external_id = {};
};

// When an appointment got as far as it is.
struct Progress {
  State state = State::kBooked;
  std::optional<absl::Time> confirmed_at = {};
  std::optional<absl::Time> arrived_at = {};
  std::optional<absl::Time> seated_at = {};
  // Set when and only when the state is kCompleted, and in kEnteredInError if it was before.
  std::optional<absl::Time> completed_at = {};
  // The same for kNoShow.
  std::optional<absl::Time> no_show_at = {};
  // The same for kCancelled.
  std::optional<Cancellation> cancellation = {};

  friend bool operator==(const Progress&, const Progress&) = default;
};

// Which appointment of which series it is.
struct SeriesPlace {
  // None: it stands alone.
  std::optional<SeriesId> series = {};
  // By the rule, from 1.
  std::int32_t ordinal = 0;
  // Moved by itself: changes of the series leave it alone.
  bool exception = false;

  friend bool operator==(const SeriesPlace&, const SeriesPlace&) = default;
};

struct Appointment {
  AppointmentId id = {};
  Booking booking = {};
  Progress progress = {};
  SeriesPlace place = {};
  // At the time of reading.
  std::string patient_given_name = {};
  std::string patient_family_name = {};
  std::int64_t row_version = 0;
  absl::Time created_at = {};
};

// What became of an appointment.
enum class EventKind {
  kBooked,
  kConfirmed,
  kArrived,
  kSeated,
  kCompleted,
  kReopened,
  kNoShow,
  kCancelled,
  kRescheduled,
  kEnteredInError,
  // The rules of its time zone changed: the local time stayed, and the instant moved.
  kClockChanged
};

// The state, practitioner and time are those after the event.
struct AppointmentEvent {
  EventKind kind = EventKind::kBooked;
  State state = State::kBooked;
  PractitionerId practitioner_id = {};
  absl::CivilMinute local_start = {};
  std::string time_zone = {};
  std::int32_t duration_minutes = 0;
  std::string reason = {};
  absl::Time occurred_at = {};
  // None: the operator or the server.
  std::optional<UserId> caused_by = {};
};

// A time kept free for a member.
struct Hold {
  HoldId id = {};
  Plan plan = {};
  absl::Time expires_at = {};
  // It keeps a time that the waiting list is offered, and can be booked by accepting only.
  bool for_waitlist = false;
};

// How a patient has kept their appointments.
struct Attendance {
  std::int32_t completed = 0;
  std::int32_t no_show = 0;
  std::int32_t cancelled_by_patient = 0;
  // Those of cancelled_by_patient that were late.
  std::int32_t cancelled_late_by_patient = 0;
  std::int32_t cancelled_by_clinic = 0;
  std::int32_t upcoming = 0;
  std::optional<absl::Time> last_completed_at = {};
};

}  // namespace clinicd::appointments
