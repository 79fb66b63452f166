#include "common/auth/file_master.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/auth/key_file.h"
#include "common/base/text.h"
#include "common/base/try.h"

namespace clinicd::auth {
namespace {

using Numbers = std::vector<std::uint32_t>;

std::string PathOf(const std::string& directory, std::uint32_t number) {
  return absl::StrCat(directory, "/", KeyName(kMasterPurpose, number), ".key");
}

absl::StatusOr<Numbers> CredentialNumbers(const MasterKeyPlaces& places) {
  if (places.credential_directory.empty()) return Numbers();
  return ListKeyNumbers(places.credential_directory, kMasterPurpose);
}

absl::StatusOr<crypto::SealingKeys> LoadKeys(const MasterKeyPlaces& places) {
  CLINICD_RETURN_IF_ERROR(CheckKeyDirectory(places.key_directory));
  CLINICD_ASSIGN_OR_RETURN(const Numbers credentials, CredentialNumbers(places));
  CLINICD_ASSIGN_OR_RETURN(const Numbers files,
                           ListKeyNumbers(places.key_directory, kMasterPurpose));
  std::vector<crypto::NumberedKey> keys;
  for (const std::uint32_t number : credentials) {
    CLINICD_ASSIGN_OR_RETURN(crypto::SecretBytes bytes, ReadKeyFile(places.credential_directory,
                                                                    KeyName(kMasterPurpose, number),
                                                                    FileTrust::kServiceManager));
    keys.push_back({.number = number, .bytes = std::move(bytes)});
  }
  for (const std::uint32_t number : files) {
    if (std::binary_search(credentials.begin(), credentials.end(), number)) continue;
    CLINICD_ASSIGN_OR_RETURN(crypto::SecretBytes bytes,
                             ReadKeyFile(places.key_directory, KeyName(kMasterPurpose, number)));
    keys.push_back({.number = number, .bytes = std::move(bytes)});
  }
  if (keys.empty()) {
    return absl::FailedPreconditionError(absl::StrCat(
        "key directory ", places.key_directory,
        " holds no master key; restore it from its copy, or run: clinicd keys create"));
  }
  return crypto::SealingKeys::Create(std::move(keys));
}

}  // namespace

absl::StatusOr<std::unique_ptr<FileMaster>> FileMaster::Load(const MasterKeyPlaces& places,
                                                             Random& random) {
  CLINICD_ASSIGN_OR_RETURN(crypto::SealingKeys keys, LoadKeys(places));
  return std::unique_ptr<FileMaster>(new FileMaster(places, random, std::move(keys)));
}

absl::Status FileMaster::Reload() {
  CLINICD_ASSIGN_OR_RETURN(keys_, LoadKeys(places_));
  return absl::OkStatus();
}

absl::StatusOr<std::string> FileMaster::Wrap(std::string_view key, std::string_view aad) {
  const absl::MutexLock lock(&mutex_);
  CLINICD_RETURN_IF_ERROR(Reload());
  return keys_.Seal(key, aad, random_);
}

absl::StatusOr<crypto::SecretBytes> FileMaster::Unwrap(std::string_view wrapped,
                                                       std::string_view aad) {
  const absl::MutexLock lock(&mutex_);
  absl::StatusOr<std::string> key = keys_.Open(wrapped, aad);
  if (!key.ok()) {
    CLINICD_RETURN_IF_ERROR(Reload());
    key = keys_.Open(wrapped, aad);
  }
  if (!key.ok()) return key.status();
  crypto::SecretBytes bytes(*key);
  crypto::WipeText(*key);
  return bytes;
}

absl::StatusOr<bool> FileMaster::IsNewest(std::string_view wrapped) {
  const absl::MutexLock lock(&mutex_);
  CLINICD_RETURN_IF_ERROR(Reload());
  return keys_.IsNewest(wrapped);
}

absl::StatusOr<std::uint32_t> FileMaster::NewestNumber() {
  const absl::MutexLock lock(&mutex_);
  CLINICD_RETURN_IF_ERROR(Reload());
  return keys_.newest_number();
}

absl::StatusOr<std::uint32_t> FileMaster::AddKey() {
  const absl::MutexLock lock(&mutex_);
  CLINICD_RETURN_IF_ERROR(Reload());
  const std::uint32_t number = keys_.newest_number() + 1;
  CLINICD_ASSIGN_OR_RETURN(const Numbers credentials, CredentialNumbers(places_));
  if (!credentials.empty() && credentials.back() + 1 == number) {
    return absl::FailedPreconditionError(absl::StrCat(
        "the master key is a credential of the service manager; add ",
        PathOf(places_.credential_directory, number), " to its credentials and run this again"));
  }
  CLINICD_ASSIGN_OR_RETURN(const bool made, MakeKeyFile(places_.key_directory,
                                                        KeyName(kMasterPurpose, number), random_));
  if (!made) return absl::AbortedError("another process rotates the master key right now");
  CLINICD_RETURN_IF_ERROR(Reload());
  return number;
}

absl::StatusOr<int> FileMaster::RetireOlder() {
  const absl::MutexLock lock(&mutex_);
  CLINICD_RETURN_IF_ERROR(Reload());
  CLINICD_ASSIGN_OR_RETURN(const Numbers files,
                           ListKeyNumbers(places_.key_directory, kMasterPurpose));
  int retired = 0;
  for (const std::uint32_t number : files) {
    if (number >= keys_.newest_number()) continue;
    CLINICD_RETURN_IF_ERROR(DestroyPrivateFile(PathOf(places_.key_directory, number)));
    ++retired;
  }
  CLINICD_RETURN_IF_ERROR(Reload());
  return retired;
}

}  // namespace clinicd::auth
