// Access tokens of the one who is signed in everywhere.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/auth/access_token.h"
#include "common/auth/key_ring.h"

namespace clinicd::bench {

// Signs with the keys of the server under measurement, as it would itself after a sign-in. Valid
// for ten minutes, as all access tokens; so whoever calls makes them when beginning.
class TokenMint final {
 public:
  // Errors are those of the key files.
  static absl::StatusOr<TokenMint> Open(const std::string& key_directory);

  absl::StatusOr<std::string> For(int clinic, absl::Time now) const;

 private:
  explicit TokenMint(auth::KeyRing keys) : keys_(std::move(keys)) {}

  auth::KeyRing keys_;
};

}  // namespace clinicd::bench
