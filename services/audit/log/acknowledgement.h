// What an operator acknowledged: that the log goes on although it lost what it had signed.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/merkle/checkpoint.h"
#include "common/merkle/note_key.h"

namespace clinicd::audit {

inline constexpr std::size_t kReasonBytesMax = 200;

struct Acknowledgement {
  // Which epoch begins with it; from 1 on.
  std::uint32_t epoch = 0;
  // What had been signed last, as somebody outside the database remembered it.
  merkle::TreeHead lost = {};
  // What the database still holds of it, under the origin of the epoch that begins.
  merkle::TreeHead kept = {};
  // One line of text.
  std::string reason = {};
};

// A note signed by all keys of the log. Its second line is a word where a checkpoint has its size,
// so that it can never be taken for one. INVALID_ARGUMENT for a reason that is empty, longer than
// kReasonBytesMax or not one line.
absl::StatusOr<std::string> SignAcknowledgement(const Acknowledgement& acknowledgement,
                                                const std::vector<merkle::NoteSigner>& signers,
                                                absl::Time now);

// Reads what SignAcknowledgement() wrote. INVALID_ARGUMENT for anything else; PERMISSION_DENIED if
// none of the keys signed it.
absl::StatusOr<Acknowledgement> OpenAcknowledgement(
    std::string_view note, std::string_view log, const std::vector<merkle::NoteVerifier>& log_keys);

}  // namespace clinicd::audit
