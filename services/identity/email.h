// E-mail addresses as keys.
#pragma once

#include <string>
#include <string_view>

#include "common/base/uuid.h"

namespace clinicd::identity {

// Most code points of a key.
inline constexpr std::size_t kEmailKeyLengthMax = 254;

// The form in which addresses are compared: without spaces around it, case folded, Unicode
// normalization form C. `email` is valid UTF-8.
std::string FoldEmail(std::string_view email);

// The id of the person with an address, the same on every server and in every clinic: a version 8
// UUID made of SHA-256.
Uuid PersonIdOf(std::string_view email_key);

}  // namespace clinicd::identity
