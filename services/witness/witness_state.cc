#include "services/witness/witness_state.h"

#include <cstdint>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/auth/key_file.h"
#include "common/base/durable_file.h"
#include "common/base/text.h"
#include "common/base/try.h"
#include "common/crypto/digest.h"
#include "common/crypto/ed25519.h"
#include "common/merkle/note.h"

namespace clinicd::witness {
namespace {

constexpr std::string_view kPurpose = "witness";
constexpr char kSuffix[] = ".checkpoint";
constexpr char kNameFile[] = "name";
constexpr std::size_t kNameBytesMax = 256;

std::string FileOf(const std::string& directory, std::string_view origin) {
  return absl::StrCat(directory, "/", crypto::ToHex(merkle::AsView(crypto::Sha256(origin))),
                      kSuffix);
}

// Absent if there is no such file.
absl::StatusOr<std::optional<Witnessed>> ReadWitnessed(const std::string& file) {
  absl::StatusOr<std::string> note = ReadWholeFile(file, merkle::kNoteBytesMax);
  if (absl::IsNotFound(note.status())) return std::nullopt;
  CLINICD_RETURN_IF_ERROR(note.status());
  const absl::StatusOr<merkle::Note> parsed = merkle::ParseNote(*note);
  const absl::StatusOr<merkle::TreeHead> head =
      parsed.ok() ? merkle::ParseTreeHead(parsed->text) : parsed.status();
  if (!head.ok()) {
    return absl::DataLossError(
        absl::StrCat(file, " holds no checkpoint; restore it, for what was witnessed is unknown"));
  }
  return Witnessed{.head = *head, .note = *std::move(note)};
}

}  // namespace

absl::StatusOr<std::unique_ptr<WitnessState>> WitnessState::Open(const std::string& directory) {
  CLINICD_RETURN_IF_ERROR(auth::CheckKeyDirectory(directory));
  CLINICD_ASSIGN_OR_RETURN(db::FileLock lock,
                           db::FileLock::Acquire(directory + "/lock", absl::ZeroDuration()));
  return std::unique_ptr<WitnessState>(new WitnessState(directory, std::move(lock)));
}

absl::StatusOr<std::optional<Witnessed>> WitnessState::Find(std::string_view origin) const {
  const std::string file = FileOf(directory_, origin);
  CLINICD_ASSIGN_OR_RETURN(std::optional<Witnessed> witnessed, ReadWitnessed(file));
  if (witnessed && witnessed->head.origin != origin) {
    return absl::DataLossError(absl::StrCat(file, " holds the checkpoint of another log"));
  }
  return witnessed;
}

absl::StatusOr<std::vector<Witnessed>> WitnessState::List() const {
  std::vector<Witnessed> all;
  std::error_code error;
  std::filesystem::directory_iterator entry(directory_, error);
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    if (entry->path().extension() != kSuffix) continue;
    CLINICD_ASSIGN_OR_RETURN(std::optional<Witnessed> witnessed,
                             ReadWitnessed(entry->path().string()));
    if (witnessed) all.push_back(*std::move(witnessed));
  }
  if (error) {
    return absl::FailedPreconditionError(
        absl::StrCat("cannot list ", directory_, ": ", error.message()));
  }
  return all;
}

absl::Status WitnessState::Store(const Witnessed& witnessed) const {
  return ReplaceDurably(FileOf(directory_, witnessed.head.origin), witnessed.note);
}

absl::Status InitializeWitness(const std::string& directory, std::string_view name,
                               Random& random) {
  if (!merkle::IsKeyName(name)) {
    return absl::FailedPreconditionError(
        absl::StrCat("'", ToAbsl(name),
                     "' is no name for a key: 1 to 255 bytes without spaces and "
                     "plus signs, such as witness.example/w1"));
  }
  CLINICD_RETURN_IF_ERROR(auth::MakeKeyDirectory(directory));
  CLINICD_ASSIGN_OR_RETURN(const std::vector<std::uint32_t> numbers,
                           auth::ListKeyNumbers(directory, kPurpose));
  if (!numbers.empty()) {
    return absl::FailedPreconditionError(
        absl::StrCat(directory, " holds the key of a witness already"));
  }
  // First: a key without a name would be none.
  CLINICD_RETURN_IF_ERROR(
      ReplaceDurably(absl::StrCat(directory, "/", kNameFile), absl::StrCat(ToAbsl(name), "\n")));
  return auth::MakeKeyFile(directory, auth::KeyName(kPurpose, 1), random).status();
}

absl::StatusOr<std::vector<merkle::NoteSigner>> LoadWitnessSigners(const std::string& directory) {
  CLINICD_ASSIGN_OR_RETURN(const std::vector<std::uint32_t> numbers,
                           auth::ListKeyNumbers(directory, kPurpose));
  if (numbers.empty()) {
    return absl::FailedPreconditionError(
        absl::StrCat(directory, " holds no key of a witness; run: clinicd-witness init"));
  }
  CLINICD_ASSIGN_OR_RETURN(std::string name,
                           ReadWholeFile(absl::StrCat(directory, "/", kNameFile), kNameBytesMax));
  if (name.ends_with('\n')) name.pop_back();
  std::vector<merkle::NoteSigner> signers;
  for (const std::uint32_t number : numbers) {
    CLINICD_ASSIGN_OR_RETURN(const crypto::SecretBytes seed,
                             auth::ReadKeyFile(directory, auth::KeyName(kPurpose, number)));
    CLINICD_ASSIGN_OR_RETURN(crypto::Ed25519PrivateKey key,
                             crypto::Ed25519PrivateKey::FromSeed(seed.view()));
    CLINICD_ASSIGN_OR_RETURN(
        merkle::NoteSigner signer,
        merkle::NoteSigner::Create(merkle::KeyKind::kCosignature, name, std::move(key)));
    signers.push_back(std::move(signer));
  }
  return signers;
}

}  // namespace clinicd::witness
