// Access tokens: short-lived, signed statements of who calls, checked without the database.
//
// A token is a JWS in compact form (RFC 7515) with the one algorithm EdDSA (RFC 8037). The header
// is not read but compared with the one byte string that each known key makes, so there is no
// algorithm, key or extension for a caller to choose.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/auth/identity.h"
#include "common/auth/key_ring.h"
#include "common/base/uuid.h"
#include "common/crypto/ed25519.h"

namespace clinicd::auth {

// How long an access token may live; a token that claims more is refused.
inline constexpr absl::Duration kAccessTokenLifetime = absl::Minutes(10);
// How far the clock of the node that issued a token may be ahead.
inline constexpr absl::Duration kIssuedAtLeeway = absl::Seconds(30);
inline constexpr std::size_t kAccessTokenSizeMax = 2048;
inline constexpr std::string_view kTokenIssuer = "clinicd";
inline constexpr std::string_view kStaffAudience = "clinicd:staff";

// What a token says. Times are whole seconds.
struct Claims {
  UserId user;
  ClinicId clinic;
  SessionId session;
  RoleSet roles = 0;
  // IANA time zone of the clinic, 1 to 64 characters.
  std::string time_zone;
  // Version of the user's rights when the token was issued.
  std::int64_t epoch = 0;
  // When the user last proved who they are.
  absl::Time authenticated_at;
  absl::Time issued_at;
  absl::Time expires_at;

  friend bool operator==(const Claims&, const Claims&) = default;
};

// Signs tokens with the newest key. Thread-safe.
class TokenSigner final {
 public:
  // `keys` are not empty, the newest last, as KeyRing has them.
  explicit TokenSigner(const std::vector<SigningKey>& keys) : key_(keys.back()) {}

  // Takes the keys of a key ring loaded after a rotation.
  void Replace(const std::vector<SigningKey>& keys);

  // INTERNAL_DEFECT if the verifier would refuse the claims for what they say.
  absl::StatusOr<std::string> Sign(const Claims& claims) const;

 private:
  mutable absl::Mutex mutex_;
  SigningKey key_ ABSL_GUARDED_BY(mutex_);
};

// Verifies tokens. Thread-safe.
class TokenVerifier final {
 public:
  // Accepts what any of `keys` signed.
  explicit TokenVerifier(const std::vector<SigningKey>& keys);

  // Takes the keys of a key ring loaded after a rotation.
  void Replace(const std::vector<SigningKey>& keys);

  // Grows with each Replace(): a token verified under an older generation is to be verified again.
  std::uint64_t generation() const { return generation_.load(std::memory_order_acquire); }

  // The claims of `token` at `now`.
  // UNAUTHENTICATED with TOKEN_EXPIRED from the second of expiry on, and with TOKEN_INVALID if the
  // token is anything but a token of clinicd's for staff, signed by a known key, issued at most
  // kIssuedAtLeeway ahead of `now`.
  absl::StatusOr<Claims> Verify(std::string_view token, absl::Time now) const;

 private:
  struct Key {
    // The first part of every token of this key.
    std::string encoded_header;
    crypto::Ed25519PublicKey public_key;
  };
  using Keys = std::vector<Key>;

  static std::shared_ptr<const Keys> Prepare(const std::vector<SigningKey>& keys);
  std::shared_ptr<const Keys> CurrentKeys() const;

  mutable absl::Mutex mutex_;
  // Shared with the calls that verify while keys are replaced.
  std::shared_ptr<const Keys> keys_ ABSL_GUARDED_BY(mutex_);
  std::atomic<std::uint64_t> generation_{1};
};

// Checks the times of verified claims: the part of Verify() that changes as time passes.
absl::Status CheckTimes(const Claims& claims, absl::Time now);

}  // namespace clinicd::auth
