// The area of the audit trail, put together.
#pragma once

#include <vector>

#include "services/audit/audit_handlers.h"
#include "services/audit/audit_service.h"

namespace clinicd::audit {

// Owns what serves the RPCs of the area. Outlived by what it is made from; outlives the gRPC
// server.
class AuditModule final {
 public:
  AuditModule(const rpc::Dispatcher& rpc, const auth::PageTokenCodec& page_tokens)
      : handlers_(page_tokens), service_(rpc, handlers_) {}
  AuditModule(const AuditModule&) = delete;
  AuditModule& operator=(const AuditModule&) = delete;

  std::vector<grpc::Service*> services() { return {&service_}; }

 private:
  AuditHandlers handlers_;
  AuditService service_;
};

}  // namespace clinicd::audit
