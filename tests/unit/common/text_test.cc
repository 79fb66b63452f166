#include "common/base/text.h"

#include <catch2/catch.hpp>

namespace clinicd {
namespace {

TEST_CASE("CodePoints counts characters, not bytes", "[base][unit]") {
  CHECK(CodePoints("") == 0);
  CHECK(CodePoints("abc") == 3);
  CHECK(CodePoints("Núñez") == 5);
  CHECK(CodePoints("आनंद") == 4);
}

TEST_CASE("CleanedPrefix cuts at a code point and drops control characters", "[base][unit]") {
  CHECK(CleanedPrefix("abc", 3) == "abc");
  CHECK(CleanedPrefix("abcd", 3) == "abc");
  CHECK(CleanedPrefix("añ", 2) == "a");
  CHECK(CleanedPrefix("añ", 3) == "añ");
  CHECK(CleanedPrefix("a\r\nb\x7f", 10) == "a  b ");
}

}  // namespace
}  // namespace clinicd
