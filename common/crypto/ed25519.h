// Ed25519 signatures (RFC 8032), through OpenSSL.
#pragma once

#include <openssl/evp.h>

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace clinicd::crypto {

inline constexpr std::size_t kEd25519KeySize = 32;
inline constexpr std::size_t kEd25519SignatureSize = 64;

namespace internal {
// Copies of a key share OpenSSL's object, which nothing changes once it is made.
using Pkey = std::shared_ptr<EVP_PKEY>;
}  // namespace internal

// Checks signatures. Immutable, hence thread-safe.
class Ed25519PublicKey final {
 public:
  // INVALID_ARGUMENT unless `bytes` are 32.
  static absl::StatusOr<Ed25519PublicKey> FromBytes(std::string_view bytes);

  // Whether `signature` is this key's for `message`; false for any malformed signature.
  bool Verify(std::string_view message, std::string_view signature) const;

  // The 32 bytes that RFC 8032 calls the public key.
  const std::string& bytes() const { return bytes_; }

 private:
  Ed25519PublicKey(internal::Pkey key, std::string bytes)
      : key_(std::move(key)), bytes_(std::move(bytes)) {}

  internal::Pkey key_;
  std::string bytes_;
};

// Signs. Immutable, hence thread-safe. OpenSSL wipes the key when it goes.
class Ed25519PrivateKey final {
 public:
  // From the 32 random bytes that RFC 8032 calls the private key. INVALID_ARGUMENT for any other
  // size. A new key is made by passing 32 bytes of SystemRandom.
  static absl::StatusOr<Ed25519PrivateKey> FromSeed(std::string_view seed);

  // 64 bytes.
  absl::StatusOr<std::string> Sign(std::string_view message) const;

  // The 32 bytes that RFC 8032 calls the public key.
  const std::string& public_bytes() const { return public_bytes_; }

 private:
  Ed25519PrivateKey(internal::Pkey key, std::string public_bytes)
      : key_(std::move(key)), public_bytes_(std::move(public_bytes)) {}

  internal::Pkey key_;
  std::string public_bytes_;
};

}  // namespace clinicd::crypto
