// Signed notes (C2SP signed-note): a text, a blank line, and one line for each signature.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/merkle/note_key.h"

namespace clinicd::merkle {

// Larger notes are refused: 16 signatures of 5 kB, which the specification asks to take, fit.
inline constexpr std::size_t kNoteBytesMax = 128 * 1024;
inline constexpr std::size_t kNoteSignaturesMax = 64;
inline constexpr std::size_t kKeyIdBytes = 4;

struct NoteSignature {
  // Of the key.
  std::string name;
  std::uint32_t key_id = 0;
  // At least one byte; what it means depends on the key.
  std::string signature;

  friend bool operator==(const NoteSignature&, const NoteSignature&) = default;
};

// A note of which nothing is known to be true yet.
struct Note {
  // Ends with a newline.
  std::string text;
  // At least one.
  std::vector<NoteSignature> signatures;

  friend bool operator==(const Note&, const Note&) = default;
};

// Reads a note. INVALID_ARGUMENT for anything that the specification does not allow, for base64
// that is not canonical, and beyond the limits above. One note has one form: FormatNote() of the
// answer is `bytes` again.
absl::StatusOr<Note> ParseNote(std::string_view bytes);
std::string FormatNote(const Note& note);
// One signature's line, ended.
std::string FormatSignature(const NoteSignature& signature);

// Checks the signatures of the keys that are known, and ignores all others, as the specification
// wants. The answer has one item for each verifier: the time its signature states (the latest,
// where it signed several times; 0 for signatures without time), or nullopt if it did not sign.
// DATA_LOSS if a signature claims to be a known key's and is not.
absl::StatusOr<std::vector<std::optional<std::int64_t>>> CheckSignatures(
    const Note& note, std::span<const NoteVerifier> verifiers);

}  // namespace clinicd::merkle
