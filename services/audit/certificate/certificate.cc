#include "services/audit/certificate/certificate.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/crypto/digest.h"

namespace clinicd::audit {

std::string DigestOf(const Certificate& certificate) {
  const std::string text = crypto::JoinParts(
      {"clinicd isolation certificate 1", certificate.release,
       absl::StrCat(certificate.schema_version), absl::StrCat(certificate.table_count),
       absl::StrCat(certificate.empty_table_count), absl::StrCat(certificate.method_count),
       absl::StrCat(certificate.finding_count), absl::StrJoin(certificate.findings, "\n"),
       certificate.catalog_digest});
  return std::string(crypto::AsView(crypto::Sha256(text)));
}

}  // namespace clinicd::audit
