#include "common/crypto/base64.h"

#include "absl/strings/escaping.h"
#include "common/base/text.h"

namespace clinicd::crypto {

std::string Base64Encode(std::string_view bytes) { return absl::Base64Escape(ToAbsl(bytes)); }

std::optional<std::string> Base64Decode(std::string_view text) {
  std::string bytes;
  // Abseil is lenient in several ways; what encodes back to the same text is canonical.
  if (!absl::Base64Unescape(ToAbsl(text), &bytes) || Base64Encode(bytes) != text) {
    return std::nullopt;
  }
  return bytes;
}

}  // namespace clinicd::crypto
