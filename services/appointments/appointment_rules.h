// When an appointment can be, and what may become of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "clinicd/appointments/v1/appointment_service.pb.h"
#include "services/appointments/appointment.h"

namespace clinicd::appointments {

// Arrival may be noted from this long before the start.
inline constexpr absl::Duration kArrivalLead = absl::Minutes(120);

// "YYYY-MM-DDTHH:MM"; nullopt for another form, and for what no calendar or clock shows. Years
// from 1880, as old as a patient can be, to 9998.
std::optional<absl::CivilMinute> ParseLocal(std::string_view text);

// The slot that begins at `local_start` in `zone`. A local time that occurs twice means the first
// one; the duration is elapsed time. Errors: NONEXISTENT_LOCAL_TIME.
absl::StatusOr<Slot> SlotAt(absl::CivilMinute local_start, std::int32_t duration_minutes,
                            absl::TimeZone zone);

// What `form`, which has passed the declared rules, asks to book in a clinic of `zone`.
// Errors: VALIDATION_FAILED at `appointment.local_start`; NONEXISTENT_LOCAL_TIME.
absl::StatusOr<Booking> ParseBooking(const v1::Appointment& form, absl::TimeZone zone);

// The instants of a civil day: from its first one to the first one of the next day, exclusive.
struct DayRange {
  absl::Time begin;
  absl::Time end;
};
DayRange InstantsOf(absl::CivilDay day, absl::TimeZone zone);

// The version that a change expects: none where `etag` is empty, and one that no row has where it
// is not an etag of this server.
std::optional<std::int64_t> ExpectedVersion(std::string_view etag);

// Why `appointment` cannot be changed by a call that expects `version`; OK if it can.
// Errors: ABORTED (ETAG_MISMATCH), then APPOINTMENT_ILLEGAL_TRANSITION, and for arrivals
// APPOINTMENT_OUTSIDE_ARRIVAL_WINDOW.
absl::Status CheckCancel(const Appointment& appointment, std::optional<std::int64_t> version);
absl::Status CheckArrival(const Appointment& appointment, std::optional<std::int64_t> version,
                          absl::Time now);

// How a cancelled appointment was before it was cancelled, and an arrived one before the arrival.
Appointment BeforeCancel(Appointment cancelled);
Appointment BeforeArrival(Appointment arrived);

}  // namespace clinicd::appointments
