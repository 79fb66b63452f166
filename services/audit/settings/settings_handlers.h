// What AuditSettingsService does.
#pragma once

#include "absl/status/statusor.h"
#include "clinicd/audit/v1/audit_settings_service.pb.h"
#include "common/rpc/call.h"
#include "services/audit/settings/settings_store.h"

namespace clinicd::audit {

// One method per RPC, with the errors that the API names. Thread-safe.
class SettingsHandlers final {
 public:
  absl::StatusOr<v1::AuditSettings> GetAuditSettings(const v1::GetAuditSettingsRequest& request,
                                                     rpc::Call& call) const;
  absl::StatusOr<v1::AuditSettings> UpdateAuditSettings(
      const v1::UpdateAuditSettingsRequest& request, rpc::Call& call) const;

 private:
  SettingsStore store_;
};

}  // namespace clinicd::audit
