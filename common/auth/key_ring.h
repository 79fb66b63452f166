// The keys of one installation, in a directory outside the database and its backups.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/base/random.h"
#include "common/crypto/ed25519.h"
#include "common/crypto/sealed_box.h"
#include "common/crypto/secret.h"

namespace clinicd::auth {

// A key that signs access tokens.
struct SigningKey {
  // The first 8 bytes of the SHA-256 of the public key, as 16 hexadecimal digits.
  std::string id;
  crypto::Ed25519PrivateKey private_key;
  crypto::Ed25519PublicKey public_key;
};

// The key of 32 secret bytes; INVALID_ARGUMENT for any other size.
absl::StatusOr<SigningKey> MakeSigningKey(std::string_view seed);

// What is in a key directory. Files are called `<purpose>-<number>.key`; of one purpose the highest
// number is the newest. Immutable, hence thread-safe; load again after a rotation.
//
//   signing       signs access tokens; the newest signs, the newest two verify
//   pepper        seals password hashes; the newest seals, all open. Losing it ends every password
//   page-token    seals page tokens; the newest seals, all open
//   request-hash  keys the hashes of requests that are kept to recognize a repetition; the newest
//   refresh       derives refresh tokens; the newest
//   master        wraps the keys of clinics; made here, read by FileMaster
//   audit-log     signs checkpoints of the audit log; made here, read by whoever seals
class KeyRing final {
 public:
  // FAILED_PRECONDITION, with file, cause and way out in words for the operator, if the directory
  // or a key is missing, damaged, or open to other users.
  static absl::StatusOr<KeyRing> Load(const std::string& directory);

  // Makes the directory and the first key of every purpose that has none, and returns the names of
  // the files it made. Keys that exist stay as they are. Safe when several processes do it at once.
  static absl::StatusOr<std::vector<std::string>> CreateMissing(const std::string& directory,
                                                                Random& random);

  // Makes a new signing key, keeps its predecessor, and removes older ones; returns the new key's
  // id. Tokens that a removed key signed stop working, so rotate no more often than tokens live.
  static absl::StatusOr<std::string> RotateSigningKey(const std::string& directory, Random& random);

  // One or two keys, the newest last.
  const std::vector<SigningKey>& signing_keys() const { return signing_keys_; }
  const SigningKey& newest_signing_key() const { return signing_keys_.back(); }
  const crypto::SealingKeys& pepper() const { return pepper_; }
  const crypto::SealingKeys& page_token() const { return page_token_; }
  const crypto::SecretBytes& request_hash() const { return request_hash_; }
  const crypto::SecretBytes& refresh() const { return refresh_; }

 private:
  KeyRing(std::vector<SigningKey> signing_keys, crypto::SealingKeys pepper,
          crypto::SealingKeys page_token, crypto::SecretBytes request_hash,
          crypto::SecretBytes refresh);

  std::vector<SigningKey> signing_keys_;
  crypto::SealingKeys pepper_;
  crypto::SealingKeys page_token_;
  crypto::SecretBytes request_hash_;
  crypto::SecretBytes refresh_;
};

}  // namespace clinicd::auth
