// The audit settings of a clinic in the database.
#pragma once

#include <cstdint>
#include <optional>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "db/access/tenant_tx.h"

namespace clinicd::audit {

// See AuditSettings of the API.
struct Settings {
  ClinicId clinic = {};
  std::int32_t retention_years = 0;
  std::int32_t daily_patients_max = 0;
  // Of the clinic.
  std::int64_t row_version = 0;
};

// Stateless. Errors: as TenantTx.
class SettingsStore final {
 public:
  absl::StatusOr<std::optional<Settings>> Find(db::TenantTx& tx) const;
  // Nullopt where the clinic has another version.
  absl::StatusOr<std::optional<Settings>> Update(db::TenantTx& tx, const Settings& settings,
                                                 absl::Time now) const;
};

}  // namespace clinicd::audit
