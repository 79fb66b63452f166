#include "common/edge/message_weight.h"

#include <google/protobuf/descriptor.pb.h>

#include <catch2/catch.hpp>
#include <optional>
#include <string>

namespace clinicd::edge {
namespace {

using google::protobuf::FileDescriptorProto;

constexpr std::size_t kAll = std::size_t{1} << 40;

std::string Repeated(const std::string& part, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += part;
  return all;
}

// A field of length less than 2^14.
std::string Sized(char tag, const std::string& bytes) {
  return std::string{tag, static_cast<char>(0x80 | (bytes.size() & 0x7f)),
                     static_cast<char>(bytes.size() >> 7)} +
         bytes;
}

std::optional<std::size_t> Weight(const std::string& wire, std::size_t enough = kAll) {
  return MessageWeight(*FileDescriptorProto::descriptor(), wire, enough);
}

TEST_CASE("A message weighs what the parser takes, and not many times as much", "[edge][unit]") {
  const std::string wire = GENERATE(
      // Of a list of texts, of messages, and of numbers, one by one.
      Repeated(std::string("\x1a\0", 2), 5000), Repeated(std::string("\x22\0", 2), 5000),
      Repeated("\x50\1", 5000),
      // Within each other.
      Sized(0x4a, Sized(0x0a, Sized(0x0a, std::string(5000, '\1')))),
      Sized(0x22, Repeated(Sized(0x1a, Repeated(std::string("\x1a\0", 2), 10)), 100)),
      // That the type does not have: numbers, texts, groups, and groups within each other.
      Repeated("\x78\1", 5000), Repeated(std::string("\x7a\0", 2), 5000),
      Repeated("\x7b\x7c", 5000), Repeated("\x7b", 90) + Repeated("\x7c", 90),
      // Texts that are long, and no message at all.
      Sized(0x0a, std::string(10'000, 'a')), Repeated(Sized(0x1a, std::string(100, 'a')), 100),
      std::string());
  FileDescriptorProto message;
  REQUIRE(message.ParsePartialFromString(wire));

  const std::optional<std::size_t> weight = Weight(wire);
  REQUIRE(weight);
  CHECK(*weight >= message.SpaceUsedLong());
  CHECK(*weight <= 6 * message.SpaceUsedLong() + 1000);
}

TEST_CASE("A message is weighed until it is heavy enough", "[edge][unit]") {
  const std::string wire = Repeated(std::string("\x22\0", 2), 100'000);

  const std::optional<std::size_t> weight = Weight(wire, 50'000);

  REQUIRE(weight);
  CHECK(*weight > 50'000);
  CHECK(*weight < 51'000);
}

TEST_CASE("A message that no parser takes weighs nothing", "[edge][unit]") {
  const std::string wire = GENERATE(
      // Cut short, longer than what it is in, without an end, with one too many, too deep.
      std::string("\x22"), std::string("\x22\x05\x0a\1", 4), std::string("\x22\x02\x0a\5abcde", 9),
      std::string("\x7b"), std::string("\x7c"), std::string("\x22\2\x7b\x7c\x7c", 5),
      Repeated("\x7b", 101) + Repeated("\x7c", 101), Repeated("\x7b", 100'000),
      // Tags and lengths that are none.
      std::string(1000, '\xff'), std::string(1, '\0'), std::string("\x7e"),
      std::string("\x0a\xff\xff\xff\xff\x0f"));
  FileDescriptorProto message;
  REQUIRE_FALSE(message.ParsePartialFromString(wire));

  CHECK_FALSE(Weight(wire));
}

}  // namespace
}  // namespace clinicd::edge
