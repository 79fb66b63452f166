// What was unusual in the audit events of a day.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/base/uuid.h"

namespace clinicd::audit {

// As the table knows them.
inline constexpr char kManyPatients[] = "many_patients";
inline constexpr char kOutOfHours[] = "out_of_hours";
inline constexpr char kOwnFamilyName[] = "own_family_name";
inline constexpr char kBreakGlass[] = "break_glass";
inline constexpr char kVip[] = "vip";
inline constexpr char kRefusedCalls[] = "refused_calls";

struct AccessFinding {
  Uuid id = {};
  // In the clinic's time zone.
  absl::CivilDay day = {};
  // One of the words above.
  std::string rule = {};
  UserId actor = {};
  // Absent where it is about several, or none.
  std::optional<PatientId> patient = {};
  // Patients for kManyPatients, otherwise events.
  std::int64_t count = 0;
  absl::Time first_at = {};
  absl::Time last_at = {};
  bool closed = false;
  std::string note = {};
  std::optional<absl::Time> closed_at = {};
  std::optional<UserId> closed_by = {};
  std::int64_t row_version = 1;
  absl::Time created_at = {};
};

}  // namespace clinicd::audit
