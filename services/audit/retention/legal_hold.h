// What keeps audit events beyond their retention period.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "common/base/uuid.h"

namespace clinicd::audit {

struct LegalHold {
  Uuid id = {};
  // Absent: the events of the whole clinic are kept.
  std::optional<PatientId> patient = {};
  bool released = false;
  std::string reason = {};
  absl::Time placed_at = {};
  UserId placed_by = {};
  // Empty while it is in force.
  std::string release_reason = {};
  std::optional<absl::Time> released_at = {};
  std::optional<UserId> released_by = {};
  std::int64_t row_version = 1;
};

}  // namespace clinicd::audit
