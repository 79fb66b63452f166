// Conversions between std::string_view and absl::string_view, which are different types in
// Debian's build of Abseil, and small text helpers.
#pragma once

#include <string>
#include <string_view>

#include "absl/strings/string_view.h"

namespace clinicd {

inline absl::string_view ToAbsl(std::string_view text) {
  return absl::string_view(text.data(), text.size());
}

inline std::string_view FromAbsl(absl::string_view text) {
  return std::string_view(text.data(), text.size());
}

// Number of code points of valid UTF-8 text, as PostgreSQL's char_length() counts.
std::size_t CodePoints(std::string_view text);

// At most `max_bytes` bytes of `text`, cut at a code point, with control characters replaced by
// spaces; for client-supplied text that is stored or logged.
std::string CleanedPrefix(std::string_view text, std::size_t max_bytes);

}  // namespace clinicd
