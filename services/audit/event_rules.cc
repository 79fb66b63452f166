#include "services/audit/event_rules.h"

#include <algorithm>
#include <optional>

#include "common/base/ids.h"
#include "common/rpc/civil.h"
#include "common/status/error.h"

namespace clinicd::audit {
namespace {

constexpr absl::Duration kSlack = absl::Seconds(1);

// What the 48 bits of a UUIDv7 are used for here; nothing is recorded before or after.
constexpr absl::Time kFirstInstant = absl::UnixEpoch();
constexpr absl::Time kLastInstant = absl::FromUnixSeconds(8'000'000'000);

Uuid FirstIdAt(absl::Time time) {
  return FirstUuidAt(std::clamp(time, kFirstInstant, kLastInstant));
}

}  // namespace

absl::StatusOr<EventFilter> ParseFilter(const v1::ListEventsRequest& request) {
  EventFilter filter;
  filter.patient = PatientId::Parse(request.patient_id());
  filter.actor = UserId::Parse(request.actor_user_id());
  status::ErrorBuilder error = status::Invalid();
  if (request.has_start_time()) {
    const std::optional<absl::Time> start = rpc::FromTimestamp(request.start_time());
    if (!start) error.Field("start_time", "must be an instant of the years 1 to 9999");
    filter.start = start.value_or(filter.start);
  }
  if (request.has_end_time()) {
    const std::optional<absl::Time> end = rpc::FromTimestamp(request.end_time());
    if (!end) error.Field("end_time", "must be an instant of the years 1 to 9999");
    filter.end = end.value_or(filter.end);
  }
  if (!error.has_fields() && filter.end <= filter.start) {
    error.Field("end_time", "must be after start_time");
  }
  if (error.has_fields()) return error.ToStatus();
  return filter;
}

IdRange IdsAround(absl::Time start, absl::Time end) {
  return {FirstIdAt(start - kSlack), FirstIdAt(end + kSlack)};
}

}  // namespace clinicd::audit
