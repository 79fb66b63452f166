// Base64 (RFC 4648 section 4) with padding, for what is signed or proven.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace clinicd::crypto {

std::string Base64Encode(std::string_view bytes);

// Decodes the one canonical form: nullopt for missing padding, spaces, letters outside the
// alphabet, or unused bits that are not zero. Two texts never decode to the same bytes.
std::optional<std::string> Base64Decode(std::string_view text);

}  // namespace clinicd::crypto
