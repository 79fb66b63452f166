// The area of the audit trail, put together.
#pragma once

#include <utility>
#include <vector>

#include "services/audit/audit_handlers.h"
#include "services/audit/audit_log_service.h"
#include "services/audit/audit_service.h"
#include "services/audit/certificate/certificate_service.h"
#include "services/audit/findings/finding_service.h"
#include "services/audit/retention/hold_service.h"
#include "services/audit/settings/settings_service.h"

namespace clinicd::audit {

// Owns what serves the RPCs of the area. Outlived by what it is made from; outlives the gRPC
// server.
class AuditModule final {
 public:
  AuditModule(const rpc::Dispatcher& rpc, const auth::PageTokenCodec& page_tokens,
              db::FieldSealer& sealer, LogVerifiers verifiers)
      : handlers_(page_tokens, sealer),
        exports_(page_tokens, sealer),
        service_(rpc, handlers_, exports_),
        log_handlers_(std::move(verifiers)),
        log_service_(rpc, log_handlers_),
        findings_(page_tokens),
        finding_service_(rpc, findings_),
        holds_(page_tokens),
        hold_service_(rpc, holds_),
        settings_service_(rpc, settings_),
        certificates_(page_tokens),
        certificate_service_(rpc, certificates_) {}
  AuditModule(const AuditModule&) = delete;
  AuditModule& operator=(const AuditModule&) = delete;

  std::vector<grpc::Service*> services() {
    return {&service_,      &log_service_,      &finding_service_,
            &hold_service_, &settings_service_, &certificate_service_};
  }

 private:
  AuditHandlers handlers_;
  ExportHandlers exports_;
  AuditService service_;
  LogHandlers log_handlers_;
  AuditLogService log_service_;
  FindingHandlers findings_;
  FindingService finding_service_;
  HoldHandlers holds_;
  HoldService hold_service_;
  SettingsHandlers settings_;
  SettingsService settings_service_;
  CertificateHandlers certificates_;
  CertificateService certificate_service_;
};

}  // namespace clinicd::audit
