#include "common/crypto/base64url.h"

#include "absl/strings/escaping.h"
#include "common/base/text.h"

namespace clinicd::crypto {

std::string Base64UrlEncode(std::string_view bytes) {
  return absl::WebSafeBase64Escape(ToAbsl(bytes));
}

std::optional<std::string> Base64UrlDecode(std::string_view text) {
  std::string bytes;
  if (!absl::WebSafeBase64Unescape(ToAbsl(text), &bytes)) return std::nullopt;
  // Abseil forgives padding, spaces and stray bits. Two texts for the same bytes would let a token
  // that was refused or revoked by its text come back in another one.
  if (Base64UrlEncode(bytes) != text) return std::nullopt;
  return bytes;
}

}  // namespace clinicd::crypto
