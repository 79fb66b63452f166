#include "services/audit/settings/settings_handlers.h"

#include <string_view>
#include <vector>

#include "common/base/try.h"
#include "common/rpc/etag.h"
#include "common/status/error.h"
#include "common/validate/patch.h"

namespace clinicd::audit {
namespace {

constexpr char kEntity[] = "audit_settings";

const std::vector<std::string_view>& UpdatableFields() {
  static const std::vector<std::string_view> fields = {"retention_years", "daily_patients_max"};
  return fields;
}

v1::AuditSettings ToProto(const Settings& settings) {
  v1::AuditSettings proto;
  proto.set_retention_years(settings.retention_years);
  proto.set_daily_patients_max(settings.daily_patients_max);
  proto.set_etag(rpc::Etag(settings.row_version));
  return proto;
}

absl::StatusOr<Settings> FindOwn(const SettingsStore& store, db::TenantTx& tx) {
  CLINICD_ASSIGN_OR_RETURN(const std::optional<Settings> settings, store.Find(tx));
  if (!settings) return status::Defect("the clinic of a session does not exist");
  return *settings;
}

}  // namespace

absl::StatusOr<v1::AuditSettings> SettingsHandlers::GetAuditSettings(
    const v1::GetAuditSettingsRequest&, rpc::Call& call) const {
  CLINICD_ASSIGN_OR_RETURN(const Settings settings, FindOwn(store_, call.last_tx()));
  return ToProto(settings);
}

absl::StatusOr<v1::AuditSettings> SettingsHandlers::UpdateAuditSettings(
    const v1::UpdateAuditSettingsRequest& request, rpc::Call& call) const {
  const Uuid clinic = call.info().identity.clinic.uuid();
  call.AuditChange(kEntity, clinic, nullptr, nullptr);
  if (request.audit_settings().etag().empty()) {
    return status::InvalidField("audit_settings.etag", "must be the etag that was read");
  }
  CLINICD_RETURN_IF_ERROR(validate::CheckUpdatable(request.update_mask(), UpdatableFields()));
  CLINICD_ASSIGN_OR_RETURN(Settings wanted, FindOwn(store_, call.tx()));
  const v1::AuditSettings before = ToProto(wanted);
  if (request.audit_settings().etag() != before.etag()) return rpc::EtagMismatch();
  v1::AuditSettings changed = before;
  validate::CopyFields(request.update_mask(), request.audit_settings(), changed);
  wanted.retention_years = changed.retention_years();
  wanted.daily_patients_max = changed.daily_patients_max();
  CLINICD_ASSIGN_OR_RETURN(const std::optional<Settings> updated,
                           store_.Update(call.tx(), wanted, call.now()));
  if (!updated) return rpc::EtagMismatch();
  v1::AuditSettings after = ToProto(*updated);
  call.AuditChange(kEntity, clinic, &before, &after);
  return after;
}

}  // namespace clinicd::audit
