#include "services/audit/log/acknowledgement.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/text.h"
#include "common/base/try.h"
#include "common/crypto/base64.h"
#include "common/merkle/epoch.h"
#include "common/merkle/note.h"

namespace clinicd::audit {
namespace {

constexpr char kTitle[] = "acknowledged-restore";
constexpr char kReasonPrefix[] = "reason ";

absl::Status Malformed() {
  return absl::InvalidArgumentError("not what was acknowledged after a restore");
}

std::string FormatHead(std::string_view what, const merkle::TreeHead& head) {
  return absl::StrCat(ToAbsl(what), " ", head.origin, " ", head.size, " ",
                      crypto::Base64Encode(merkle::AsView(head.root)), "\n");
}

std::string Format(const Acknowledgement& acknowledgement) {
  return absl::StrCat(
      acknowledgement.kept.origin, "\n", kTitle, "\n", FormatHead("lost", acknowledgement.lost),
      FormatHead("kept", acknowledgement.kept), kReasonPrefix, acknowledgement.reason, "\n");
}

// The head of a line; origins have no spaces.
std::optional<merkle::TreeHead> ParseHead(const std::string& line) {
  const std::vector<std::string> words = absl::StrSplit(line, ' ');
  merkle::TreeHead head;
  if (words.size() != 4 || !absl::SimpleAtoi(words[2], &head.size)) return std::nullopt;
  const std::optional<std::string> root = crypto::Base64Decode(words[3]);
  const std::optional<merkle::Hash> hash = root ? merkle::ToHash(*root) : std::nullopt;
  if (!hash) return std::nullopt;
  head.origin = words[1];
  head.root = *hash;
  return head;
}

bool IsOneLine(std::string_view text) {
  return !text.empty() && text.size() <= kReasonBytesMax &&
         std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) < ' '; });
}

}  // namespace

absl::StatusOr<std::string> SignAcknowledgement(const Acknowledgement& acknowledgement,
                                                const std::vector<merkle::NoteSigner>& signers,
                                                absl::Time now) {
  if (!IsOneLine(acknowledgement.reason)) {
    return absl::InvalidArgumentError(
        absl::StrCat("the reason must be one line of at most ", kReasonBytesMax, " bytes"));
  }
  const std::string text = Format(acknowledgement);
  std::string note = text + "\n";
  for (const merkle::NoteSigner& signer : signers) {
    CLINICD_ASSIGN_OR_RETURN(const std::string line, signer.SignatureLine(text, now));
    note += line;
  }
  return note;
}

absl::StatusOr<Acknowledgement> OpenAcknowledgement(
    std::string_view note, std::string_view log,
    const std::vector<merkle::NoteVerifier>& log_keys) {
  CLINICD_ASSIGN_OR_RETURN(const merkle::Note parsed, merkle::ParseNote(note));
  const std::vector<std::string> lines = absl::StrSplit(parsed.text, '\n');
  if (lines.size() != 6 || lines[1] != kTitle || !lines[4].starts_with(kReasonPrefix)) {
    return Malformed();
  }
  const std::optional<merkle::TreeHead> lost = ParseHead(lines[2]);
  const std::optional<merkle::TreeHead> kept = ParseHead(lines[3]);
  const std::optional<std::uint32_t> epoch = merkle::EpochOf(log, lines[0]);
  if (!lost || !kept || !epoch || *epoch == 0) return Malformed();
  Acknowledgement acknowledgement{.epoch = *epoch,
                                  .lost = *lost,
                                  .kept = *kept,
                                  .reason = lines[4].substr(sizeof(kReasonPrefix) - 1)};
  if (Format(acknowledgement) != parsed.text) return Malformed();
  CLINICD_ASSIGN_OR_RETURN(const auto signed_at, merkle::CheckSignatures(parsed, log_keys));
  if (std::ranges::none_of(signed_at, [](const auto& time) { return time.has_value(); })) {
    return absl::PermissionDeniedError("not signed by the log");
  }
  return acknowledgement;
}

}  // namespace clinicd::audit
