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
  explicit AuditHandlers(const auth::PageTokenCodec& page_tokens) : page_tokens_(page_tokens) {}

  absl::StatusOr<v1::ListEventsResponse> ListEvents(const v1::ListEventsRequest& request,
                                                    rpc::Call& call) const;

 private:
  const auth::PageTokenCodec& page_tokens_;
  EventStore store_;
};

}  // namespace clinicd::audit
