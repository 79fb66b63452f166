// Binds AuditLogService.
#pragma once

#include "clinicd/audit/v1/audit_log_service.grpc.pb.h"
#include "common/rpc/dispatcher.h"
#include "services/audit/log_handlers.h"

namespace clinicd::audit {

class AuditLogService final : public v1::AuditLogService::CallbackService {
 public:
  AuditLogService(const rpc::Dispatcher& rpc, const LogHandlers& handlers)
      : rpc_(rpc), handlers_(handlers) {}

  grpc::ServerUnaryReactor* GetCheckpoint(grpc::CallbackServerContext* context,
                                          const v1::GetCheckpointRequest* request,
                                          v1::Checkpoint* response) override {
    return rpc_.Unary(context, request, response, handlers_, &LogHandlers::GetCheckpoint);
  }
  grpc::ServerUnaryReactor* GetLogKeys(grpc::CallbackServerContext* context,
                                       const v1::GetLogKeysRequest* request,
                                       v1::LogKeys* response) override {
    return rpc_.Unary(context, request, response, handlers_, &LogHandlers::GetLogKeys);
  }
  grpc::ServerUnaryReactor* GetInclusionProof(grpc::CallbackServerContext* context,
                                              const v1::GetInclusionProofRequest* request,
                                              v1::InclusionProof* response) override {
    return rpc_.Unary(context, request, response, handlers_, &LogHandlers::GetInclusionProof);
  }
  grpc::ServerUnaryReactor* GetConsistencyProof(grpc::CallbackServerContext* context,
                                                const v1::GetConsistencyProofRequest* request,
                                                v1::ConsistencyProof* response) override {
    return rpc_.Unary(context, request, response, handlers_, &LogHandlers::GetConsistencyProof);
  }
  grpc::ServerUnaryReactor* ListLeaves(grpc::CallbackServerContext* context,
                                       const v1::ListLeavesRequest* request,
                                       v1::ListLeavesResponse* response) override {
    return rpc_.Unary(context, request, response, handlers_, &LogHandlers::ListLeaves);
  }

 private:
  const rpc::Dispatcher& rpc_;
  const LogHandlers& handlers_;
};

}  // namespace clinicd::audit
