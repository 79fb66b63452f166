// base64url (RFC 4648 section 5) without padding.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace clinicd::crypto {

std::string Base64UrlEncode(std::string_view bytes);

// Decodes the one canonical form: nullopt for padding, spaces, letters outside the alphabet,
// an impossible length, or unused bits that are not zero.
std::optional<std::string> Base64UrlDecode(std::string_view text);

}  // namespace clinicd::crypto
