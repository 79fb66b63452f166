#include "common/edge/frame.h"

#include <catch2/catch.hpp>

using namespace clinicd::edge;

namespace {

std::string Bytes(std::initializer_list<int> values) {
  std::string bytes;
  for (const int value : values) bytes.push_back(static_cast<char>(value));
  return bytes;
}

}  // namespace

TEST_CASE("Frames are found however the stream is cut", "[edge][unit]") {
  const std::string stream = MessageFrame("first") + MessageFrame("") + MessageFrame("third");
  const std::size_t piece = GENERATE(1u, 2u, 4u, 5u, 6u, 100u);
  FrameDecoder decoder(100);

  for (std::size_t at = 0; at < stream.size(); at += piece) {
    REQUIRE_FALSE(decoder.Feed(stream.substr(at, piece)).has_value());
  }

  CHECK(decoder.waiting() == 3);
  CHECK(decoder.held_bytes() >= 10);
  CHECK(decoder.Next() == "first");
  CHECK(decoder.Next() == "");
  CHECK(decoder.Next() == "third");
  CHECK_FALSE(decoder.Next().has_value());
  CHECK(decoder.at_boundary());
  CHECK(decoder.held_bytes() == 0);
}

TEST_CASE("A stream that stops within a frame is not at a boundary", "[edge][unit]") {
  const std::string frame = MessageFrame("message");
  const std::size_t length = GENERATE_COPY(range<std::size_t>(1, frame.size()));
  FrameDecoder decoder(100);

  CHECK(decoder.at_boundary());
  CHECK_FALSE(decoder.Feed(frame.substr(0, length)).has_value());
  CHECK_FALSE(decoder.at_boundary());
  CHECK(decoder.waiting() == 0);
}

TEST_CASE("A message may be as large as the limit and no larger", "[edge][unit]") {
  FrameDecoder exact(10);
  CHECK_FALSE(exact.Feed(MessageFrame("0123456789")).has_value());
  CHECK(exact.waiting() == 1);

  // The length alone is enough to be refused.
  FrameDecoder over(10);
  CHECK(over.Feed(Bytes({0, 0, 0, 0, 11})) == FrameFault::kTooLarge);
  CHECK(over.Feed("0") == FrameFault::kTooLarge);

  FrameDecoder huge(10);
  CHECK(huge.Feed(Bytes({0, 0xff, 0xff, 0xff, 0xff})) == FrameFault::kTooLarge);
}

TEST_CASE("Flags other than none are refused", "[edge][unit]") {
  const auto [flags, fault] = GENERATE(table<int, FrameFault>({{0x01, FrameFault::kCompressed},
                                                               {0x02, FrameFault::kFlags},
                                                               {0x80, FrameFault::kFlags},
                                                               {0x81, FrameFault::kFlags},
                                                               {0xff, FrameFault::kFlags}}));
  FrameDecoder decoder(10);

  CHECK(decoder.Feed(Bytes({flags, 0, 0, 0, 0})) == fault);
  CHECK(decoder.waiting() == 0);
}

TEST_CASE("The messages before a broken frame are kept", "[edge][unit]") {
  FrameDecoder decoder(10);

  CHECK(decoder.Feed(MessageFrame("good") + Bytes({2, 0, 0, 0, 0})) == FrameFault::kFlags);
  CHECK(decoder.Next() == "good");
}

TEST_CASE("Trailers are a frame of header lines without an empty one at the end", "[edge][unit]") {
  CHECK(TrailersFrame({{"grpc-status", "5"}, {"grpc-message", "not here"}}) ==
        Bytes({0x80, 0, 0, 0, 40}) + "grpc-status: 5\r\ngrpc-message: not here\r\n");
  CHECK(TrailersFrame({}) == Bytes({0x80, 0, 0, 0, 0}));
}

TEST_CASE("The length of a frame has its most significant byte first", "[edge][unit]") {
  CHECK(FrameHead(0x01020304) == Bytes({0, 1, 2, 3, 4}));
}
