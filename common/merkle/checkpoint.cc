#include "common/merkle/checkpoint.h"

#include <algorithm>
#include <functional>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/text.h"
#include "common/base/try.h"
#include "common/crypto/base64.h"

namespace clinicd::merkle {
namespace {

absl::Status NoCheckpoint(std::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("not a checkpoint: ", ToAbsl(what)));
}

// When the quorum was complete: the times of its latest members, the earliest of them.
absl::Time QuorumTime(std::vector<std::int64_t> times, std::size_t quorum) {
  const std::size_t needed = std::max<std::size_t>(quorum, 1);
  if (times.size() < needed) return absl::InfinitePast();
  std::sort(times.begin(), times.end(), std::greater<>());
  const std::int64_t time = times[needed - 1];
  return time == 0 ? absl::InfinitePast() : absl::FromUnixSeconds(time);
}

}  // namespace

std::string FormatTreeHead(const TreeHead& head) {
  return absl::StrCat(head.origin, "\n", head.size, "\n", crypto::Base64Encode(AsView(head.root)),
                      "\n");
}

absl::StatusOr<TreeHead> ParseTreeHead(std::string_view text) {
  const std::vector<std::string> lines = absl::StrSplit(ToAbsl(text), '\n');
  if (lines.size() != 4 || !lines[3].empty()) return NoCheckpoint("its text has three lines");
  TreeHead head{.origin = lines[0], .size = 0, .root = {}};
  if (!IsKeyName(head.origin)) return NoCheckpoint("its origin is no name");
  if (!absl::SimpleAtoi(lines[1], &head.size) || absl::StrCat(head.size) != lines[1] ||
      head.size > kTreeSizeMax) {
    return NoCheckpoint("its size is no size");
  }
  const std::optional<std::string> root = crypto::Base64Decode(lines[2]);
  const std::optional<Hash> hash = root ? ToHash(*root) : std::nullopt;
  if (!hash) return NoCheckpoint("its root is no hash");
  head.root = *hash;
  return head;
}

absl::StatusOr<std::string> SignTreeHead(const TreeHead& head,
                                         const std::vector<const NoteSigner*>& signers,
                                         absl::Time now) {
  const std::string text = FormatTreeHead(head);
  CLINICD_RETURN_IF_ERROR(ParseTreeHead(text).status());
  if (signers.empty()) return absl::InvalidArgumentError("nobody signs the checkpoint");
  std::string note = absl::StrCat(text, "\n");
  for (const NoteSigner* signer : signers) {
    CLINICD_ASSIGN_OR_RETURN(const std::string line, signer->SignatureLine(text, now));
    note.append(line);
  }
  return note;
}

absl::StatusOr<TrustedHead> OpenCheckpoint(std::string_view note, const TrustPolicy& policy) {
  CLINICD_ASSIGN_OR_RETURN(const Note parsed, ParseNote(note));
  CLINICD_ASSIGN_OR_RETURN(const TreeHead head, ParseTreeHead(parsed.text));
  if (head.origin != policy.origin) {
    return absl::PermissionDeniedError(
        absl::StrCat("the checkpoint is of ", head.origin, ", not of ", policy.origin));
  }
  CLINICD_ASSIGN_OR_RETURN(const auto by_log, CheckSignatures(parsed, policy.log_keys));
  CLINICD_ASSIGN_OR_RETURN(const auto by_witnesses, CheckSignatures(parsed, policy.witnesses));
  const bool is_signed =
      std::any_of(by_log.begin(), by_log.end(), [](const auto& time) { return time.has_value(); });
  if (!is_signed) {
    return absl::PermissionDeniedError("none of the log's keys signed the checkpoint");
  }
  std::vector<std::int64_t> times;
  for (const std::optional<std::int64_t>& time : by_witnesses) {
    if (time) times.push_back(*time);
  }
  if (times.size() < policy.quorum) {
    return absl::FailedPreconditionError(absl::StrCat(times.size(), " of the ", policy.quorum,
                                                      " witnesses needed signed the checkpoint"));
  }
  TrustedHead trusted{.head = head, .witnessed = times.size(), .witnessed_at = {}};
  trusted.witnessed_at = QuorumTime(std::move(times), policy.quorum);
  return trusted;
}

}  // namespace clinicd::merkle
