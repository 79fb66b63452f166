// Turns an access token into who sent it.
#pragma once

#include <string_view>

#include "absl/status/statusor.h"
#include "common/auth/verified_token_cache.h"
#include "common/rpc/request_scope.h"
#include "services/identity/authz_state.h"

namespace clinicd::identity {

// A token must be ours and in time, which is remembered, and must still hold, which is looked up at
// every call. Asks no database. Thread-safe.
class TokenAuthenticator final : public rpc::Authenticator {
 public:
  TokenAuthenticator(auth::VerifiedTokenCache& tokens, const AuthzState& state)
      : tokens_(tokens), state_(state) {}

  // Errors: as Authenticator; UNAVAILABLE (DATABASE_UNAVAILABLE) while changes of rights cannot be
  // followed.
  absl::StatusOr<auth::Identity> Authenticate(std::string_view token,
                                              absl::Time now) const override;

 private:
  auth::VerifiedTokenCache& tokens_;
  const AuthzState& state_;
};

}  // namespace clinicd::identity
