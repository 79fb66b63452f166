// Keys that sign notes (C2SP signed-note and tlog-cosignature), all of them Ed25519.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/crypto/ed25519.h"

namespace clinicd::merkle {

// The algorithm bytes of the specifications.
enum class KeyKind : std::uint8_t {
  // A log's signature of its own note.
  kEd25519 = 0x01,
  // A witness's, with the time at which it saw no newer head (cosignature/v1).
  kCosignature = 0x04,
};

// Whether a key may have this name: 1 to 255 bytes of UTF-8 without spaces of any kind, control
// characters and plus signs.
bool IsKeyName(std::string_view name);

// The first four bytes, big-endian, of SHA-256(name || "\n" || kind || public key).
std::uint32_t KeyIdOf(KeyKind kind, std::string_view name, std::string_view public_key);

// Checks one key's signatures. Immutable, hence thread-safe.
class NoteVerifier final {
 public:
  // INVALID_ARGUMENT for a bad name or a key that is not 32 bytes.
  static absl::StatusOr<NoteVerifier> Create(KeyKind kind, std::string_view name,
                                             std::string_view public_key);
  // Reads the text form, "name+keyid+key": the id as 8 hexadecimal digits in lower case, the key as
  // base64 of kind and public key. INVALID_ARGUMENT unless it is exactly that and the id is right.
  static absl::StatusOr<NoteVerifier> Parse(std::string_view text);
  std::string ToText() const;

  // The time that a valid signature of `text` states, in seconds since the Unix epoch; 0 for one of
  // kind kEd25519, which states none. nullopt for any other signature. `signature` is what follows
  // the key id.
  std::optional<std::int64_t> Verify(std::string_view text, std::string_view signature) const;

  KeyKind kind() const { return kind_; }
  const std::string& name() const { return name_; }
  std::uint32_t key_id() const { return key_id_; }
  const std::string& public_key() const { return key_.bytes(); }

 private:
  NoteVerifier(KeyKind kind, std::string_view name, crypto::Ed25519PublicKey key);

  KeyKind kind_;
  std::string name_;
  crypto::Ed25519PublicKey key_;
  std::uint32_t key_id_;
};

// Signs notes. Immutable, hence thread-safe.
class NoteSigner final {
 public:
  // INVALID_ARGUMENT for a bad name.
  static absl::StatusOr<NoteSigner> Create(KeyKind kind, std::string_view name,
                                           crypto::Ed25519PrivateKey key);

  // The line, ended, that says that this key signed `text`, which must end with a newline. `now` is
  // what a cosignature states; other signatures state no time. INVALID_ARGUMENT for times before
  // 1970.
  absl::StatusOr<std::string> SignatureLine(std::string_view text, absl::Time now) const;

  const NoteVerifier& verifier() const { return verifier_; }

 private:
  NoteSigner(NoteVerifier verifier, crypto::Ed25519PrivateKey key)
      : verifier_(std::move(verifier)), key_(std::move(key)) {}

  NoteVerifier verifier_;
  crypto::Ed25519PrivateKey key_;
};

}  // namespace clinicd::merkle
