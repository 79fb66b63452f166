#include "tests/bench/clinicbench/tokens.h"

#include "common/base/try.h"
#include "tests/bench/clinicbench/dataset.h"

namespace clinicd::bench {
namespace {

constexpr auth::RoleSet kReceptionist = auth::RoleSet{1} << 4;  // ROLE_RECEPTIONIST.

}  // namespace

absl::StatusOr<TokenMint> TokenMint::Open(const std::string& key_directory) {
  CLINICD_ASSIGN_OR_RETURN(auth::KeyRing keys, auth::KeyRing::Load(key_directory));
  return TokenMint(std::move(keys));
}

absl::StatusOr<std::string> TokenMint::For(int clinic, absl::Time now) const {
  auth::Claims claims;
  claims.user = *UserId::Parse(kUser);
  claims.clinic = *ClinicId::Parse(ClinicIdOf(clinic));
  claims.session = *SessionId::Parse(kSession);
  claims.roles = kReceptionist;
  claims.time_zone = kTimeZone;
  claims.epoch = 1;
  claims.issued_at = absl::FromUnixSeconds(absl::ToUnixSeconds(now));
  claims.authenticated_at = claims.issued_at;
  claims.expires_at = claims.issued_at + auth::kAccessTokenLifetime;
  return auth::TokenSigner(keys_.signing_keys()).Sign(claims);
}

}  // namespace clinicd::bench
