// Which events a request asks for.
#pragma once

#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "clinicd/audit/v1/audit_service.pb.h"
#include "common/base/uuid.h"
#include "services/audit/event.h"

namespace clinicd::audit {

// The filter of a request that has passed the declared rules. Errors: VALIDATION_FAILED at
// `start_time` and `end_time`, which must be instants, the end after the start.
absl::StatusOr<EventFilter> ParseFilter(const v1::ListEventsRequest& request);
absl::StatusOr<EventFilter> ParseFilter(const v1::ExportEventsRequest& request);

struct Period {
  absl::Time start;
  // Exclusive.
  absl::Time end;
};
// The period of a report made at `now`: by default up to now, and from a year before its end.
// Errors: as ParseFilter().
absl::StatusOr<Period> ParsePeriod(const v1::GetPatientAccessReportRequest& request,
                                   absl::Time now);

// The words of the table for those of the API, and back; empty and UNSPECIFIED for each other and
// for anything unknown.
std::string_view CategoryText(v1::Event::Category category);
v1::Event::Category CategoryOf(std::string_view text);
std::string_view ActionText(v1::Event::Action action);
v1::Event::Action ActionOf(std::string_view text);

// Behind every id, where a list that goes backwards begins.
inline constexpr Uuid kBehindIds(Uuid::Bytes{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                             0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff});

// Ids of events: first <= id < last.
struct IdRange {
  Uuid first;
  Uuid last;
};

// A range that holds the id of every event from `start` to `end`. An id is made a moment before or
// after the time of its event is read, so the range is a little wider than the period.
IdRange IdsAround(absl::Time start, absl::Time end);

}  // namespace clinicd::audit
