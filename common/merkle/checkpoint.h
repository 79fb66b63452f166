// Checkpoints (C2SP tlog-checkpoint): notes in which a log states its size and root.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/merkle/hash.h"
#include "common/merkle/note.h"

namespace clinicd::merkle {

struct TreeHead {
  // Names the log; a legal key name.
  std::string origin;
  std::uint64_t size = 0;
  Hash root{};

  friend bool operator==(const TreeHead&, const TreeHead&) = default;
};

// The text of the note: three lines.
std::string FormatTreeHead(const TreeHead& head);
// INVALID_ARGUMENT for anything that FormatTreeHead() does not write; extension lines, which nobody
// could audit, are refused too.
absl::StatusOr<TreeHead> ParseTreeHead(std::string_view text);

// The head signed by `signers` at `now`. INVALID_ARGUMENT for an origin that is no key name, a size
// above kTreeSizeMax, or no signer.
absl::StatusOr<std::string> SignTreeHead(const TreeHead& head,
                                         const std::vector<const NoteSigner*>& signers,
                                         absl::Time now);

// Whom somebody trusts about a log.
struct TrustPolicy {
  std::string origin;
  // The log's keys; one of them must have signed.
  std::vector<NoteVerifier> log_keys;
  // Of kind kCosignature, or kEd25519 for one that states no time.
  std::vector<NoteVerifier> witnesses;
  // How many of the witnesses must have signed.
  std::size_t quorum = 0;
};

struct TrustedHead {
  TreeHead head;
  // How many witnesses signed.
  std::size_t witnessed = 0;
  // When as many witnesses as the quorum asks (at least one) had seen no newer head; infinite past
  // if no time was stated.
  absl::Time witnessed_at = absl::InfinitePast();
};

// What a note proves to whoever trusts as `policy` says. INVALID_ARGUMENT: it is no checkpoint.
// DATA_LOSS: a signature by a known key is false. PERMISSION_DENIED: it is another log's, or none
// of the log's keys signed it. FAILED_PRECONDITION: too few witnesses did.
absl::StatusOr<TrustedHead> OpenCheckpoint(std::string_view note, const TrustPolicy& policy);

}  // namespace clinicd::merkle
