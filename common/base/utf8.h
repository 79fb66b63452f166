// What is UTF-8 and what only looks like it.
#pragma once

#include <cstddef>
#include <string_view>

namespace clinicd {

// Length in bytes of the well-formed code point at the start of `text`, which must not be empty; 0
// if there is none. Overlong forms, surrogates and code points above U+10FFFF are not well-formed.
std::size_t Utf8SequenceLength(std::string_view text);

// Whether all of `text` is well-formed. The empty text is.
bool IsUtf8(std::string_view text);

}  // namespace clinicd
