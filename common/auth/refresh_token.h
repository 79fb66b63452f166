// Refresh tokens: their text, and how one follows from another.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/base/uuid.h"
#include "common/crypto/digest.h"
#include "common/crypto/secret.h"

namespace clinicd::auth {

using RefreshTokenId = Id<struct RefreshTokenTag>;

// A refresh token as its holder has it.
struct RefreshToken {
  ClinicId clinic;
  SessionId session;
  RefreshTokenId id;
  // 32 bytes, which only the holder knows.
  crypto::SecretBytes secret;
};

// The text a client gets: "crt1." and 107 letters of base64url.
std::string FormatRefreshToken(const RefreshToken& token);

// Reads that text and nothing else; UNAUTHENTICATED (REFRESH_TOKEN_INVALID). What it returns is a
// claim: the caller still compares the secret with what is stored for the id.
absl::StatusOr<RefreshToken> ParseRefreshToken(std::string_view text);

// UNAUTHENTICATED, REFRESH_TOKEN_INVALID: the one answer for unknown, expired, spent and forged.
absl::Status RefreshTokenInvalid();

// What is stored of a token: enough to know it again, too little to make it.
crypto::Sha256Digest HashRefreshSecret(const crypto::SecretBytes& secret);

// Whether `stored`, of any size, is the hash of `secret`; in a time that does not depend on either.
bool MatchesRefreshHash(std::string_view stored, const crypto::SecretBytes& secret);

// Makes the tokens of sessions. Secrets are derived from the key and the ids, not random: so an
// exchange that is repeated because its answer was lost can give the same successor, although only
// the successor's hash is stored. Immutable, hence thread-safe.
class RefreshTokenSource final {
 public:
  // `key` is KeyRing::refresh(), 32 bytes.
  explicit RefreshTokenSource(const crypto::SecretBytes& key) : key_(key.Clone()) {}

  // The first token of a session.
  RefreshToken First(ClinicId clinic, SessionId session, RefreshTokenId id) const;

  // The token called `id` that is given in exchange for `parent`, always the same.
  RefreshToken Child(const RefreshToken& parent, RefreshTokenId id) const;

 private:
  crypto::SecretBytes Derive(std::string_view label, const Uuid& from, RefreshTokenId id) const;

  const crypto::SecretBytes key_;
};

}  // namespace clinicd::auth
