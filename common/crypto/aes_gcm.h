// AES-256-GCM as NIST SP 800-38D has it. Use sealed_box.h; this is its engine.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace clinicd::crypto {

inline constexpr std::size_t kAesKeySize = 32;
inline constexpr std::size_t kGcmNonceSize = 12;
inline constexpr std::size_t kGcmTagSize = 16;

// Encrypts `plaintext`; the answer is the ciphertext followed by the 16-byte tag. A nonce must
// never be used twice with one key. `aad` is authenticated, not sent. INVALID_ARGUMENT for sizes
// other than the ones above.
absl::StatusOr<std::string> AesGcmEncrypt(std::string_view key, std::string_view nonce,
                                          std::string_view aad, std::string_view plaintext);

// Undoes AesGcmEncrypt(). DATA_LOSS if anything differs from what was encrypted.
absl::StatusOr<std::string> AesGcmDecrypt(std::string_view key, std::string_view nonce,
                                          std::string_view aad, std::string_view sealed);

}  // namespace clinicd::crypto
