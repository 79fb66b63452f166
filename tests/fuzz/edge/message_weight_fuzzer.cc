// The weight of messages, judged by the parser: whatever it makes of the bytes takes no more.
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/struct.pb.h>

#include <algorithm>
#include <optional>

#include "common/edge/message_weight.h"
#include "tests/fuzz/edge/fuzz_input.h"

namespace clinicd::fuzz {
namespace {

constexpr std::size_t kEnough = std::size_t{1} << 30;

void Check(google::protobuf::Message& message, std::string_view wire) {
  const auto& type = *message.GetDescriptor();
  const std::optional<std::size_t> weight = edge::MessageWeight(type, wire, kEnough);
  const bool parsed = message.ParsePartialFromArray(wire.data(), static_cast<int>(wire.size()));
  Require(weight || !parsed, "what a parser takes has a weight");
  if (!weight) return;
  const std::optional<std::size_t> sooner = edge::MessageWeight(type, wire, *weight / 2);
  Require(sooner && *sooner <= *weight, "who is content with less is told no more");
  // A parser may give up later than it could, but holds no more until then.
  Require(*weight >= message.SpaceUsedLong(), "a message takes no more than it weighs");
}

}  // namespace
}  // namespace clinicd::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  clinicd::fuzz::Input input(data, size);
  // One with fields of most kinds, and one with maps that hold each other.
  google::protobuf::FileDescriptorProto file;
  google::protobuf::Struct map;
  if (input.Byte() % 2 == 0) {
    clinicd::fuzz::Check(file, input.rest());
  } else {
    clinicd::fuzz::Check(map, input.rest());
  }
  return 0;
}
