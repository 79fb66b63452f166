// Who makes a call.
#pragma once

#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "common/base/uuid.h"

namespace clinicd::auth {

// A set of roles: bit n stands for the value n of clinicd.identity.v1.Role.
using RoleSet = std::uint32_t;

// A signed-in user in their clinic, as proven by an access token.
struct Identity {
  ClinicId clinic = {};
  UserId user = {};
  SessionId session = {};
  RoleSet roles = 0;
  // IANA time zone of the clinic. Tokens are re-issued when it changes.
  std::string time_zone = {};
  // Tokens with an epoch below the user's current one are refused.
  std::int64_t authz_epoch = 0;
  // When the user last proved a credential.
  absl::Time authenticated_at = {};
};

}  // namespace clinicd::auth
