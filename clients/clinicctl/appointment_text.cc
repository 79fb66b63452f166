#include "clients/clinicctl/appointment_text.h"

#include <iostream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "clients/clinicctl/find.h"
#include "clients/clinicctl/output.h"
#include "clients/clinicctl/text.h"
#include "common/base/try.h"

namespace clinicd::clinicctl {

absl::StatusOr<absl::CivilDay> Today(Context& context) {
  CLINICD_ASSIGN_OR_RETURN(const absl::TimeZone zone, context.TimeZone());
  return absl::ToCivilDay(absl::Now(), zone);
}

absl::StatusOr<std::string> LocalStart(const std::string& at, absl::CivilDay day) {
  const std::string text = at.size() <= std::string("09:30").size()
                               ? absl::StrCat(absl::FormatCivilTime(day), "T", at)
                               : absl::StrReplaceAll(at, {{" ", "T"}});
  absl::CivilMinute start;
  if (text.size() != std::string("2026-11-23T09:30").size() ||
      !absl::ParseCivilTime(text, &start)) {
    return absl::InvalidArgumentError(
        absl::StrCat("'", at, "' is no time; write 09:30, or 2026-11-23T09:30."));
  }
  return text;
}

std::string LocalText(const std::string& local_start) {
  return absl::StrReplaceAll(local_start, {{"T", " "}});
}

void Print(const appointments::v1::Appointment& appointment, std::string_view done,
           const Context& context) {
  if (context.json()) {
    PrintJson(appointment);
    return;
  }
  std::cout << done << ": "
            << Printable(absl::StrCat(appointment.patient_given_name(), " ",
                                      appointment.patient_family_name()))
            << ", " << LocalText(appointment.local_start()) << " (" << appointment.time_zone()
            << "), " << appointment.duration_minutes() << " min, id " << ShortId(appointment.id())
            << "\n";
}

}  // namespace clinicd::clinicctl
