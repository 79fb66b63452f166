// A practitioner as the server sees them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "common/base/uuid.h"

namespace clinicd::identity {

struct Practitioner {
  PractitionerId id;
  std::optional<UserId> user;
  std::string given_name;
  std::string family_name;
  std::string speciality;
  bool active = true;
  // Empty: not imported.
  std::string external_id;
  absl::Time created_at;
  std::int64_t row_version = 0;
};

}  // namespace clinicd::identity
