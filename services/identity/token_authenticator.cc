#include "services/identity/token_authenticator.h"

#include <utility>

#include "common/base/try.h"

namespace clinicd::identity {

absl::StatusOr<auth::Identity> TokenAuthenticator::Authenticate(std::string_view token,
                                                                absl::Time now) const {
  CLINICD_ASSIGN_OR_RETURN(auth::Claims claims, tokens_.Verify(token, now));
  auth::Identity identity{.clinic = claims.clinic,
                          .user = claims.user,
                          .session = claims.session,
                          .roles = claims.roles,
                          .time_zone = std::move(claims.time_zone),
                          .authz_epoch = claims.epoch,
                          .authenticated_at = claims.authenticated_at};
  CLINICD_RETURN_IF_ERROR(state_.Check(identity));
  return identity;
}

}  // namespace clinicd::identity
