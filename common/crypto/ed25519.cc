#include "common/crypto/ed25519.h"

#include <cstdint>
#include <utility>

namespace clinicd::crypto {
namespace {

struct ContextFree {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_MD_CTX, ContextFree>;

const std::uint8_t* In(std::string_view text) {
  return reinterpret_cast<const std::uint8_t*>(text.data());
}
std::uint8_t* Out(std::string& text) { return reinterpret_cast<std::uint8_t*>(text.data()); }

}  // namespace

absl::StatusOr<Ed25519PublicKey> Ed25519PublicKey::FromBytes(std::string_view bytes) {
  if (bytes.size() != kEd25519KeySize) {
    return absl::InvalidArgumentError("an Ed25519 public key has 32 bytes");
  }
  internal::Pkey key(
      EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, In(bytes), bytes.size()),
      EVP_PKEY_free);
  if (key == nullptr) return absl::InvalidArgumentError("OpenSSL refused an Ed25519 public key");
  return Ed25519PublicKey(std::move(key), std::string(bytes));
}

bool Ed25519PublicKey::Verify(std::string_view message, std::string_view signature) const {
  const Context context(EVP_MD_CTX_new());
  return context != nullptr &&
         EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key_.get()) == 1 &&
         EVP_DigestVerify(context.get(), In(signature), signature.size(), In(message),
                          message.size()) == 1;
}

absl::StatusOr<Ed25519PrivateKey> Ed25519PrivateKey::FromSeed(std::string_view seed) {
  if (seed.size() != kEd25519KeySize) {
    return absl::InvalidArgumentError("an Ed25519 private key has 32 bytes");
  }
  internal::Pkey key(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, In(seed), seed.size()),
                     EVP_PKEY_free);
  std::string public_bytes(kEd25519KeySize, '\0');
  std::size_t size = public_bytes.size();
  if (key == nullptr || EVP_PKEY_get_raw_public_key(key.get(), Out(public_bytes), &size) != 1) {
    return absl::InternalError("OpenSSL refused an Ed25519 private key");
  }
  return Ed25519PrivateKey(std::move(key), std::move(public_bytes));
}

absl::StatusOr<std::string> Ed25519PrivateKey::Sign(std::string_view message) const {
  std::string signature(kEd25519SignatureSize, '\0');
  std::size_t size = signature.size();
  const Context context(EVP_MD_CTX_new());
  const bool done =
      context != nullptr &&
      EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key_.get()) == 1 &&
      EVP_DigestSign(context.get(), Out(signature), &size, In(message), message.size()) == 1;
  if (!done || size != signature.size()) return absl::InternalError("OpenSSL refused to sign");
  return signature;
}

}  // namespace clinicd::crypto
