// Binds AuditSettingsService.
#pragma once

#include "clinicd/audit/v1/audit_settings_service.grpc.pb.h"
#include "common/rpc/dispatcher.h"
#include "services/audit/settings/settings_handlers.h"

namespace clinicd::audit {

class SettingsService final : public v1::AuditSettingsService::CallbackService {
 public:
  SettingsService(const rpc::Dispatcher& rpc, const SettingsHandlers& handlers)
      : rpc_(rpc), handlers_(handlers) {}

  grpc::ServerUnaryReactor* GetAuditSettings(grpc::CallbackServerContext* context,
                                             const v1::GetAuditSettingsRequest* request,
                                             v1::AuditSettings* response) override {
    return rpc_.Unary(context, request, response, handlers_, &SettingsHandlers::GetAuditSettings);
  }
  grpc::ServerUnaryReactor* UpdateAuditSettings(grpc::CallbackServerContext* context,
                                                const v1::UpdateAuditSettingsRequest* request,
                                                v1::AuditSettings* response) override {
    return rpc_.Unary(context, request, response, handlers_,
                      &SettingsHandlers::UpdateAuditSettings);
  }

 private:
  const rpc::Dispatcher& rpc_;
  const SettingsHandlers& handlers_;
};

}  // namespace clinicd::audit
