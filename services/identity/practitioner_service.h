// Binds PractitionerService to its handlers.
#pragma once

#include "clinicd/identity/v1/practitioner_service.grpc.pb.h"
#include "common/rpc/dispatcher.h"
#include "services/identity/practitioner_handlers.h"

namespace clinicd::identity {

class PractitionerService final : public v1::PractitionerService::CallbackService {
 public:
  PractitionerService(const rpc::Dispatcher& rpc, const PractitionerHandlers& handlers)
      : rpc_(rpc), handlers_(handlers) {}

  grpc::ServerUnaryReactor* GetPractitioner(grpc::CallbackServerContext* context,
                                            const v1::GetPractitionerRequest* request,
                                            v1::Practitioner* response) override {
    return rpc_.Unary(context, request, response, handlers_,
                      &PractitionerHandlers::GetPractitioner);
  }
  grpc::ServerUnaryReactor* ListPractitioners(grpc::CallbackServerContext* context,
                                              const v1::ListPractitionersRequest* request,
                                              v1::ListPractitionersResponse* response) override {
    return rpc_.Unary(context, request, response, handlers_,
                      &PractitionerHandlers::ListPractitioners);
  }
  grpc::ServerUnaryReactor* CreatePractitioner(grpc::CallbackServerContext* context,
                                               const v1::CreatePractitionerRequest* request,
                                               v1::Practitioner* response) override {
    return rpc_.Unary(context, request, response, handlers_,
                      &PractitionerHandlers::CreatePractitioner);
  }
  grpc::ServerUnaryReactor* UpdatePractitioner(grpc::CallbackServerContext* context,
                                               const v1::UpdatePractitionerRequest* request,
                                               v1::Practitioner* response) override {
    return rpc_.Unary(context, request, response, handlers_,
                      &PractitionerHandlers::UpdatePractitioner);
  }

 private:
  const rpc::Dispatcher& rpc_;
  const PractitionerHandlers& handlers_;
};

}  // namespace clinicd::identity
