// What the clinic knows of an appointment.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/base/uuid.h"

namespace clinicd::appointments {

enum class State { kBooked, kArrived, kCancelled };
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
};

struct Cancellation {
  absl::Time time = {};
  CancelledBy by = CancelledBy::kClinic;
  std::string reason = {};
};

// What is entered to book one. Texts are empty where there is none.
struct Booking {
  PatientId patient_id = {};
  PractitionerId practitioner_id = {};
  Slot slot = {};
  std::string reason = {};
  // Id in the system the appointment was imported from. Never changes.
  std::string external_id = {};
};

struct Appointment {
  AppointmentId id = {};
  Booking booking = {};
  State state = State::kBooked;
  std::optional<absl::Time> arrived_at = {};
  // Set when and only when the state is kCancelled.
  std::optional<Cancellation> cancellation = {};
  // At the time of reading.
  std::string patient_given_name = {};
  std::string patient_family_name = {};
  std::int64_t row_version = 0;
  absl::Time created_at = {};
};

}  // namespace clinicd::appointments
