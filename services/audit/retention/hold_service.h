// Binds LegalHoldService.
#pragma once

#include "clinicd/audit/v1/legal_hold_service.grpc.pb.h"
#include "common/rpc/dispatcher.h"
#include "services/audit/retention/hold_handlers.h"

namespace clinicd::audit {

class HoldService final : public v1::LegalHoldService::CallbackService {
 public:
  HoldService(const rpc::Dispatcher& rpc, const HoldHandlers& handlers)
      : rpc_(rpc), handlers_(handlers) {}

  grpc::ServerUnaryReactor* ListLegalHolds(grpc::CallbackServerContext* context,
                                           const v1::ListLegalHoldsRequest* request,
                                           v1::ListLegalHoldsResponse* response) override {
    return rpc_.Unary(context, request, response, handlers_, &HoldHandlers::ListLegalHolds);
  }
  grpc::ServerUnaryReactor* PlaceLegalHold(grpc::CallbackServerContext* context,
                                           const v1::PlaceLegalHoldRequest* request,
                                           v1::LegalHold* response) override {
    return rpc_.Unary(context, request, response, handlers_, &HoldHandlers::PlaceLegalHold);
  }
  grpc::ServerUnaryReactor* ReleaseLegalHold(grpc::CallbackServerContext* context,
                                             const v1::ReleaseLegalHoldRequest* request,
                                             v1::LegalHold* response) override {
    return rpc_.Unary(context, request, response, handlers_, &HoldHandlers::ReleaseLegalHold);
  }

 private:
  const rpc::Dispatcher& rpc_;
  const HoldHandlers& handlers_;
};

}  // namespace clinicd::audit
