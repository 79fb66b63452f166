#include "common/crypto/aes_gcm.h"

#include <openssl/evp.h>

#include <limits>
#include <memory>

#include "common/crypto/secret.h"

namespace clinicd::crypto {
namespace {

struct ContextFree {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_CIPHER_CTX, ContextFree>;

enum class Direction : int { kDecrypt = 0, kEncrypt = 1 };

const std::uint8_t* In(std::string_view text) {
  return reinterpret_cast<const std::uint8_t*>(text.data());
}
std::uint8_t* Out(std::string& text) { return reinterpret_cast<std::uint8_t*>(text.data()); }

bool FitsInt(std::string_view text) {
  return text.size() <= static_cast<std::size_t>(std::numeric_limits<int>::max()) - kGcmTagSize;
}

// Fetched once, as digests are; lives as long as the process.
const EVP_CIPHER* FetchAes256Gcm() { return EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr); }

absl::Status Failed() { return absl::InternalError("OpenSSL refused an AES-GCM step"); }

// A context that has taken key, nonce and associated data.
absl::StatusOr<Context> Begin(Direction direction, std::string_view key, std::string_view nonce,
                              std::string_view aad, std::string_view text) {
  if (key.size() != kAesKeySize || nonce.size() != kGcmNonceSize || !FitsInt(aad) ||
      !FitsInt(text)) {
    return absl::InvalidArgumentError("size not allowed for AES-256-GCM");
  }
  static const EVP_CIPHER* const aes_256_gcm = FetchAes256Gcm();
  Context context(EVP_CIPHER_CTX_new());
  if (context == nullptr || aes_256_gcm == nullptr) return Failed();
  int ignored = 0;
  const bool ready = EVP_CipherInit_ex2(context.get(), aes_256_gcm, In(key), In(nonce),
                                        static_cast<int>(direction), nullptr) == 1 &&
                     (aad.empty() || EVP_CipherUpdate(context.get(), nullptr, &ignored, In(aad),
                                                      static_cast<int>(aad.size())) == 1);
  if (!ready) return Failed();
  return context;
}

}  // namespace

absl::StatusOr<std::string> AesGcmEncrypt(std::string_view key, std::string_view nonce,
                                          std::string_view aad, std::string_view plaintext) {
  absl::StatusOr<Context> context = Begin(Direction::kEncrypt, key, nonce, aad, plaintext);
  if (!context.ok()) return context.status();
  std::string sealed(plaintext.size() + kGcmTagSize, '\0');
  int written = 0;
  int rest = 0;
  const bool done =
      EVP_CipherUpdate(context->get(), Out(sealed), &written, In(plaintext),
                       static_cast<int>(plaintext.size())) == 1 &&
      EVP_CipherFinal_ex(context->get(), Out(sealed) + written, &rest) == 1 &&
      EVP_CIPHER_CTX_ctrl(context->get(), EVP_CTRL_GCM_GET_TAG, static_cast<int>(kGcmTagSize),
                          Out(sealed) + plaintext.size()) == 1;
  if (!done) return Failed();
  return sealed;
}

absl::StatusOr<std::string> AesGcmDecrypt(std::string_view key, std::string_view nonce,
                                          std::string_view aad, std::string_view sealed) {
  if (sealed.size() < kGcmTagSize) return absl::DataLossError("sealed text is too short");
  const std::string_view ciphertext = sealed.substr(0, sealed.size() - kGcmTagSize);
  std::string tag(sealed.substr(ciphertext.size()));
  absl::StatusOr<Context> context = Begin(Direction::kDecrypt, key, nonce, aad, ciphertext);
  if (!context.ok()) return context.status();
  // One byte more than needed, because OpenSSL wants a buffer even for no text.
  std::string plaintext(ciphertext.size() + 1, '\0');
  int written = 0;
  int rest = 0;
  const bool set = EVP_CIPHER_CTX_ctrl(context->get(), EVP_CTRL_GCM_SET_TAG,
                                       static_cast<int>(kGcmTagSize), Out(tag)) == 1 &&
                   EVP_CipherUpdate(context->get(), Out(plaintext), &written, In(ciphertext),
                                    static_cast<int>(ciphertext.size())) == 1;
  if (!set) return Failed();
  if (EVP_CipherFinal_ex(context->get(), Out(plaintext) + written, &rest) != 1) {
    // What was decrypted is not authentic and must not be seen.
    WipeText(plaintext);
    return absl::DataLossError("sealed text does not open");
  }
  plaintext.resize(ciphertext.size());
  return plaintext;
}

}  // namespace clinicd::crypto
