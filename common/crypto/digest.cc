#include "common/crypto/digest.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <cstdlib>
#include <memory>

#include "absl/strings/escaping.h"
#include "common/base/text.h"

namespace clinicd::crypto {
namespace {

const std::uint8_t* Bytes(std::string_view text) {
  return reinterpret_cast<const std::uint8_t*>(text.data());
}

// Fetched once: OpenSSL's own one-call functions look the algorithm up by its name each time, under
// a lock, which takes longer than hashing a few blocks. They live as long as the process.
const EVP_MD* FetchSha256() {
  const EVP_MD* digest = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  if (digest == nullptr) std::abort();
  return digest;
}

struct MacContextFree {
  void operator()(EVP_MAC_CTX* context) const { EVP_MAC_CTX_free(context); }
};
using MacContext = std::unique_ptr<EVP_MAC_CTX, MacContextFree>;

// HMAC-SHA256 that has no key yet.
const EVP_MAC_CTX* MakeKeylessHmac() {
  EVP_MAC* hmac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  EVP_MAC_CTX* context = EVP_MAC_CTX_new(hmac);
  EVP_MAC_free(hmac);
  std::string digest = "SHA256";
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest.data(), 0),
      OSSL_PARAM_construct_end()};
  if (context == nullptr || EVP_MAC_CTX_set_params(context, parameters) != 1) std::abort();
  return context;
}

}  // namespace

Sha256Digest Sha256(std::string_view bytes) {
  static const EVP_MD* const sha256 = FetchSha256();
  Sha256Digest digest;
  if (EVP_Digest(Bytes(bytes), bytes.size(), digest.data(), nullptr, sha256, nullptr) != 1) {
    std::abort();
  }
  return digest;
}

Sha256Digest HmacSha256(std::string_view key, std::string_view bytes) {
  static const EVP_MAC_CTX* const keyless = MakeKeylessHmac();
  Sha256Digest digest;
  std::size_t size = 0;
  // Of each call its own, which is wiped when it is freed: what is derived here seals records.
  const MacContext context(EVP_MAC_CTX_dup(keyless));
  const bool made =
      context != nullptr &&
      // A null pointer would mean the key of the call before.
      EVP_MAC_init(context.get(), key.empty() ? Bytes("") : Bytes(key), key.size(), nullptr) == 1 &&
      EVP_MAC_update(context.get(), Bytes(bytes), bytes.size()) == 1 &&
      EVP_MAC_final(context.get(), digest.data(), &size, digest.size()) == 1;
  if (!made || size != digest.size()) std::abort();
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
