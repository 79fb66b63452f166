#include "common/edge/base64.h"

#include <catch2/catch.hpp>

using clinicd::edge::Base64Decode;
using clinicd::edge::Base64Encode;
using clinicd::edge::Base64StreamDecoder;
using clinicd::edge::Padding;

TEST_CASE("Base64 of every length is written as RFC 4648 says", "[edge][unit]") {
  const auto [bytes, padded] = GENERATE(table<std::string, std::string>({{"", ""},
                                                                         {"f", "Zg=="},
                                                                         {"fo", "Zm8="},
                                                                         {"foo", "Zm9v"},
                                                                         {"foob", "Zm9vYg=="},
                                                                         {"fooba", "Zm9vYmE="},
                                                                         {"foobar", "Zm9vYmFy"},
                                                                         {"\xfb\xff", "+/8="}}));
  const std::string bare = padded.substr(0, padded.find('='));

  CHECK(Base64Encode(bytes, Padding::kFull) == padded);
  CHECK(Base64Encode(bytes, Padding::kNone) == bare);
  CHECK(Base64Decode(padded) == bytes);
  CHECK(Base64Decode(bare) == bytes);
}

TEST_CASE("Base64 that nobody writes is refused", "[edge][unit]") {
  const std::string text = GENERATE(as<std::string>(), "Z", "Zg=", "Zg===", "Z===", "====", "Zh==",
                                    "Zm9=", "Zg==Zg==", "Zm 9", "Zm9-", "Zm9_", "Zm9v\n", "=Zm9");

  CHECK_FALSE(Base64Decode(text).has_value());
}

TEST_CASE("A stream of base64 may be padded wherever its sender flushed", "[edge][unit]") {
  const std::string text = "Zg==Zm8=Zm9vYmFyZg==";
  const std::size_t piece = GENERATE(1u, 2u, 3u, 4u, 5u, 100u);
  Base64StreamDecoder decoder;

  std::string bytes;
  for (std::size_t at = 0; at < text.size(); at += piece) {
    const auto decoded = decoder.Feed(text.substr(at, piece));
    REQUIRE(decoded.has_value());
    bytes += *decoded;
  }

  CHECK(bytes == "ffofoobarf");
  CHECK(decoder.at_end());
}

TEST_CASE("A stream of base64 that stops within a group is not at its end", "[edge][unit]") {
  Base64StreamDecoder decoder;

  CHECK(decoder.at_end());
  CHECK(decoder.Feed("Zm9vZ") == "foo");
  CHECK_FALSE(decoder.at_end());
  CHECK(decoder.Feed("g==") == "f");
  CHECK(decoder.at_end());
}

TEST_CASE("A stream of base64 stays broken once it is", "[edge][unit]") {
  Base64StreamDecoder decoder;

  CHECK_FALSE(decoder.Feed("Zm9v!m9v").has_value());
  CHECK_FALSE(decoder.Feed("Zm9v").has_value());
  CHECK_FALSE(decoder.at_end());
}
