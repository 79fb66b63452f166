#include "common/cbor/reader.h"

#include <limits>

#include "common/base/utf8.h"
#include "common/cbor/major.h"

namespace clinicd::cbor {
namespace {

constexpr std::uint64_t kInt64Max = std::numeric_limits<std::int64_t>::max();

}  // namespace

std::nullopt_t Reader::Fail(Fault fault) {
  if (fault_ == Fault::kNone) fault_ = fault;
  return std::nullopt;
}

std::optional<Reader::Head> Reader::TakeHead() {
  if (fault_ != Fault::kNone) return std::nullopt;
  if (rest_.empty()) return Fail(Fault::kTruncated);
  const auto first = static_cast<std::uint8_t>(rest_.front());
  const auto major = static_cast<std::uint8_t>(first >> 5);
  const auto low = static_cast<std::uint8_t>(first & 0x1f);
  if (major > kArray || low > kOneByte + 3) return Fail(Fault::kMalformed);
  if (low < kOneByte) {
    rest_.remove_prefix(1);
    return Head{.major = major, .argument = low};
  }
  const std::size_t bytes = std::size_t{1} << (low - kOneByte);
  if (rest_.size() <= bytes) return Fail(Fault::kTruncated);
  std::uint64_t argument = 0;
  for (std::size_t i = 1; i <= bytes; ++i) {
    argument = (argument << 8) | static_cast<std::uint8_t>(rest_[i]);
  }
  // The largest that half as many bytes could have said.
  const std::uint64_t shorter = bytes == 1 ? kOneByte - 1 : (std::uint64_t{1} << (4 * bytes)) - 1;
  if (argument <= shorter) return Fail(Fault::kMalformed);
  rest_.remove_prefix(1 + bytes);
  return Head{.major = major, .argument = argument};
}

std::optional<std::uint64_t> Reader::TakeHead(std::uint8_t major) {
  if (fault_ == Fault::kNone && !rest_.empty() &&
      static_cast<std::uint8_t>(rest_.front()) == kNullByte) {
    return Fail(Fault::kUnexpected);
  }
  const std::optional<Head> head = TakeHead();
  if (!head) return std::nullopt;
  if (head->major != major) return Fail(Fault::kUnexpected);
  return head->argument;
}

std::optional<std::string_view> Reader::TakeString(std::uint64_t size) {
  if (size > rest_.size()) return Fail(Fault::kTruncated);
  const std::string_view bytes = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return bytes;
}

std::optional<std::uint64_t> Reader::Array() { return TakeHead(kArray); }

std::optional<std::uint64_t> Reader::Uint() { return TakeHead(kUint); }

std::optional<std::int64_t> Reader::Int() {
  const bool is_negative =
      !rest_.empty() && static_cast<std::uint8_t>(rest_.front()) >> 5 == kNegative;
  const std::optional<std::uint64_t> argument = TakeHead(is_negative ? kNegative : kUint);
  if (!argument) return std::nullopt;
  if (*argument > kInt64Max) return Fail(Fault::kMalformed);
  return static_cast<std::int64_t>(is_negative ? ~*argument : *argument);
}

std::optional<std::string_view> Reader::Bytes() {
  const std::optional<std::uint64_t> size = TakeHead(kBytes);
  return size ? TakeString(*size) : std::nullopt;
}

std::optional<std::string_view> Reader::Text() {
  const std::optional<std::uint64_t> size = TakeHead(kText);
  const std::optional<std::string_view> text = size ? TakeString(*size) : std::nullopt;
  if (text && !IsUtf8(*text)) return Fail(Fault::kMalformed);
  return text;
}

bool Reader::TakeNull() {
  if (fault_ != Fault::kNone || rest_.empty() ||
      static_cast<std::uint8_t>(rest_.front()) != kNullByte) {
    return false;
  }
  rest_.remove_prefix(1);
  return true;
}

bool Reader::SkipItem(int depth) {
  if (TakeNull()) return true;
  const std::optional<Head> head = TakeHead();
  if (!head) return false;
  if (head->major == kBytes || head->major == kText) {
    const std::optional<std::string_view> text = TakeString(head->argument);
    if (!text) return false;
    if (head->major == kText && !IsUtf8(*text)) Fail(Fault::kMalformed);
    return fault_ == Fault::kNone;
  }
  if (head->major != kArray) {
    if (head->argument > kInt64Max) Fail(Fault::kMalformed);
    return fault_ == Fault::kNone;
  }
  if (depth == kDepthMax) {
    Fail(Fault::kMalformed);
    return false;
  }
  for (std::uint64_t i = 0; i < head->argument; ++i) {
    if (!SkipItem(depth + 1)) return false;
  }
  return true;
}

std::optional<std::string_view> Reader::Any() {
  const std::string_view start = rest_;
  if (!SkipItem(0)) return std::nullopt;
  return start.substr(0, start.size() - rest_.size());
}

}  // namespace clinicd::cbor
