// What text is made of, and the formats of text that rules may ask for.
#pragma once

#include <cstddef>
#include <string_view>

namespace clinicd::validate {

// What has to be known about a text before any other rule can be applied to it.
struct TextShape {
  bool is_utf8 = false;
  bool has_nul = false;
  // Meaningful only if is_utf8.
  std::size_t code_points = 0;
};

// Reads `text` once. Overlong forms, surrogates and code points above U+10FFFF are not UTF-8.
TextShape ShapeOf(std::string_view text);

// An e-mail address as HTML defines it for input fields: an unquoted local part, and a domain of
// labels of 1 to 63 ASCII letters, digits and inner hyphens.
bool IsEmail(std::string_view text);

}  // namespace clinicd::validate
