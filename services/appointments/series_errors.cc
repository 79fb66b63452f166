#include "services/appointments/series_errors.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "services/appointments/appointment_convert.h"

namespace clinicd::appointments {

using status::ErrorReason;

absl::Status SeriesNotFound() {
  return status::Error(absl::StatusCode::kNotFound, ErrorReason::SERIES_NOT_FOUND,
                       "The clinic has no such series of appointments.");
}

absl::Status SeriesConflict(const std::vector<Occurrence>& occurrences,
                            const std::vector<TakenOccurrence>& taken) {
  std::string named;
  for (std::size_t i = 0; i < std::min(taken.size(), kConflictsNamedMax); ++i) {
    const auto found = std::ranges::find(occurrences, taken[i].ordinal, &Occurrence::ordinal);
    if (found == occurrences.end()) continue;
    absl::StrAppend(&named, named.empty() ? "" : ";", FormatLocal(found->local_start),
                    taken[i].kinds.empty() ? "" : " ", taken[i].kinds);
  }
  return status::Error(absl::StatusCode::kFailedPrecondition,
                       ErrorReason::APPOINTMENT_SERIES_CONFLICT,
                       "Not everything that the appointments need is available at all of their "
                       "times; choose another time, or leave those out.")
      .With("count", std::to_string(taken.size()))
      .With("occurrences", named);
}

absl::Status SeriesOver() {
  return status::Error(absl::StatusCode::kFailedPrecondition, ErrorReason::SERIES_OVER,
                       "No appointment of the series that is to come can be changed.");
}

}  // namespace clinicd::appointments
