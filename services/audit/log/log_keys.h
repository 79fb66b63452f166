// The keys that sign checkpoints of the audit log.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/merkle/note_key.h"

namespace clinicd::audit {

// Whose signatures checkpoints of the log have.
struct LogVerifiers {
  // Names log and keys.
  std::string log = {};
  // The oldest first; empty where this process does not know them.
  std::vector<merkle::NoteVerifier> keys = {};
  // Who is asked to cosign.
  std::vector<merkle::NoteVerifier> witnesses = {};
};

// One signer for each key `audit-log-<number>.key` of the key directory, the oldest first. All of
// them sign: a new key is made beside the old one, which is removed once all who verify know the
// new. `origin` names log and keys. FAILED_PRECONDITION, with file, cause and way out in words for
// the operator, for an origin that is no key name, and where there is no key or one cannot be read.
absl::StatusOr<std::vector<merkle::NoteSigner>> LoadLogSigners(const std::string& key_directory,
                                                               const std::string& origin);

}  // namespace clinicd::audit
