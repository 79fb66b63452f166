// What a clinic offers, and what that takes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "common/base/uuid.h"
#include "services/appointments/resource.h"

namespace clinicd::appointments {

// A part of a visit, in which it occupies one resource of a kind.
struct Segment {
  ResourceKind resource_kind = ResourceKind::kPractitioner;
  // From the start of the visit.
  std::int32_t offset_minutes = 0;
  std::int32_t duration_minutes = 0;
};

struct VisitType {
  VisitTypeId id = {};
  std::string name = {};
  std::string description = {};
  // "#rrggbb"; empty: as the client likes.
  std::string color = {};
  std::vector<Segment> segments = {};
  std::int32_t buffer_before_minutes = 0;
  std::int32_t buffer_after_minutes = 0;
  bool online_bookable = false;
  std::int32_t min_notice_minutes = 0;
  // 0: without limit.
  std::int32_t booking_window_days = 0;
  std::int32_t cancel_cutoff_minutes = 0;
  bool active = true;
  // Empty: not imported.
  std::string external_id = {};
  absl::Time created_at = {};
  std::int64_t row_version = 0;
};

}  // namespace clinicd::appointments
