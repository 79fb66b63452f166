// What visits occupy, and where that is.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "common/base/uuid.h"

namespace clinicd::appointments {

enum class ResourceKind { kPractitioner, kChair, kAssistant, kDevice, kRoom };

// A site of a clinic besides its main one.
struct Location {
  LocationId id = {};
  std::string name = {};
  // IANA name.
  std::string time_zone = {};
  bool active = true;
  // Empty: not imported.
  std::string external_id = {};
  absl::Time created_at = {};
  std::int64_t row_version = 0;
};

// Something or somebody that a visit occupies, practitioners aside.
struct Resource {
  ResourceId id = {};
  ResourceKind kind = ResourceKind::kChair;
  std::string name = {};
  // None: the clinic's main site, in the clinic's time zone.
  std::optional<LocationId> location = {};
  // "#rrggbb"; empty: as the client likes.
  std::string color = {};
  std::int32_t sort_order = 0;
  bool active = true;
  // Empty: not imported.
  std::string external_id = {};
  absl::Time created_at = {};
  std::int64_t row_version = 0;
};

}  // namespace clinicd::appointments
