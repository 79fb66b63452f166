// The words of common_passwords.txt, embedded at build time.
#pragma once

#include <string_view>

namespace clinicd::auth {

// Whether `word`, in small letters, is one of the words. Thread-safe.
bool IsCommonPasswordWord(std::string_view word);

}  // namespace clinicd::auth
