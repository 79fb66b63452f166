#include "common/rpc/etag.h"

#include <catch2/catch.hpp>

#include "common/status/error.h"

namespace clinicd::rpc {
namespace {

TEST_CASE("An etag gives its version back", "[rpc][unit]") {
  const std::int64_t version = GENERATE(1, 9, 10, std::numeric_limits<std::int64_t>::max());

  CHECK(ParseEtag(Etag(version)) == version);
}

TEST_CASE("A text that is no etag of the server has no version", "[rpc][unit]") {
  const std::string_view text =
      GENERATE("", "\"", "\"\"", "3", "\"3", "3\"", "'3'", "\"03\"", "\"+3\"", "\" 3\"", "\"3 \"",
               "\"3x\"", "W/\"3\"", "\"9223372036854775808\"");
  CAPTURE(text);

  CHECK(ParseEtag(text) == std::nullopt);
}

TEST_CASE("A lost edit is answered with ETAG_MISMATCH", "[rpc][unit]") {
  CHECK(absl::IsAborted(EtagMismatch()));
  CHECK(status::ReasonOf(EtagMismatch()) == status::ErrorReason::ETAG_MISMATCH);
}

}  // namespace
}  // namespace clinicd::rpc
