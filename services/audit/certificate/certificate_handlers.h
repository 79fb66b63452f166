// What IsolationCertificateService does.
#pragma once

#include "absl/status/statusor.h"
#include "clinicd/audit/v1/isolation_certificate_service.pb.h"
#include "common/auth/page_token.h"
#include "common/rpc/call.h"
#include "services/audit/certificate/certificate_store.h"

namespace clinicd::audit {

// What audit events call a certificate.
inline constexpr char kCertificateEntity[] = "isolation_certificate";

// One method per RPC, with the errors that the API names. Thread-safe.
class CertificateHandlers final {
 public:
  explicit CertificateHandlers(const auth::PageTokenCodec& page_tokens)
      : page_tokens_(page_tokens) {}

  absl::StatusOr<v1::IsolationCertificate> GetIsolationCertificate(
      const v1::GetIsolationCertificateRequest& request, rpc::Call& call) const;
  absl::StatusOr<v1::ListIsolationCertificatesResponse> ListIsolationCertificates(
      const v1::ListIsolationCertificatesRequest& request, rpc::Call& call) const;

 private:
  const auth::PageTokenCodec& page_tokens_;
  CertificateStore store_;
};

// The certificate as the API has it.
v1::IsolationCertificate ToProto(const Certificate& certificate);

}  // namespace clinicd::audit
