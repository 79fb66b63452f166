// SHA-256, HMAC-SHA256 and comparison that takes the same time whatever the bytes are.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace clinicd::crypto {

using Sha256Digest = std::array<std::uint8_t, 32>;

// The functions below are thread-safe. They end the process if OpenSSL cannot compute a digest,
// which means that memory or the library itself is broken.
Sha256Digest Sha256(std::string_view bytes);
Sha256Digest HmacSha256(std::string_view key, std::string_view bytes);

// Whether the two are equal. The time depends on the sizes only.
bool ConstantTimeEqual(std::string_view a, std::string_view b);

// Joins `parts`, each behind its length in four bytes, so that different lists of parts never give
// the same bytes. For what is hashed or authenticated.
std::string JoinParts(std::initializer_list<std::string_view> parts);

inline std::string_view AsView(const Sha256Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

// Lower-case hexadecimal digits of `bytes`.
std::string ToHex(std::string_view bytes);

}  // namespace clinicd::crypto
