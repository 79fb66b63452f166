#include "common/edge/message_weight.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>

#include <cstdint>

namespace clinicd::edge {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::io::CodedInputStream;
using Lite = google::protobuf::internal::WireFormatLite;

// A message without fields or with a map, its place in a list, and what the allocator adds.
constexpr std::size_t kMessage = 224;
// A field of it that is not set: three pointers at most, as a list has them.
constexpr std::size_t kField = 24;
// A number that the type does not have, in a list that grows to twice what it needs.
constexpr std::size_t kNumber = 32;
// A number of a packed list, which grows alike.
constexpr std::size_t kPackedNumber = 16;
// A text without its bytes, its place in a list, and what the allocator adds.
constexpr std::size_t kText = 72;
// A group that the type does not have: parsers keep it.
constexpr std::size_t kGroup = 96;
// Deeper ones parsers refuse.
constexpr int kDepthMax = 100;

class Scale final {
 public:
  Scale(std::string_view wire, std::size_t enough)
      : in_(reinterpret_cast<const std::uint8_t*>(wire.data()), static_cast<int>(wire.size())),
        enough_(enough) {
    in_.PushLimit(static_cast<int>(wire.size()));
  }

  std::size_t weight() const { return weight_; }

  // A message up to its end. False when it is malformed.
  // NOLINTNEXTLINE(misc-no-recursion): as deep as the parser goes.
  bool Add(const Descriptor& type, int depth) {
    weight_ += kMessage + kField * static_cast<std::size_t>(type.field_count());
    return AddFields(&type, depth);
  }

 private:
  // Fields up to the end of the message, or of the group where `type` is null.
  // NOLINTNEXTLINE(misc-no-recursion): see Add.
  bool AddFields(const Descriptor* type, int depth) {
    if (depth > kDepthMax) return false;
    while (weight_ <= enough_) {
      const std::uint32_t tag = in_.ReadTag();
      if (tag == 0) return type != nullptr && in_.ConsumedEntireMessage();
      if (Lite::GetTagWireType(tag) == Lite::WIRETYPE_END_GROUP) return type == nullptr;
      const FieldDescriptor* const field =
          type == nullptr ? nullptr : type->FindFieldByNumber(Lite::GetTagFieldNumber(tag));
      if (!AddField(tag, field, depth)) return false;
    }
    return true;
  }
  // NOLINTNEXTLINE(misc-no-recursion): see Add.
  bool AddField(std::uint32_t tag, const FieldDescriptor* field, int depth) {
    switch (Lite::GetTagWireType(tag)) {
      case Lite::WIRETYPE_LENGTH_DELIMITED:
        return AddSized(field, depth);
      case Lite::WIRETYPE_START_GROUP:
        weight_ += kGroup;
        return AddFields(nullptr, depth + 1);
      default:
        weight_ += kNumber;
        return Lite::SkipField(&in_, tag);
    }
  }
  // NOLINTNEXTLINE(misc-no-recursion): see Add.
  bool AddSized(const FieldDescriptor* field, int depth) {
    std::uint32_t size = 0;
    if (!in_.ReadVarint32(&size)) return false;
    if (size > static_cast<std::uint32_t>(in_.BytesUntilLimit())) return false;
    if (field != nullptr && field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      const CodedInputStream::Limit outer = in_.PushLimit(static_cast<int>(size));
      if (!Add(*field->message_type(), depth + 1)) return false;
      in_.PopLimit(outer);
      return true;
    }
    const bool numbers = field != nullptr && field->is_packable();
    weight_ += numbers ? kPackedNumber * std::size_t{size} : kText + size;
    return in_.Skip(static_cast<int>(size));
  }

  CodedInputStream in_;
  const std::size_t enough_;
  std::size_t weight_ = 0;
};

}  // namespace

std::optional<std::size_t> MessageWeight(const Descriptor& type, std::string_view wire,
                                         std::size_t enough) {
  Scale scale(wire, enough);
  if (!scale.Add(type, 0)) return std::nullopt;
  return scale.weight();
}

}  // namespace clinicd::edge
