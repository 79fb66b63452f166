// Makes the pairs of tokens that sign-in and refresh answer with.
#pragma once

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "clinicd/identity/v1/session_service.pb.h"
#include "common/auth/access_token.h"
#include "common/auth/refresh_token.h"
#include "services/identity/session.h"

namespace clinicd::identity {

// Thread-safe.
class TokenIssuer final {
 public:
  TokenIssuer(const auth::TokenSigner& signer, absl::Duration access_lifetime)
      : signer_(signer), access_lifetime_(access_lifetime) {}

  // An access token that says `rights`, at `now`, beside `refresh`.
  absl::StatusOr<v1::TokenPair> Issue(const SessionRights& rights,
                                      const auth::RefreshToken& refresh, absl::Time now) const;

 private:
  const auth::TokenSigner& signer_;
  const absl::Duration access_lifetime_;
};

}  // namespace clinicd::identity
