// The practitioners of a clinic.
#pragma once

#include "absl/status/statusor.h"
#include "clinicd/identity/v1/practitioner_service.pb.h"
#include "common/auth/page_token.h"
#include "common/rpc/call.h"

namespace clinicd::identity {

// Thread-safe.
class PractitionerHandlers final {
 public:
  explicit PractitionerHandlers(const auth::PageTokenCodec& page_tokens)
      : page_tokens_(page_tokens) {}

  absl::StatusOr<v1::Practitioner> GetPractitioner(const v1::GetPractitionerRequest& request,
                                                   rpc::Call& call) const;
  absl::StatusOr<v1::ListPractitionersResponse> ListPractitioners(
      const v1::ListPractitionersRequest& request, rpc::Call& call) const;
  absl::StatusOr<v1::Practitioner> CreatePractitioner(const v1::CreatePractitionerRequest& request,
                                                      rpc::Call& call) const;
  absl::StatusOr<v1::Practitioner> UpdatePractitioner(const v1::UpdatePractitionerRequest& request,
                                                      rpc::Call& call) const;

 private:
  const auth::PageTokenCodec& page_tokens_;
};

}  // namespace clinicd::identity
