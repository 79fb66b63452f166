#include "services/audit/log/anchor.h"

#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "common/auth/key_file.h"
#include "common/base/durable_file.h"
#include "common/base/text.h"
#include "common/base/try.h"
#include "common/crypto/base64.h"
#include "common/merkle/note.h"
#include "db/cluster/file_lock.h"

namespace clinicd::audit {
namespace {

constexpr absl::Duration kLockPatience = absl::Seconds(5);
constexpr std::size_t kJournalBytesMax = std::size_t{1024} * 1024 * 1024;

std::string FormatHead(const AnchoredHead& head) {
  return absl::StrCat(head.clinic.ToString(), " ", head.tree_size, " ",
                      crypto::Base64Encode(merkle::AsView(head.root)), " ", head.meta_index, "\n");
}

std::optional<AnchoredHead> ParseHead(absl::string_view line) {
  const std::vector<std::string> words = absl::StrSplit(line, ' ');
  if (words.size() != 4) return std::nullopt;
  const std::optional<ClinicId> clinic = ClinicId::Parse(words[0]);
  const std::optional<std::string> root = crypto::Base64Decode(words[2]);
  const std::optional<merkle::Hash> hash = root ? merkle::ToHash(*root) : std::nullopt;
  AnchoredHead head;
  if (!clinic || !hash || !absl::SimpleAtoi(words[1], &head.tree_size) ||
      !absl::SimpleAtoi(words[3], &head.meta_index)) {
    return std::nullopt;
  }
  head.clinic = *clinic;
  head.root = *hash;
  return head;
}

}  // namespace

absl::Status Anchor::Open() const { return auth::MakeKeyDirectory(directory_); }

absl::StatusOr<std::optional<std::string>> Anchor::ReadNote() const {
  absl::StatusOr<std::string> note = ReadWholeFile(NotePath(), merkle::kNoteBytesMax);
  if (absl::IsNotFound(note.status())) return std::nullopt;
  CLINICD_RETURN_IF_ERROR(note.status());
  return *std::move(note);
}

absl::StatusOr<std::vector<AnchoredHead>> Anchor::ReadHeads() const {
  std::vector<AnchoredHead> heads;
  std::error_code error;
  const std::uintmax_t size = std::filesystem::file_size(JournalPath(), error);
  if (error || size > kJournalBytesMax) return heads;
  // A little more, for what is added meanwhile.
  absl::StatusOr<std::string> journal = ReadWholeFile(JournalPath(), size + kJournalBytes);
  if (absl::IsNotFound(journal.status())) return heads;
  CLINICD_RETURN_IF_ERROR(journal.status());
  for (const absl::string_view line : absl::StrSplit(*journal, '\n')) {
    if (std::optional<AnchoredHead> head = ParseHead(line)) heads.push_back(*head);
  }
  return heads;
}

absl::Status Anchor::Keep(const std::string& note, const std::vector<AnchoredHead>& heads) const {
  CLINICD_ASSIGN_OR_RETURN(const db::FileLock lock,
                           db::FileLock::Acquire(LockPath(), kLockPatience));
  // In front, so that they do not continue a line that a crash cut off.
  std::string lines = "\n";
  for (const AnchoredHead& head : heads) lines += FormatHead(head);
  if (!heads.empty()) CLINICD_RETURN_IF_ERROR(AppendDurably(JournalPath(), lines));
  CLINICD_RETURN_IF_ERROR(ReplaceDurably(NotePath(), note));
  std::error_code error;
  const std::uintmax_t size = std::filesystem::file_size(JournalPath(), error);
  return error || size < journal_bytes_ ? absl::OkStatus() : Compact();
}

absl::Status Anchor::Restart(const std::string& note, std::uint32_t epoch) const {
  CLINICD_ASSIGN_OR_RETURN(const db::FileLock lock,
                           db::FileLock::Acquire(LockPath(), kLockPatience));
  const std::string suffix = absl::StrCat(".before-", epoch);
  CLINICD_ASSIGN_OR_RETURN(const std::optional<std::string> old, ReadNote());
  if (old) CLINICD_RETURN_IF_ERROR(ReplaceDurably(NotePath() + suffix, *old));
  std::error_code error;
  std::filesystem::rename(JournalPath(), JournalPath() + suffix, error);
  if (error && error != std::errc::no_such_file_or_directory) {
    return absl::FailedPreconditionError(
        absl::StrCat("cannot rename ", JournalPath(), ": ", error.message()));
  }
  return ReplaceDurably(NotePath(), note);
}

absl::Status Anchor::Compact() const {
  CLINICD_ASSIGN_OR_RETURN(const std::vector<AnchoredHead> heads, ReadHeads());
  absl::flat_hash_map<ClinicId, std::size_t> newest;
  for (std::size_t i = 0; i < heads.size(); ++i) newest[heads[i].clinic] = i;
  // Many clinics need their space; it is not written anew each time.
  if (newest.size() * 2 > heads.size()) return absl::OkStatus();
  std::string lines;
  for (std::size_t i = 0; i < heads.size(); ++i) {
    if (newest[heads[i].clinic] == i) lines += FormatHead(heads[i]);
  }
  return ReplaceDurably(JournalPath(), lines);
}

}  // namespace clinicd::audit
