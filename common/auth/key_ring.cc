#include "common/auth/key_ring.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/auth/key_file.h"
#include "common/base/text.h"
#include "common/base/try.h"
#include "common/crypto/digest.h"

namespace clinicd::auth {
namespace {

constexpr std::string_view kSigning = "signing";
constexpr std::string_view kPepper = "pepper";
constexpr std::string_view kPageToken = "page-token";
constexpr std::string_view kRequestHash = "request-hash";
constexpr std::string_view kRefresh = "refresh";
// Read by FileMaster.
constexpr std::string_view kMaster = kMasterPurpose;
constexpr std::string_view kPurposes[] = {kSigning, kPepper, kPageToken,      kRequestHash,
                                          kRefresh, kMaster, kAuditLogPurpose};

constexpr std::string_view kSuffix = ".key";
constexpr std::size_t kActiveSigningKeys = 2;

// As above, but there must be one.
absl::StatusOr<std::vector<std::uint32_t>> SomeNumbersOf(const std::string& directory,
                                                         std::string_view purpose) {
  CLINICD_ASSIGN_OR_RETURN(std::vector<std::uint32_t> numbers, ListKeyNumbers(directory, purpose));
  if (!numbers.empty()) return numbers;
  return absl::FailedPreconditionError(absl::StrCat(
      "key directory ", directory, " holds no ", ToAbsl(purpose),
      " key; restore it from its copy, or have a new one made if there never was one"));
}

absl::StatusOr<crypto::SealingKeys> LoadSealing(const std::string& directory,
                                                std::string_view purpose) {
  CLINICD_ASSIGN_OR_RETURN(const std::vector<std::uint32_t> numbers,
                           SomeNumbersOf(directory, purpose));
  std::vector<crypto::NumberedKey> keys;
  for (const std::uint32_t number : numbers) {
    CLINICD_ASSIGN_OR_RETURN(crypto::SecretBytes bytes,
                             ReadKeyFile(directory, KeyName(purpose, number)));
    keys.push_back({.number = number, .bytes = std::move(bytes)});
  }
  return crypto::SealingKeys::Create(std::move(keys));
}

absl::StatusOr<crypto::SecretBytes> LoadNewest(const std::string& directory,
                                               std::string_view purpose) {
  CLINICD_ASSIGN_OR_RETURN(const std::vector<std::uint32_t> numbers,
                           SomeNumbersOf(directory, purpose));
  return ReadKeyFile(directory, KeyName(purpose, numbers.back()));
}

absl::StatusOr<SigningKey> LoadSigningKey(const std::string& directory, std::uint32_t number) {
  CLINICD_ASSIGN_OR_RETURN(const crypto::SecretBytes seed,
                           ReadKeyFile(directory, KeyName(kSigning, number)));
  return MakeSigningKey(seed.view());
}

absl::StatusOr<std::vector<SigningKey>> LoadSigningKeys(const std::string& directory) {
  CLINICD_ASSIGN_OR_RETURN(const std::vector<std::uint32_t> numbers,
                           SomeNumbersOf(directory, kSigning));
  std::vector<SigningKey> keys;
  const std::size_t first = numbers.size() - std::min(numbers.size(), kActiveSigningKeys);
  for (std::size_t i = first; i < numbers.size(); ++i) {
    CLINICD_ASSIGN_OR_RETURN(SigningKey key, LoadSigningKey(directory, numbers[i]));
    keys.push_back(std::move(key));
  }
  return keys;
}

}  // namespace

absl::StatusOr<SigningKey> MakeSigningKey(std::string_view seed) {
  CLINICD_ASSIGN_OR_RETURN(crypto::Ed25519PrivateKey private_key,
                           crypto::Ed25519PrivateKey::FromSeed(seed));
  CLINICD_ASSIGN_OR_RETURN(crypto::Ed25519PublicKey public_key,
                           crypto::Ed25519PublicKey::FromBytes(private_key.public_bytes()));
  const crypto::Sha256Digest digest = crypto::Sha256(public_key.bytes());
  return SigningKey{.id = crypto::ToHex(crypto::AsView(digest).substr(0, 8)),
                    .private_key = std::move(private_key),
                    .public_key = std::move(public_key)};
}

KeyRing::KeyRing(std::vector<SigningKey> signing_keys, crypto::SealingKeys pepper,
                 crypto::SealingKeys page_token, crypto::SecretBytes request_hash,
                 crypto::SecretBytes refresh)
    : signing_keys_(std::move(signing_keys)),
      pepper_(std::move(pepper)),
      page_token_(std::move(page_token)),
      request_hash_(std::move(request_hash)),
      refresh_(std::move(refresh)) {}

absl::StatusOr<KeyRing> KeyRing::Load(const std::string& directory) {
  CLINICD_RETURN_IF_ERROR(CheckKeyDirectory(directory));
  CLINICD_ASSIGN_OR_RETURN(std::vector<SigningKey> signing, LoadSigningKeys(directory));
  CLINICD_ASSIGN_OR_RETURN(crypto::SealingKeys pepper, LoadSealing(directory, kPepper));
  CLINICD_ASSIGN_OR_RETURN(crypto::SealingKeys page_token, LoadSealing(directory, kPageToken));
  CLINICD_ASSIGN_OR_RETURN(crypto::SecretBytes request_hash, LoadNewest(directory, kRequestHash));
  CLINICD_ASSIGN_OR_RETURN(crypto::SecretBytes refresh, LoadNewest(directory, kRefresh));
  return KeyRing(std::move(signing), std::move(pepper), std::move(page_token),
                 std::move(request_hash), std::move(refresh));
}

absl::StatusOr<std::vector<std::string>> KeyRing::CreateMissing(const std::string& directory,
                                                                Random& random) {
  CLINICD_RETURN_IF_ERROR(MakeKeyDirectory(directory));
  std::vector<std::string> made;
  for (const std::string_view purpose : kPurposes) {
    CLINICD_ASSIGN_OR_RETURN(const std::vector<std::uint32_t> numbers,
                             ListKeyNumbers(directory, purpose));
    if (!numbers.empty()) continue;
    const std::string name = KeyName(purpose, 1);
    CLINICD_ASSIGN_OR_RETURN(const bool is_new, MakeKeyFile(directory, name, random));
    if (is_new) made.push_back(absl::StrCat(name, ToAbsl(kSuffix)));
  }
  return made;
}

absl::StatusOr<std::string> KeyRing::RotateSigningKey(const std::string& directory,
                                                      Random& random) {
  CLINICD_RETURN_IF_ERROR(CheckKeyDirectory(directory));
  CLINICD_ASSIGN_OR_RETURN(const std::vector<std::uint32_t> numbers,
                           SomeNumbersOf(directory, kSigning));
  const std::uint32_t number = numbers.back() + 1;
  CLINICD_ASSIGN_OR_RETURN(const bool is_new,
                           MakeKeyFile(directory, KeyName(kSigning, number), random));
  if (!is_new) return absl::AbortedError("another process rotates the signing key right now");
  CLINICD_ASSIGN_OR_RETURN(const SigningKey key, LoadSigningKey(directory, number));
  // The new key and the last of `numbers` stay.
  for (std::size_t i = 0; i + 1 < numbers.size(); ++i) {
    const std::string path =
        absl::StrCat(directory, "/", KeyName(kSigning, numbers[i]), ToAbsl(kSuffix));
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) {
      return absl::FailedPreconditionError(
          absl::StrCat("cannot remove old key ", path, ": ", std::strerror(errno)));
    }
  }
  return key.id;
}

}  // namespace clinicd::auth
