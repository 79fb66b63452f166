// The JSON inside an access token. Used by access_token.cc only.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/auth/access_token.h"

namespace clinicd::auth {

// Every claim, in one fixed order.
std::string EncodeClaims(const Claims& claims);

// Reads one JSON object with every claim once and nothing else, each of its own type, issued by
// clinicd for staff, with times that fit together; nullopt for anything else. Needs no more memory
// or stack for hostile text than for honest text.
std::optional<Claims> DecodeClaims(std::string_view json);

}  // namespace clinicd::auth
