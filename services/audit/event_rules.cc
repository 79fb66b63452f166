#include "services/audit/event_rules.h"

#include <algorithm>
#include <array>
#include <optional>

#include "common/base/ids.h"
#include "common/base/try.h"
#include "common/rpc/civil.h"
#include "common/status/error.h"

namespace clinicd::audit {
namespace {

// An event's id is made when it is written, which may be that much later than what happened.
constexpr absl::Duration kSlack = absl::Minutes(1);

// What the 48 bits of a UUIDv7 are used for here; nothing is recorded before or after.
constexpr absl::Time kFirstInstant = absl::UnixEpoch();
constexpr absl::Time kLastInstant = absl::FromUnixSeconds(8'000'000'000);

Uuid FirstIdAt(absl::Time time) {
  return FirstUuidAt(std::clamp(time, kFirstInstant, kLastInstant));
}

template <typename Value>
struct Word {
  std::string_view text;
  Value value;
};

constexpr std::array<Word<v1::Event::Category>, 7> kCategories = {{
    {"record", v1::Event::CATEGORY_RECORD},
    {"sign_in", v1::Event::CATEGORY_SIGN_IN},
    {"permission", v1::Event::CATEGORY_PERMISSION},
    {"export", v1::Event::CATEGORY_EXPORT},
    {"erasure", v1::Event::CATEGORY_ERASURE},
    {"key", v1::Event::CATEGORY_KEY},
    {"operation", v1::Event::CATEGORY_OPERATION},
}};

constexpr std::array<Word<v1::Event::Action>, 5> kActions = {{
    {"create", v1::Event::ACTION_CREATE},
    {"read", v1::Event::ACTION_READ},
    {"update", v1::Event::ACTION_UPDATE},
    {"delete", v1::Event::ACTION_DELETE},
    {"execute", v1::Event::ACTION_EXECUTE},
}};

template <typename Words, typename Value>
std::string_view TextOf(const Words& words, Value value) {
  const auto* const found = std::ranges::find(words, value, [](const auto& w) { return w.value; });
  return found == words.end() ? std::string_view() : found->text;
}

template <typename Value, typename Words>
Value ValueOf(const Words& words, std::string_view text) {
  const auto* const found = std::ranges::find(words, text, [](const auto& w) { return w.text; });
  return found == words.end() ? Value() : found->value;
}

// Reads the bounds of a request that has them; those that are missing stay as they are.
template <typename Request>
absl::Status ReadPeriod(const Request& request, std::optional<absl::Time>& start,
                        std::optional<absl::Time>& end) {
  status::ErrorBuilder error = status::Invalid();
  if (request.has_start_time()) {
    start = rpc::FromTimestamp(request.start_time());
    if (!start) error.Field("start_time", "must be an instant of the years 1 to 9999");
  }
  if (request.has_end_time()) {
    end = rpc::FromTimestamp(request.end_time());
    if (!end) error.Field("end_time", "must be an instant of the years 1 to 9999");
  }
  if (start && end && *end <= *start) error.Field("end_time", "must be after start_time");
  return error.has_fields() ? error.ToStatus() : absl::OkStatus();
}

template <typename Request>
absl::StatusOr<EventFilter> FilterOf(const Request& request) {
  EventFilter filter{.patient = PatientId::Parse(request.patient_id()),
                     .actor = UserId::Parse(request.actor_user_id()),
                     .entity_id = Uuid::Parse(request.entity_id()),
                     .category = std::string(CategoryText(request.category())),
                     .action = std::string(ActionText(request.action()))};
  if (request.outcome() != v1::EVENT_OUTCOME_UNSPECIFIED) {
    filter.succeeded = request.outcome() == v1::EVENT_OUTCOME_OK;
  }
  std::optional<absl::Time> start;
  std::optional<absl::Time> end;
  CLINICD_RETURN_IF_ERROR(ReadPeriod(request, start, end));
  filter.start = start.value_or(filter.start);
  filter.end = end.value_or(filter.end);
  return filter;
}

}  // namespace

std::string_view CategoryText(v1::Event::Category category) {
  return TextOf(kCategories, category);
}
v1::Event::Category CategoryOf(std::string_view text) {
  return ValueOf<v1::Event::Category>(kCategories, text);
}
std::string_view ActionText(v1::Event::Action action) { return TextOf(kActions, action); }
v1::Event::Action ActionOf(std::string_view text) {
  return ValueOf<v1::Event::Action>(kActions, text);
}

absl::StatusOr<EventFilter> ParseFilter(const v1::ListEventsRequest& request) {
  return FilterOf(request);
}
absl::StatusOr<EventFilter> ParseFilter(const v1::ExportEventsRequest& request) {
  return FilterOf(request);
}

absl::StatusOr<Period> ParsePeriod(const v1::GetPatientAccessReportRequest& request,
                                   absl::Time now) {
  std::optional<absl::Time> start;
  std::optional<absl::Time> end;
  CLINICD_RETURN_IF_ERROR(ReadPeriod(request, start, end));
  const absl::Time until = end.value_or(now);
  const absl::Time from = start.value_or(until - absl::Hours(24 * 365));
  if (until <= from) return status::InvalidField("start_time", "must be before end_time");
  return Period{.start = from, .end = until};
}

IdRange IdsAround(absl::Time start, absl::Time end) {
  return {FirstIdAt(start - kSlack), FirstIdAt(end + kSlack)};
}

}  // namespace clinicd::audit
