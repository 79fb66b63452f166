// What came of trying to get from one clinic into another.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/base/uuid.h"

namespace clinicd::audit {

// So many findings are kept; the others are counted.
inline constexpr std::size_t kCertificateFindingsMax = 100;

struct Certificate {
  // Another one in each clinic.
  Uuid id = {};
  // In UTC.
  absl::CivilDay probed_on = {};
  absl::Time started_at = {};
  absl::Time ended_at = {};
  std::string release = {};
  std::string node = {};
  std::int32_t schema_version = 1;
  std::int32_t table_count = 0;
  std::int32_t empty_table_count = 0;
  std::int32_t method_count = 0;
  std::int32_t call_count = 0;
  std::int32_t finding_count = 0;
  // What, a space, and where.
  std::vector<std::string> findings = {};
  // SHA-256, 32 bytes each.
  std::string catalog_digest = {};
  std::string digest = {};
};

// The digest of what the certificate says, without its id, times, node and number of calls: the
// same for the same result of the same program on the same schema.
std::string DigestOf(const Certificate& certificate);

}  // namespace clinicd::audit
