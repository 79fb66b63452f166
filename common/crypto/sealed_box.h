// Texts sealed under a numbered key, so that keys can be replaced.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/base/random.h"
#include "common/crypto/secret.h"

namespace clinicd::crypto {

// A key of 32 bytes and the number under which sealed texts name it.
struct NumberedKey {
  std::uint32_t number = 0;
  SecretBytes bytes;
};

// Seals with the key of the highest number and opens with any. Immutable, hence thread-safe.
//
// Sealed text: format (1 byte, 1), key number (4 bytes, big-endian), nonce (12 random bytes),
// ciphertext, tag (16 bytes). Format and number are authenticated with the associated data. Random
// nonces are safe for 2^32 texts a key, far above what a clinic signs in or pages through.
class SealingKeys final {
 public:
  // INVALID_ARGUMENT for no key, a key that is not 32 bytes long, or a number given twice.
  static absl::StatusOr<SealingKeys> Create(std::vector<NumberedKey> keys);

  absl::StatusOr<std::string> Seal(std::string_view plaintext, std::string_view aad,
                                   Random& random) const;

  // DATA_LOSS if `sealed` was not made by Seal() with the same `aad` under one of the keys.
  absl::StatusOr<std::string> Open(std::string_view sealed, std::string_view aad) const;

  // Whether `sealed` names the key that Seal() would use now.
  bool IsNewest(std::string_view sealed) const;

  std::uint32_t newest_number() const { return keys_.back().number; }

 private:
  explicit SealingKeys(std::vector<NumberedKey> keys) : keys_(std::move(keys)) {}

  // Sorted by number, never empty.
  std::vector<NumberedKey> keys_;
};

}  // namespace clinicd::crypto
