// What may be asked of a diary.
#pragma once

#include <cstddef>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "clinicd/appointments/v1/diary_service.pb.h"
#include "services/appointments/diary.h"

namespace clinicd::appointments {

// The most visits of one answer.
inline constexpr std::size_t kDiaryVisitsMax = 4000;

// What `form` asks for on the clock of `zone`, which is the clinic's. Errors: VALIDATION_FAILED at
// every wrong field.
absl::StatusOr<DiaryQuery> ParseDiary(const v1::GetDiaryRequest& form, absl::TimeZone zone);

// Errors: PRACTITIONER_NOT_FOUND, RESOURCE_NOT_FOUND, LOCATION_NOT_FOUND where a column that was
// asked for is none of `heads`.
absl::Status CheckColumns(const DiaryQuery& query, const std::vector<ColumnHead>& heads);

// Errors: VALIDATION_FAILED where there are more visits than one answer holds.
absl::Status CheckSize(std::size_t visits);

// The sites that `form` asks for; none: all.
std::vector<SiteId> ParseSites(const v1::GetWaitingRoomRequest& form);
// Errors: LOCATION_NOT_FOUND.
absl::Status CheckSites(const std::vector<SiteId>& sites, const Schedule& schedule);

// Since when somebody must have come to be at the clinic still.
absl::Time ArrivedSince(absl::Time now, absl::TimeZone zone);

}  // namespace clinicd::appointments
