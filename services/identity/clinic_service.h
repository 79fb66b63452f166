// Binds ClinicService to its handlers.
#pragma once

#include "clinicd/identity/v1/clinic_service.grpc.pb.h"
#include "common/rpc/dispatcher.h"
#include "services/identity/clinic_handlers.h"

namespace clinicd::identity {

class ClinicService final : public v1::ClinicService::CallbackService {
 public:
  ClinicService(const rpc::Dispatcher& rpc, const ClinicHandlers& handlers)
      : rpc_(rpc), handlers_(handlers) {}

  grpc::ServerUnaryReactor* GetClinic(grpc::CallbackServerContext* context,
                                      const v1::GetClinicRequest* request,
                                      v1::Clinic* response) override {
    return rpc_.Unary(context, request, response, handlers_, &ClinicHandlers::GetClinic);
  }
  grpc::ServerUnaryReactor* UpdateClinic(grpc::CallbackServerContext* context,
                                         const v1::UpdateClinicRequest* request,
                                         v1::Clinic* response) override {
    return rpc_.Unary(context, request, response, handlers_, &ClinicHandlers::UpdateClinic);
  }

 private:
  const rpc::Dispatcher& rpc_;
  const ClinicHandlers& handlers_;
};

}  // namespace clinicd::identity
