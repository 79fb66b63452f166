// Binds AuditFindingService.
#pragma once

#include "clinicd/audit/v1/audit_finding_service.grpc.pb.h"
#include "common/rpc/dispatcher.h"
#include "services/audit/findings/finding_handlers.h"

namespace clinicd::audit {

class FindingService final : public v1::AuditFindingService::CallbackService {
 public:
  FindingService(const rpc::Dispatcher& rpc, const FindingHandlers& handlers)
      : rpc_(rpc), handlers_(handlers) {}

  grpc::ServerUnaryReactor* ListFindings(grpc::CallbackServerContext* context,
                                         const v1::ListFindingsRequest* request,
                                         v1::ListFindingsResponse* response) override {
    return rpc_.Unary(context, request, response, handlers_, &FindingHandlers::ListFindings);
  }
  grpc::ServerUnaryReactor* CloseFinding(grpc::CallbackServerContext* context,
                                         const v1::CloseFindingRequest* request,
                                         v1::AccessFinding* response) override {
    return rpc_.Unary(context, request, response, handlers_, &FindingHandlers::CloseFinding);
  }

 private:
  const rpc::Dispatcher& rpc_;
  const FindingHandlers& handlers_;
};

}  // namespace clinicd::audit
