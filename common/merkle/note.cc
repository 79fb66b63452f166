#include "common/merkle/note.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/base/text.h"
#include "common/base/try.h"
#include "common/base/utf8.h"
#include "common/crypto/base64.h"

namespace clinicd::merkle {
namespace {

// Em dash and space.
constexpr std::string_view kSignatureStart = "\xe2\x80\x94 ";

absl::Status Malformed(std::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("not a signed note: ", ToAbsl(what)));
}

absl::StatusOr<NoteSignature> ParseSignature(std::string_view line) {
  if (!line.starts_with(kSignatureStart)) return Malformed("a signature begins with an em dash");
  line.remove_prefix(kSignatureStart.size());
  const std::size_t name_end = line.find(' ');
  if (name_end == std::string_view::npos) return Malformed("a signature has a name and base64");
  const std::string_view name = line.substr(0, name_end);
  if (!IsKeyName(name)) return Malformed("a key cannot have that name");
  const std::optional<std::string> blob = crypto::Base64Decode(line.substr(name_end + 1));
  if (!blob || blob->size() <= kKeyIdBytes) return Malformed("a signature is base64 of 5 bytes up");
  std::uint32_t key_id = 0;
  for (std::size_t i = 0; i < kKeyIdBytes; ++i) {
    key_id = (key_id << 8) | static_cast<std::uint8_t>((*blob)[i]);
  }
  return NoteSignature{
      .name = std::string(name), .key_id = key_id, .signature = blob->substr(kKeyIdBytes)};
}

}  // namespace

absl::StatusOr<Note> ParseNote(std::string_view bytes) {
  if (bytes.size() > kNoteBytesMax) return Malformed("too large");
  const bool has_control = std::any_of(bytes.begin(), bytes.end(),
                                       [](char c) { return c >= 0 && c < ' ' && c != '\n'; });
  if (has_control || !IsUtf8(bytes)) return Malformed("UTF-8 without control characters is asked");
  const std::size_t blank = bytes.rfind("\n\n");
  if (blank == std::string_view::npos) return Malformed("no blank line before the signatures");
  Note note{.text = std::string(bytes.substr(0, blank + 1)), .signatures = {}};
  std::string_view lines = bytes.substr(blank + 2);
  if (lines.empty() || !lines.ends_with('\n')) return Malformed("the last line is not a signature");
  while (!lines.empty()) {
    if (note.signatures.size() == kNoteSignaturesMax) return Malformed("too many signatures");
    const std::string_view line = lines.substr(0, lines.find('\n'));
    lines.remove_prefix(line.size() + 1);
    CLINICD_ASSIGN_OR_RETURN(NoteSignature signature, ParseSignature(line));
    note.signatures.push_back(std::move(signature));
  }
  return note;
}

std::string FormatSignature(const NoteSignature& signature) {
  std::string blob;
  for (int shift = 24; shift >= 0; shift -= 8) {
    blob.push_back(static_cast<char>((signature.key_id >> shift) & 0xff));
  }
  blob.append(signature.signature);
  return absl::StrCat(ToAbsl(kSignatureStart), signature.name, " ", crypto::Base64Encode(blob),
                      "\n");
}

std::string FormatNote(const Note& note) {
  std::string bytes = absl::StrCat(note.text, "\n");
  for (const NoteSignature& signature : note.signatures) bytes.append(FormatSignature(signature));
  return bytes;
}

absl::StatusOr<std::vector<std::optional<std::int64_t>>> CheckSignatures(
    const Note& note, std::span<const NoteVerifier> verifiers) {
  std::vector<std::optional<std::int64_t>> times(verifiers.size());
  for (const NoteSignature& signature : note.signatures) {
    for (std::size_t i = 0; i < verifiers.size(); ++i) {
      const NoteVerifier& verifier = verifiers[i];
      if (verifier.key_id() != signature.key_id || verifier.name() != signature.name) continue;
      const std::optional<std::int64_t> time = verifier.Verify(note.text, signature.signature);
      if (!time) {
        return absl::DataLossError(
            absl::StrCat("the signature of ", verifier.name(), " does not match the note"));
      }
      times[i] = std::max(times[i].value_or(0), *time);
    }
  }
  return times;
}

}  // namespace clinicd::merkle
