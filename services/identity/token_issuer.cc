#include "services/identity/token_issuer.h"

#include <algorithm>

#include "common/base/try.h"
#include "common/rpc/civil.h"

namespace clinicd::identity {
namespace {

// Tokens count in seconds. Rounded down, so that nothing in them lies ahead.
absl::Time WholeSeconds(absl::Time time) {
  return absl::FromUnixSeconds(absl::ToUnixSeconds(time));
}

}  // namespace

absl::StatusOr<v1::TokenPair> TokenIssuer::Issue(const SessionRights& rights,
                                                 const auth::RefreshToken& refresh,
                                                 absl::Time now) const {
  // On a server whose clock is ahead somebody may have signed in later than it is here.
  const absl::Time authenticated_at = std::min(rights.authenticated_at, now);
  const auth::Claims claims{.user = rights.user,
                            .clinic = rights.clinic,
                            .session = rights.session,
                            .roles = rights.roles,
                            .time_zone = rights.time_zone,
                            .epoch = rights.epoch,
                            .authenticated_at = WholeSeconds(authenticated_at),
                            .issued_at = WholeSeconds(now),
                            .expires_at = WholeSeconds(now) + access_lifetime_};
  v1::TokenPair pair;
  CLINICD_ASSIGN_OR_RETURN(*pair.mutable_access_token(), signer_.Sign(claims));
  *pair.mutable_access_expire_time() = rpc::ToTimestamp(claims.expires_at);
  pair.set_refresh_token(auth::FormatRefreshToken(refresh));
  *pair.mutable_refresh_expire_time() = rpc::ToTimestamp(rights.expires_at);
  return pair;
}

}  // namespace clinicd::identity
