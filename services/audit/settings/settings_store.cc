#include "services/audit/settings/settings_store.h"

#include "db/queries/audit.h"

namespace clinicd::audit {
namespace {

Settings ReadSettings(const db::RowReader& row) {
  Settings settings;
  settings.clinic = row.Id<ClinicId>("id");
  settings.retention_years = row.Int32("audit_retention_years");
  settings.daily_patients_max = row.Int32("audit_daily_patients_max");
  settings.row_version = row.Int("row_version");
  return settings;
}

}  // namespace

absl::StatusOr<std::optional<Settings>> SettingsStore::Find(db::TenantTx& tx) const {
  return tx.Optional(sql::kFindAuditSettings, {}, ReadSettings);
}

absl::StatusOr<std::optional<Settings>> SettingsStore::Update(db::TenantTx& tx,
                                                              const Settings& settings,
                                                              absl::Time now) const {
  return tx.Optional(sql::kUpdateAuditSettings,
                     db::Params()
                         .Set("retention_years", settings.retention_years)
                         .Set("daily_patients_max", settings.daily_patients_max)
                         .Set("row_version", settings.row_version)
                         .Set("now", now),
                     ReadSettings);
}

}  // namespace clinicd::audit
