#include "services/identity/token_authenticator.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/base/try.h"
#include "common/status/error.h"

namespace clinicd::identity {

absl::StatusOr<auth::Identity> TokenAuthenticator::Authenticate(std::string_view token,
                                                                absl::Time now) const {
  CLINICD_ASSIGN_OR_RETURN(auth::Claims claims, tokens_.Verify(token, now));
  // Another server may know more zones. In any other zone all times of the clinic would be wrong.
  if (absl::TimeZone zone; !absl::LoadTimeZone(claims.time_zone, &zone)) {
    return status::Defect(absl::StrCat("this machine's time zone database does not have ",
                                       claims.time_zone, "; update the package tzdata"));
  }
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
