#include "services/audit/log/log_keys.h"

#include <cstdint>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/auth/key_file.h"
#include "common/base/try.h"
#include "common/crypto/ed25519.h"

namespace clinicd::audit {

absl::StatusOr<std::vector<merkle::NoteSigner>> LoadLogSigners(const std::string& key_directory,
                                                               const std::string& origin) {
  if (!merkle::IsKeyName(origin)) {
    return absl::FailedPreconditionError(
        absl::StrCat("audit.origin is '", origin,
                     "'; it must be 1 to 255 bytes without spaces and plus signs, such as "
                     "clinic.example/audit"));
  }
  CLINICD_ASSIGN_OR_RETURN(const std::vector<std::uint32_t> numbers,
                           auth::ListKeyNumbers(key_directory, auth::kAuditLogPurpose));
  std::vector<merkle::NoteSigner> signers;
  for (const std::uint32_t number : numbers) {
    CLINICD_ASSIGN_OR_RETURN(
        const crypto::SecretBytes seed,
        auth::ReadKeyFile(key_directory, auth::KeyName(auth::kAuditLogPurpose, number)));
    CLINICD_ASSIGN_OR_RETURN(crypto::Ed25519PrivateKey key,
                             crypto::Ed25519PrivateKey::FromSeed(seed.view()));
    CLINICD_ASSIGN_OR_RETURN(
        merkle::NoteSigner signer,
        merkle::NoteSigner::Create(merkle::KeyKind::kEd25519, origin, std::move(key)));
    signers.push_back(std::move(signer));
  }
  if (!signers.empty()) return signers;
  return absl::FailedPreconditionError(
      absl::StrCat("key directory ", key_directory,
                   " holds no audit-log key; restore it from its copy, or have a new one made if "
                   "there never was one"));
}

}  // namespace clinicd::audit
