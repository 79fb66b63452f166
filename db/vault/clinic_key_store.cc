#include "db/vault/clinic_key_store.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/auth/key_file.h"
#include "common/auth/private_file.h"
#include "common/base/try.h"
#include "common/crypto/aes_gcm.h"
#include "common/crypto/digest.h"
#include "db/cluster/file_lock.h"

namespace clinicd::db {
namespace {

constexpr std::string_view kMagic = "clinicd clinic keys 1\n";
constexpr std::string_view kSuffix = ".keys";
// Room for some ten thousand shredded patients in a version.
constexpr std::size_t kFileSizeMax = std::size_t{256} << 20;
constexpr std::size_t kWrappedSizeMax = 65535;
constexpr std::size_t kCachedMax = 1000;
constexpr absl::Duration kCachedFor = absl::Seconds(60);
constexpr absl::Duration kLockPatience = absl::Seconds(30);
// A file that is replaced while it is read is read again.
constexpr int kReadsMax = 10;

std::string_view BytesOf(const ClinicId& clinic) {
  const Uuid::Bytes& bytes = clinic.uuid().bytes();
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// What a file's own key is wrapped for, and what it seals.
std::string ContextOf(const ClinicId& clinic) {
  return crypto::JoinParts({kMagic, BytesOf(clinic)});
}

// The parts of a file.
struct Envelope {
  std::string_view wrapped;
  std::string_view nonce;
  std::string_view sealed;
};

std::optional<Envelope> Parse(std::string_view content) {
  if (!content.starts_with(kMagic)) return std::nullopt;
  content.remove_prefix(kMagic.size());
  if (content.size() < 2) return std::nullopt;
  const std::size_t size = static_cast<std::size_t>(static_cast<std::uint8_t>(content[0])) << 8 |
                           static_cast<std::uint8_t>(content[1]);
  content.remove_prefix(2);
  if (content.size() < size + crypto::kGcmNonceSize) return std::nullopt;
  return Envelope{.wrapped = content.substr(0, size),
                  .nonce = content.substr(size, crypto::kGcmNonceSize),
                  .sealed = content.substr(size + crypto::kGcmNonceSize)};
}

absl::StatusOr<std::string> Seal(const ClinicId& clinic, const ClinicKeys& keys,
                                 crypto::KeyWrapper& master, Random& random) {
  const std::string context = ContextOf(clinic);
  crypto::SecretBytes file_key(crypto::kAesKeySize);
  random.Fill(file_key.mutable_span());
  CLINICD_ASSIGN_OR_RETURN(const std::string wrapped, master.Wrap(file_key.view(), context));
  if (wrapped.size() > kWrappedSizeMax) return absl::InternalError("a wrapped key is too long");
  const std::string nonce = random.Bytes(crypto::kGcmNonceSize);
  const crypto::SecretBytes plaintext = keys.Serialize();
  CLINICD_ASSIGN_OR_RETURN(
      const std::string sealed,
      crypto::AesGcmEncrypt(file_key.view(), nonce, context, plaintext.view()));
  std::string content(kMagic);
  content.push_back(static_cast<char>(wrapped.size() >> 8));
  content.push_back(static_cast<char>(wrapped.size() & 0xff));
  return content + wrapped + nonce + sealed;
}

absl::StatusOr<ClinicKeys> Open(const ClinicId& clinic, std::string_view content,
                                crypto::KeyWrapper& master) {
  const std::optional<Envelope> envelope = Parse(content);
  if (!envelope) return absl::DataLossError("it does not have the form of such a file");
  const std::string context = ContextOf(clinic);
  CLINICD_ASSIGN_OR_RETURN(const crypto::SecretBytes file_key,
                           master.Unwrap(envelope->wrapped, context));
  CLINICD_ASSIGN_OR_RETURN(
      std::string plaintext,
      crypto::AesGcmDecrypt(file_key.view(), envelope->nonce, context, envelope->sealed));
  absl::StatusOr<ClinicKeys> keys = ClinicKeys::Parse(plaintext);
  crypto::WipeText(plaintext);
  return keys;
}

absl::StatusOr<FileLock> Lock(const std::string& directory) {
  CLINICD_RETURN_IF_ERROR(auth::MakeKeyDirectory(directory));
  absl::StatusOr<FileLock> lock =
      FileLock::Acquire(std::filesystem::path(directory) / ".lock", kLockPatience);
  if (!absl::IsAlreadyExists(lock.status())) return lock;
  return absl::FailedPreconditionError(absl::StrCat(
      "another process has been changing the keys in ", directory, " for long; see what it is"));
}

}  // namespace

ClinicKeyStore::ClinicKeyStore(const Parts& parts)
    : parts_(parts),
      directory_(parts.key_directory + "/clinics"),
      cache_(kCachedMax, kCachedFor, parts.monotonic_clock) {}

std::string ClinicKeyStore::PathOf(const ClinicId& clinic) const {
  return absl::StrCat(directory_, "/", clinic.ToString(), std::string(kSuffix));
}

std::string ClinicKeyStore::TombstoneOf(const ClinicId& clinic) const {
  return absl::StrCat(directory_, "/", clinic.ToString(), ".shredded");
}

absl::Status ClinicKeyStore::Damaged(const ClinicId& clinic, const absl::Status& cause) const {
  if (!absl::IsDataLoss(cause)) return cause;
  return absl::FailedPreconditionError(absl::StrCat(
      PathOf(clinic), " does not open: ", std::string(cause.message()),
      "; restore it, or the master key it was wrapped under, from the copy of the key directory"));
}

absl::StatusOr<std::optional<ClinicKeyStore::Stamp>> ClinicKeyStore::StampOf(
    const std::string& path) const {
  struct stat info = {};
  if (::stat(path.c_str(), &info) != 0) {
    if (errno == ENOENT) return std::optional<Stamp>();
    return absl::FailedPreconditionError(
        absl::StrCat("cannot inspect ", path, ": ", std::strerror(errno)));
  }
  return std::optional<Stamp>(
      Stamp{.device = info.st_dev,
            .inode = info.st_ino,
            .size = info.st_size,
            .changed_ns = info.st_ctim.tv_sec * 1'000'000'000 + info.st_ctim.tv_nsec});
}

absl::StatusOr<ClinicKeys> ClinicKeyStore::Read(const ClinicId& clinic) const {
  CLINICD_ASSIGN_OR_RETURN(const crypto::SecretBytes content,
                           auth::ReadPrivateFile(PathOf(clinic), kFileSizeMax));
  absl::StatusOr<ClinicKeys> keys = Open(clinic, content.view(), parts_.master);
  if (!keys.ok()) return Damaged(clinic, keys.status());
  return keys;
}

absl::StatusOr<ClinicKeyStore::Found> ClinicKeyStore::Load(const ClinicId& clinic) {
  const std::string path = PathOf(clinic);
  absl::Status trouble;
  for (int i = 0; i < kReadsMax; ++i) {
    CLINICD_ASSIGN_OR_RETURN(const std::optional<Stamp> tombstone, StampOf(TombstoneOf(clinic)));
    if (tombstone) return Found{.shredded = true, .keys = nullptr};
    CLINICD_ASSIGN_OR_RETURN(const std::optional<Stamp> stamp, StampOf(path));
    if (!stamp) return Found();
    const std::int64_t generation = cache_.generation();
    const std::shared_ptr<const Loaded> cached = cache_.Find(clinic);
    if (cached && cached->stamp == *stamp) return Found{.shredded = false, .keys = cached->keys};
    absl::StatusOr<ClinicKeys> keys = Read(clinic);
    if (keys.ok()) {
      auto loaded = std::make_shared<const Loaded>(
          Loaded{*stamp, std::make_shared<const ClinicKeys>(*std::move(keys))});
      cache_.Put(clinic, loaded, generation);
      return Found{.shredded = false, .keys = loaded->keys};
    }
    trouble = keys.status();
    CLINICD_ASSIGN_OR_RETURN(const std::optional<Stamp> after, StampOf(path));
    if (after == stamp) break;
  }
  return trouble;
}

absl::Status ClinicKeyStore::Write(const ClinicId& clinic, const ClinicKeys& keys) const {
  CLINICD_ASSIGN_OR_RETURN(const std::string content,
                           Seal(clinic, keys, parts_.master, parts_.random));
  return auth::ReplacePrivateFile(PathOf(clinic), content);
}

absl::StatusOr<ClinicKeyStore::Found> ClinicKeyStore::LoadOrMake(const ClinicId& clinic) {
  CLINICD_ASSIGN_OR_RETURN(Found found, Load(clinic));
  if (found.shredded || found.keys != nullptr) return found;
  CLINICD_ASSIGN_OR_RETURN(const FileLock lock, Lock(directory_));
  CLINICD_ASSIGN_OR_RETURN(found, Load(clinic));
  if (found.shredded || found.keys != nullptr) return found;
  CLINICD_RETURN_IF_ERROR(Write(clinic, ClinicKeys::Make(parts_.random, parts_.clock.Now())));
  return Load(clinic);
}

absl::Status ClinicKeyStore::Change(const ClinicId& clinic,
                                    const std::function<void(ClinicKeys&)>& change) {
  CLINICD_ASSIGN_OR_RETURN(const FileLock lock, Lock(directory_));
  CLINICD_ASSIGN_OR_RETURN(ClinicKeys keys, Read(clinic));
  change(keys);
  CLINICD_RETURN_IF_ERROR(Write(clinic, keys));
  cache_.RemoveIf([&clinic](const ClinicId& cached) { return cached == clinic; });
  return absl::OkStatus();
}

absl::Status ClinicKeyStore::Shred(const ClinicId& clinic) {
  CLINICD_ASSIGN_OR_RETURN(const FileLock lock, Lock(directory_));
  CLINICD_RETURN_IF_ERROR(
      auth::ReplacePrivateFile(TombstoneOf(clinic), "The keys of this clinic were destroyed.\n"));
  CLINICD_RETURN_IF_ERROR(auth::DestroyPrivateFile(PathOf(clinic)));
  cache_.RemoveIf([&clinic](const ClinicId& cached) { return cached == clinic; });
  return absl::OkStatus();
}

absl::StatusOr<bool> ClinicKeyStore::IsUnderNewestMaster(const ClinicId& clinic) {
  CLINICD_ASSIGN_OR_RETURN(const FileLock lock, Lock(directory_));
  const absl::StatusOr<crypto::SecretBytes> content =
      auth::ReadPrivateFile(PathOf(clinic), kFileSizeMax);
  if (absl::IsNotFound(content.status())) return true;
  CLINICD_RETURN_IF_ERROR(content.status());
  const std::optional<Envelope> envelope = Parse(content->view());
  if (!envelope) {
    return Damaged(clinic, absl::DataLossError("it does not have the form of such a file"));
  }
  return parts_.master.IsNewest(envelope->wrapped);
}

absl::StatusOr<std::vector<ClinicId>> ClinicKeyStore::List() {
  CLINICD_ASSIGN_OR_RETURN(const FileLock lock, Lock(directory_));
  std::vector<ClinicId> clinics;
  std::error_code error;
  std::filesystem::directory_iterator entry(directory_, error);
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    if (entry->path().extension() != kSuffix) continue;
    const std::optional<ClinicId> clinic = ClinicId::Parse(entry->path().stem().string());
    if (clinic) clinics.push_back(*clinic);
  }
  if (error) {
    return absl::FailedPreconditionError(
        absl::StrCat("cannot list ", directory_, ": ", error.message()));
  }
  std::sort(clinics.begin(), clinics.end());
  return clinics;
}

}  // namespace clinicd::db
