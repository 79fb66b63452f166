#include "services/appointments/visit_type_rules.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"

namespace clinicd::appointments {
namespace {

// As long as an appointment may be.
constexpr std::int32_t kDurationMaxMinutes = 24 * 60;
constexpr std::int32_t kMinutesADay = 24 * 60;

std::int32_t EndMinutes(const Segment& segment) {
  return segment.offset_minutes + segment.duration_minutes;
}

bool IsOfPractitioner(const Segment& segment) {
  return segment.resource_kind == ResourceKind::kPractitioner;
}

void CheckSegments(const std::vector<Segment>& segments, status::ErrorBuilder& invalid) {
  // Every appointment names a practitioner.
  if (std::none_of(segments.begin(), segments.end(), IsOfPractitioner)) {
    invalid.Field("visit_type.segments", "must have a segment of a practitioner");
  }
  for (std::size_t i = 0; i < segments.size(); ++i) {
    if (EndMinutes(segments[i]) <= kDurationMaxMinutes) continue;
    invalid.Field(absl::StrCat("visit_type.segments[", i, "].duration_minutes"),
                  "must end within 1440 minutes of the start of the visit");
  }
}

}  // namespace

const std::vector<std::string_view>& UpdatableVisitTypeFields() {
  static const std::vector<std::string_view> fields = {"name",
                                                       "description",
                                                       "color",
                                                       "segments",
                                                       "buffer_before_minutes",
                                                       "buffer_after_minutes",
                                                       "online_bookable",
                                                       "min_notice_minutes",
                                                       "booking_window_days",
                                                       "cancel_cutoff_minutes",
                                                       "active"};
  return fields;
}

std::int32_t DurationMinutes(const std::vector<Segment>& segments) {
  std::int32_t duration = 0;
  for (const Segment& segment : segments) duration = std::max(duration, EndMinutes(segment));
  return duration;
}

absl::Status CheckVisitType(const VisitType& visit_type) {
  status::ErrorBuilder invalid = status::Invalid();
  CheckSegments(visit_type.segments, invalid);
  const std::int32_t window_minutes = visit_type.booking_window_days * kMinutesADay;
  if (window_minutes > 0 && visit_type.min_notice_minutes >= window_minutes) {
    invalid.Field("visit_type.min_notice_minutes", "must be less than the booking window")
        .Field("visit_type.booking_window_days", "must be more than the notice");
  }
  return invalid.has_fields() ? invalid.ToStatus() : absl::OkStatus();
}

}  // namespace clinicd::appointments
