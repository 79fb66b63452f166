// What AuditService does.
#pragma once

#include "absl/status/statusor.h"
#include "clinicd/audit/v1/audit_service.pb.h"
#include "common/auth/page_token.h"
#include "common/rpc/call.h"
#include "services/audit/event_store.h"

namespace clinicd::audit {

// One method per RPC, with the errors that the API names. Thread-safe.
class AuditHandlers final {
 public:
  AuditHandlers(const auth::PageTokenCodec& page_tokens, db::FieldSealer& sealer)
      : page_tokens_(page_tokens), store_(sealer) {}

  absl::StatusOr<v1::Event> GetEvent(const v1::GetEventRequest& request, rpc::Call& call) const;

  absl::StatusOr<v1::ListEventsResponse> ListEvents(const v1::ListEventsRequest& request,
                                                    rpc::Call& call) const;
  absl::StatusOr<v1::PatientAccessReport> GetPatientAccessReport(
      const v1::GetPatientAccessReportRequest& request, rpc::Call& call) const;

 private:
  const auth::PageTokenCodec& page_tokens_;
  const EventStore store_;
};

}  // namespace clinicd::audit
