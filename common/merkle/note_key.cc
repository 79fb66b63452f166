#include "common/merkle/note_key.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/text.h"
#include "common/base/try.h"
#include "common/base/utf8.h"
#include "common/crypto/base64.h"
#include "common/crypto/digest.h"
#include "common/merkle/note.h"

namespace clinicd::merkle {
namespace {

constexpr std::size_t kNameBytesMax = 255;
constexpr std::size_t kKeyIdDigits = 8;
constexpr std::size_t kTimeBytes = 8;

// What Unicode calls White_Space above ASCII, in UTF-8.
constexpr std::array<std::string_view, 19> kWideSpaces{
    "\xc2\x85",     "\xc2\xa0",     "\xe1\x9a\x80", "\xe2\x80\x80", "\xe2\x80\x81",
    "\xe2\x80\x82", "\xe2\x80\x83", "\xe2\x80\x84", "\xe2\x80\x85", "\xe2\x80\x86",
    "\xe2\x80\x87", "\xe2\x80\x88", "\xe2\x80\x89", "\xe2\x80\x8a", "\xe2\x80\xa8",
    "\xe2\x80\xa9", "\xe2\x80\xaf", "\xe2\x81\x9f", "\xe3\x80\x80"};

std::string BigEndian(std::uint64_t value, std::size_t bytes) {
  std::string text;
  for (std::size_t i = bytes; i-- > 0;) {
    text.push_back(static_cast<char>((value >> (8 * i)) & 0xff));
  }
  return text;
}

std::string WithKind(KeyKind kind, std::string_view public_key) {
  return std::string(1, static_cast<char>(kind)) + std::string(public_key);
}

// What the key signs: the note's text, for a witness behind the time.
std::string SignedMessage(KeyKind kind, std::uint64_t seconds, std::string_view text) {
  if (kind == KeyKind::kEd25519) return std::string(text);
  return absl::StrCat("cosignature/v1\ntime ", seconds, "\n", ToAbsl(text));
}

}  // namespace

bool IsKeyName(std::string_view name) {
  if (name.empty() || name.size() > kNameBytesMax || !IsUtf8(name)) return false;
  const auto is_bad = [](char c) { return (c >= 0 && c <= ' ') || c == '+' || c == '\x7f'; };
  if (std::any_of(name.begin(), name.end(), is_bad)) return false;
  return std::none_of(kWideSpaces.begin(), kWideSpaces.end(), [name](std::string_view space) {
    return name.find(space) != std::string_view::npos;
  });
}

std::uint32_t KeyIdOf(KeyKind kind, std::string_view name, std::string_view public_key) {
  const crypto::Sha256Digest digest =
      crypto::Sha256(absl::StrCat(ToAbsl(name), "\n", WithKind(kind, public_key)));
  std::uint32_t id = 0;
  for (std::size_t i = 0; i < kKeyIdBytes; ++i) id = (id << 8) | digest[i];
  return id;
}

NoteVerifier::NoteVerifier(KeyKind kind, std::string_view name, crypto::Ed25519PublicKey key)
    : kind_(kind),
      name_(name),
      key_(std::move(key)),
      key_id_(KeyIdOf(kind_, name_, key_.bytes())) {}

absl::StatusOr<NoteVerifier> NoteVerifier::Create(KeyKind kind, std::string_view name,
                                                  std::string_view public_key) {
  if (!IsKeyName(name)) return absl::InvalidArgumentError("a key cannot have that name");
  CLINICD_ASSIGN_OR_RETURN(crypto::Ed25519PublicKey key,
                           crypto::Ed25519PublicKey::FromBytes(public_key));
  return NoteVerifier(kind, name, std::move(key));
}

absl::StatusOr<NoteVerifier> NoteVerifier::Parse(std::string_view text) {
  const absl::Status malformed =
      absl::InvalidArgumentError("a verifier's key is name+keyid+base64 of an Ed25519 key");
  const std::size_t name_end = text.find('+');
  if (name_end == std::string_view::npos) return malformed;
  const std::string_view rest = text.substr(name_end + 1);
  if (rest.size() <= kKeyIdDigits || rest[kKeyIdDigits] != '+') return malformed;
  const std::optional<std::string> key = crypto::Base64Decode(rest.substr(kKeyIdDigits + 1));
  if (!key || key->empty()) return malformed;
  const auto kind = static_cast<KeyKind>(key->front());
  if (kind != KeyKind::kEd25519 && kind != KeyKind::kCosignature) return malformed;
  CLINICD_ASSIGN_OR_RETURN(NoteVerifier verifier, Create(kind, text.substr(0, name_end),
                                                         std::string_view(*key).substr(1)));
  if (verifier.ToText() != text) {
    return absl::InvalidArgumentError("a verifier's key does not have the id that it is given");
  }
  return verifier;
}

std::string NoteVerifier::ToText() const {
  return absl::StrCat(name_, "+", crypto::ToHex(BigEndian(key_id_, kKeyIdBytes)), "+",
                      crypto::Base64Encode(WithKind(kind_, key_.bytes())));
}

std::optional<std::int64_t> NoteVerifier::Verify(std::string_view text,
                                                 std::string_view signature) const {
  std::uint64_t seconds = 0;
  if (kind_ == KeyKind::kCosignature) {
    if (signature.size() < kTimeBytes) return std::nullopt;
    for (std::size_t i = 0; i < kTimeBytes; ++i) {
      seconds = (seconds << 8) | static_cast<std::uint8_t>(signature[i]);
    }
    signature.remove_prefix(kTimeBytes);
    if (seconds > std::uint64_t{std::numeric_limits<std::int64_t>::max()}) return std::nullopt;
  }
  if (!key_.Verify(SignedMessage(kind_, seconds, text), signature)) return std::nullopt;
  return static_cast<std::int64_t>(seconds);
}

absl::StatusOr<NoteSigner> NoteSigner::Create(KeyKind kind, std::string_view name,
                                              crypto::Ed25519PrivateKey key) {
  CLINICD_ASSIGN_OR_RETURN(NoteVerifier verifier,
                           NoteVerifier::Create(kind, name, key.public_bytes()));
  return NoteSigner(std::move(verifier), std::move(key));
}

absl::StatusOr<std::string> NoteSigner::SignatureLine(std::string_view text, absl::Time now) const {
  const KeyKind kind = verifier_.kind();
  const std::int64_t seconds = kind == KeyKind::kCosignature ? absl::ToUnixSeconds(now) : 0;
  if (seconds < 0) return absl::InvalidArgumentError("cosignatures know no time before 1970");
  const auto stated = static_cast<std::uint64_t>(seconds);
  CLINICD_ASSIGN_OR_RETURN(const std::string signature,
                           key_.Sign(SignedMessage(kind, stated, text)));
  const std::string time =
      kind == KeyKind::kCosignature ? BigEndian(stated, kTimeBytes) : std::string();
  return FormatSignature({.name = verifier_.name(),
                          .key_id = verifier_.key_id(),
                          .signature = absl::StrCat(time, signature)});
}

}  // namespace clinicd::merkle
