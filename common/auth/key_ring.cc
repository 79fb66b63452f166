#include "common/auth/key_ring.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

#include "absl/strings/numbers.h"
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
constexpr std::string_view kPurposes[] = {kSigning, kPepper, kPageToken, kRequestHash, kRefresh};

constexpr std::string_view kSuffix = ".key";
constexpr std::size_t kActiveSigningKeys = 2;
constexpr std::uint32_t kNumberMax = 999'999;

std::string NameOf(std::string_view purpose, std::uint32_t number) {
  return absl::StrCat(ToAbsl(purpose), "-", number);
}

// The number in `file` if it is a key file of `purpose`.
std::optional<std::uint32_t> NumberOf(std::string_view file, std::string_view purpose) {
  if (!file.starts_with(purpose) || !file.ends_with(kSuffix)) return std::nullopt;
  file.remove_prefix(purpose.size());
  if (file.size() <= kSuffix.size() + 1) return std::nullopt;
  const std::string_view digits = file.substr(1, file.size() - 1 - kSuffix.size());
  std::uint32_t number = 0;
  const bool valid = file.front() == '-' && digits.front() != '0' && digits.front() != '+' &&
                     absl::SimpleAtoi(ToAbsl(digits), &number) && number <= kNumberMax;
  return valid ? std::optional<std::uint32_t>(number) : std::nullopt;
}

// Numbers of the keys of `purpose`, in ascending order.
absl::StatusOr<std::vector<std::uint32_t>> NumbersOf(const std::string& directory,
                                                     std::string_view purpose) {
  std::vector<std::uint32_t> numbers;
  std::error_code error;
  std::filesystem::directory_iterator entry(directory, error);
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    const auto number = NumberOf(entry->path().filename().string(), purpose);
    if (number) numbers.push_back(*number);
  }
  if (error) {
    return absl::FailedPreconditionError(
        absl::StrCat("cannot list key directory ", directory, ": ", error.message()));
  }
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

// As above, but there must be one.
absl::StatusOr<std::vector<std::uint32_t>> SomeNumbersOf(const std::string& directory,
                                                         std::string_view purpose) {
  CLINICD_ASSIGN_OR_RETURN(std::vector<std::uint32_t> numbers, NumbersOf(directory, purpose));
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
                             ReadKeyFile(directory, NameOf(purpose, number)));
    keys.push_back({.number = number, .bytes = std::move(bytes)});
  }
  return crypto::SealingKeys::Create(std::move(keys));
}

absl::StatusOr<crypto::SecretBytes> LoadNewest(const std::string& directory,
                                               std::string_view purpose) {
  CLINICD_ASSIGN_OR_RETURN(const std::vector<std::uint32_t> numbers,
                           SomeNumbersOf(directory, purpose));
  return ReadKeyFile(directory, NameOf(purpose, numbers.back()));
}

absl::StatusOr<SigningKey> LoadSigningKey(const std::string& directory, std::uint32_t number) {
  CLINICD_ASSIGN_OR_RETURN(const crypto::SecretBytes seed,
                           ReadKeyFile(directory, NameOf(kSigning, number)));
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
                             NumbersOf(directory, purpose));
    if (!numbers.empty()) continue;
    const std::string name = NameOf(purpose, 1);
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
                           MakeKeyFile(directory, NameOf(kSigning, number), random));
  if (!is_new) return absl::AbortedError("another process rotates the signing key right now");
  CLINICD_ASSIGN_OR_RETURN(const SigningKey key, LoadSigningKey(directory, number));
  // The new key and the last of `numbers` stay.
  for (std::size_t i = 0; i + 1 < numbers.size(); ++i) {
    const std::string path =
        absl::StrCat(directory, "/", NameOf(kSigning, numbers[i]), ToAbsl(kSuffix));
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) {
      return absl::FailedPreconditionError(
          absl::StrCat("cannot remove old key ", path, ": ", std::strerror(errno)));
    }
  }
  return key.id;
}

}  // namespace clinicd::auth
