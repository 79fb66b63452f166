// When an appointment can be, and what may become of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "clinicd/appointments/v1/appointment_service.pb.h"
#include "clinicd/appointments/v1/waitlist_service.pb.h"
#include "google/type/date.pb.h"
#include "services/appointments/appointment.h"

namespace clinicd::appointments {

// Beside the regular one, as many appointments may stand at one time on the same resources.
inline constexpr std::int32_t kLaneMax = 3;
// A cancellation is late from this long before the start.
inline constexpr absl::Duration kCancelCutoff = absl::Hours(24);

// "YYYY-MM-DDTHH:MM"; nullopt for another form, and for what no calendar or clock shows. Years
// from 1880, as old as a patient can be, to 9998.
std::optional<absl::CivilMinute> ParseLocal(std::string_view text);

// A day of those years, so that days and instants around it are some to the database, too; nullopt
// for another, and for what no calendar shows.
std::optional<absl::CivilDay> ParseDay(const google::type::Date& form);
// What is to be said of another.
inline constexpr char kDayRule[] = "must be a real date from 1880-01-01 to 9998-12-31";

// The slot that begins at `local_start` in `zone`. A local time that occurs twice means the first
// one; the duration is elapsed time. Errors: NONEXISTENT_LOCAL_TIME.
absl::StatusOr<Slot> SlotAt(absl::CivilMinute local_start, std::int32_t duration_minutes,
                            absl::TimeZone zone);

// What `form`, which has passed the declared rules and is at `path` of the request, asks to book in
// a clinic of `zone`. Errors: VALIDATION_FAILED at every wrong field; NONEXISTENT_LOCAL_TIME.
absl::StatusOr<Booking> ParseBooking(const v1::Appointment& form, absl::TimeZone zone,
                                     const std::string& path = "appointment");
// What `form` asks to keep free. Errors: the same.
absl::StatusOr<Plan> ParseHold(const v1::Hold& form, absl::TimeZone zone);
// The time that `form`, at `time` of a request, describes. Errors: the same.
absl::StatusOr<Plan> ParseTime(const v1::WaitlistTime& form, absl::TimeZone zone);
// `plan` as `form` asks to change it. Errors: the same.
absl::StatusOr<Plan> ParseMove(const v1::RescheduleAppointmentRequest& form, const Plan& plan,
                               absl::TimeZone zone);

// The days in UTC on which `plan` takes time, buffers included.
std::vector<absl::CivilDay> DaysOf(const Plan& plan);

// The instants of a civil day: from its first one to the first one of the next day, exclusive.
struct DayRange {
  absl::Time begin;
  absl::Time end;
};
DayRange InstantsOf(absl::CivilDay day, absl::TimeZone zone);

// The version that a change expects: none where `etag` is empty, and one that no row has where it
// is not an etag of this server.
std::optional<std::int64_t> ExpectedVersion(std::string_view etag);

}  // namespace clinicd::appointments
