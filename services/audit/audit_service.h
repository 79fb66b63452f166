// Binds AuditService.
#pragma once

#include "clinicd/audit/v1/audit_service.grpc.pb.h"
#include "common/rpc/dispatcher.h"
#include "services/audit/audit_handlers.h"
#include "services/audit/export/export_handlers.h"

namespace clinicd::audit {

class AuditService final : public v1::AuditService::CallbackService {
 public:
  AuditService(const rpc::Dispatcher& rpc, const AuditHandlers& handlers,
               const ExportHandlers& exports)
      : rpc_(rpc), handlers_(handlers), exports_(exports) {}

  grpc::ServerUnaryReactor* GetEvent(grpc::CallbackServerContext* context,
                                     const v1::GetEventRequest* request,
                                     v1::Event* response) override {
    return rpc_.Unary(context, request, response, handlers_, &AuditHandlers::GetEvent);
  }
  grpc::ServerUnaryReactor* ListEvents(grpc::CallbackServerContext* context,
                                       const v1::ListEventsRequest* request,
                                       v1::ListEventsResponse* response) override {
    return rpc_.Unary(context, request, response, handlers_, &AuditHandlers::ListEvents);
  }
  grpc::ServerUnaryReactor* ExportEvents(grpc::CallbackServerContext* context,
                                         const v1::ExportEventsRequest* request,
                                         v1::ExportEventsResponse* response) override {
    return rpc_.Unary(context, request, response, exports_, &ExportHandlers::ExportEvents);
  }
  grpc::ServerUnaryReactor* GetPatientAccessReport(grpc::CallbackServerContext* context,
                                                   const v1::GetPatientAccessReportRequest* request,
                                                   v1::PatientAccessReport* response) override {
    return rpc_.Unary(context, request, response, handlers_,
                      &AuditHandlers::GetPatientAccessReport);
  }

 private:
  const rpc::Dispatcher& rpc_;
  const AuditHandlers& handlers_;
  const ExportHandlers& exports_;
};

}  // namespace clinicd::audit
