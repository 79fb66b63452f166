// Binds IsolationCertificateService.
#pragma once

#include "clinicd/audit/v1/isolation_certificate_service.grpc.pb.h"
#include "common/rpc/dispatcher.h"
#include "services/audit/certificate/certificate_handlers.h"

namespace clinicd::audit {

class CertificateService final : public v1::IsolationCertificateService::CallbackService {
 public:
  CertificateService(const rpc::Dispatcher& rpc, const CertificateHandlers& handlers)
      : rpc_(rpc), handlers_(handlers) {}

  grpc::ServerUnaryReactor* GetIsolationCertificate(
      grpc::CallbackServerContext* context, const v1::GetIsolationCertificateRequest* request,
      v1::IsolationCertificate* response) override {
    return rpc_.Unary(context, request, response, handlers_,
                      &CertificateHandlers::GetIsolationCertificate);
  }
  grpc::ServerUnaryReactor* ListIsolationCertificates(
      grpc::CallbackServerContext* context, const v1::ListIsolationCertificatesRequest* request,
      v1::ListIsolationCertificatesResponse* response) override {
    return rpc_.Unary(context, request, response, handlers_,
                      &CertificateHandlers::ListIsolationCertificates);
  }

 private:
  const rpc::Dispatcher& rpc_;
  const CertificateHandlers& handlers_;
};

}  // namespace clinicd::audit
