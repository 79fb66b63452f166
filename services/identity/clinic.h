// A clinic as the server sees it.
#pragma once

#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "common/base/uuid.h"

namespace clinicd::identity {

struct Clinic {
  ClinicId id;
  std::string slug;
  std::string name;
  std::string country_code;
  std::string time_zone;
  std::string currency_code;
  std::string locale;
  absl::Time created_at;
  std::int64_t row_version = 0;
};

}  // namespace clinicd::identity
