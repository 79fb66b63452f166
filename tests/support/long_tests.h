// Whether the forms of tests that take minutes or hours are wanted.
#pragma once

#include <cstdlib>
#include <string_view>

namespace clinicd::testing {

// As tests/run.sh --long says.
inline bool LongTests() {
  const char* const wanted = std::getenv("CLINICD_LONG_TESTS");
  return wanted != nullptr && std::string_view(wanted) == "1";
}

}  // namespace clinicd::testing
