// Binds VisitTypeService.
#pragma once

#include "clinicd/appointments/v1/visit_type_service.grpc.pb.h"
#include "common/rpc/dispatcher.h"
#include "services/appointments/visit_type_handlers.h"

namespace clinicd::appointments {

class VisitTypeService final : public v1::VisitTypeService::CallbackService {
 public:
  VisitTypeService(const rpc::Dispatcher& rpc, const VisitTypeHandlers& handlers)
      : rpc_(rpc), handlers_(handlers) {}

  grpc::ServerUnaryReactor* GetVisitType(grpc::CallbackServerContext* context,
                                         const v1::GetVisitTypeRequest* request,
                                         v1::VisitType* response) override {
    return rpc_.Unary(context, request, response, handlers_, &VisitTypeHandlers::GetVisitType);
  }
  grpc::ServerUnaryReactor* ListVisitTypes(grpc::CallbackServerContext* context,
                                           const v1::ListVisitTypesRequest* request,
                                           v1::ListVisitTypesResponse* response) override {
    return rpc_.Unary(context, request, response, handlers_, &VisitTypeHandlers::ListVisitTypes);
  }
  grpc::ServerUnaryReactor* CreateVisitType(grpc::CallbackServerContext* context,
                                            const v1::CreateVisitTypeRequest* request,
                                            v1::VisitType* response) override {
    return rpc_.Unary(context, request, response, handlers_, &VisitTypeHandlers::CreateVisitType);
  }
  grpc::ServerUnaryReactor* UpdateVisitType(grpc::CallbackServerContext* context,
                                            const v1::UpdateVisitTypeRequest* request,
                                            v1::VisitType* response) override {
    return rpc_.Unary(context, request, response, handlers_, &VisitTypeHandlers::UpdateVisitType);
  }

 private:
  const rpc::Dispatcher& rpc_;
  const VisitTypeHandlers& handlers_;
};

}  // namespace clinicd::appointments
