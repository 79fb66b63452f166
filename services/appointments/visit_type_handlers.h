// The visit types of a clinic.
#pragma once

#include "absl/status/statusor.h"
#include "clinicd/appointments/v1/visit_type_service.pb.h"
#include "common/auth/page_token.h"
#include "common/rpc/call.h"
#include "services/appointments/visit_type_store.h"

namespace clinicd::appointments {

// Thread-safe.
class VisitTypeHandlers final {
 public:
  explicit VisitTypeHandlers(const auth::PageTokenCodec& page_tokens) : page_tokens_(page_tokens) {}

  absl::StatusOr<v1::VisitType> GetVisitType(const v1::GetVisitTypeRequest& request,
                                             rpc::Call& call) const;
  absl::StatusOr<v1::ListVisitTypesResponse> ListVisitTypes(
      const v1::ListVisitTypesRequest& request, rpc::Call& call) const;
  absl::StatusOr<v1::VisitType> CreateVisitType(const v1::CreateVisitTypeRequest& request,
                                                rpc::Call& call) const;
  absl::StatusOr<v1::VisitType> UpdateVisitType(const v1::UpdateVisitTypeRequest& request,
                                                rpc::Call& call) const;

 private:
  const auth::PageTokenCodec& page_tokens_;
  VisitTypeStore store_;
};

}  // namespace clinicd::appointments
