// What AuditFindingService does.
#pragma once

#include "absl/status/statusor.h"
#include "clinicd/audit/v1/audit_finding_service.pb.h"
#include "common/auth/page_token.h"
#include "common/rpc/call.h"
#include "services/audit/findings/finding_store.h"

namespace clinicd::audit {

// One method per RPC, with the errors that the API names. Thread-safe.
class FindingHandlers final {
 public:
  explicit FindingHandlers(const auth::PageTokenCodec& page_tokens) : page_tokens_(page_tokens) {}

  absl::StatusOr<v1::ListFindingsResponse> ListFindings(const v1::ListFindingsRequest& request,
                                                        rpc::Call& call) const;
  absl::StatusOr<v1::AccessFinding> CloseFinding(const v1::CloseFindingRequest& request,
                                                 rpc::Call& call) const;

 private:
  const auth::PageTokenCodec& page_tokens_;
  FindingStore store_;
};

// The finding as the API has it.
v1::AccessFinding ToProto(const AccessFinding& finding);

}  // namespace clinicd::audit
