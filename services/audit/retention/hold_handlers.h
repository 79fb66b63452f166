// What LegalHoldService does.
#pragma once

#include "absl/status/statusor.h"
#include "clinicd/audit/v1/legal_hold_service.pb.h"
#include "common/auth/page_token.h"
#include "common/rpc/call.h"
#include "services/audit/retention/hold_store.h"

namespace clinicd::audit {

// One method per RPC, with the errors that the API names. Thread-safe.
class HoldHandlers final {
 public:
  explicit HoldHandlers(const auth::PageTokenCodec& page_tokens) : page_tokens_(page_tokens) {}

  absl::StatusOr<v1::ListLegalHoldsResponse> ListLegalHolds(
      const v1::ListLegalHoldsRequest& request, rpc::Call& call) const;
  absl::StatusOr<v1::LegalHold> PlaceLegalHold(const v1::PlaceLegalHoldRequest& request,
                                               rpc::Call& call) const;
  absl::StatusOr<v1::LegalHold> ReleaseLegalHold(const v1::ReleaseLegalHoldRequest& request,
                                                 rpc::Call& call) const;

 private:
  const auth::PageTokenCodec& page_tokens_;
  HoldStore store_;
};

}  // namespace clinicd::audit
