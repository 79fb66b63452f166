// What the commands about appointments read and print.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "clients/clinicctl/context.h"
#include "clinicd/appointments/v1/appointment_service.pb.h"

namespace clinicd::clinicctl {

// The day at the clinic.
absl::StatusOr<absl::CivilDay> Today(Context& context);

// "09:30" of `day` or "2026-11-23 09:30", as the API writes local times.
absl::StatusOr<std::string> LocalStart(const std::string& at, absl::CivilDay day);

// A local time of the API as people write it, "2026-11-23 09:30".
std::string LocalText(const std::string& local_start);

// Says what was done to an appointment ("Booked"), or prints it as JSON.
void Print(const appointments::v1::Appointment& appointment, std::string_view done,
           const Context& context);

}  // namespace clinicd::clinicctl
