#include "common/crypto/digest.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

#include <cstdlib>

#include "absl/strings/escaping.h"
#include "common/base/text.h"

namespace clinicd::crypto {
namespace {

const std::uint8_t* Bytes(std::string_view text) {
  return reinterpret_cast<const std::uint8_t*>(text.data());
}

}  // namespace

Sha256Digest Sha256(std::string_view bytes) {
  Sha256Digest digest;
  if (SHA256(Bytes(bytes), bytes.size(), digest.data()) == nullptr) std::abort();
  return digest;
}

Sha256Digest HmacSha256(std::string_view key, std::string_view bytes) {
  Sha256Digest digest;
  unsigned int size = 0;
  const std::uint8_t* made = HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
                                  Bytes(bytes), bytes.size(), digest.data(), &size);
  if (made == nullptr || size != digest.size()) std::abort();
  return digest;
}

bool ConstantTimeEqual(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string JoinParts(std::initializer_list<std::string_view> parts) {
  std::string joined;
  for (const std::string_view part : parts) {
    for (int shift = 24; shift >= 0; shift -= 8) {
      joined.push_back(static_cast<char>((part.size() >> shift) & 0xff));
    }
    joined.append(part);
  }
  return joined;
}

std::string ToHex(std::string_view bytes) { return absl::BytesToHexString(ToAbsl(bytes)); }

}  // namespace clinicd::crypto
