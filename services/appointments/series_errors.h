// Every error that series of appointments can cause, by name.
#pragma once

#include <vector>

#include "absl/status/status.h"
#include "services/appointments/series.h"

namespace clinicd::appointments {

// As many times as an error names.
inline constexpr std::size_t kConflictsNamedMax = 50;

// NOT_FOUND, SERIES_NOT_FOUND.
absl::Status SeriesNotFound();
// FAILED_PRECONDITION, APPOINTMENT_SERIES_CONFLICT: of `occurrences`, those in `taken` are not
// free.
absl::Status SeriesConflict(const std::vector<Occurrence>& occurrences,
                            const std::vector<TakenOccurrence>& taken);
// FAILED_PRECONDITION, SERIES_OVER.
absl::Status SeriesOver();

}  // namespace clinicd::appointments
