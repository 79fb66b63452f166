#include "common/cbor/writer.h"

#include "common/cbor/major.h"

namespace clinicd::cbor {

void Writer::Head(std::uint8_t major, std::uint64_t argument) {
  const auto start = static_cast<std::uint8_t>(major << 5);
  if (argument < kOneByte) {
    bytes_.push_back(static_cast<char>(start | argument));
    return;
  }
  const std::uint8_t log2_size = argument <= 0xff         ? 0
                                 : argument <= 0xffff     ? 1
                                 : argument <= 0xffffffff ? 2
                                                          : 3;
  bytes_.push_back(static_cast<char>(start | (kOneByte + log2_size)));
  for (int shift = (8 << log2_size) - 8; shift >= 0; shift -= 8) {
    bytes_.push_back(static_cast<char>((argument >> shift) & 0xff));
  }
}

void Writer::Array(std::uint64_t count) { Head(kArray, count); }

void Writer::Uint(std::uint64_t value) { Head(kUint, value); }

void Writer::Int(std::int64_t value) {
  const auto bits = static_cast<std::uint64_t>(value);
  value >= 0 ? Head(kUint, bits) : Head(kNegative, ~bits);
}

void Writer::Bytes(std::string_view bytes) {
  Head(kBytes, bytes.size());
  bytes_.append(bytes);
}

void Writer::Text(std::string_view text) {
  Head(kText, text.size());
  bytes_.append(text);
}

void Writer::Null() { bytes_.push_back(static_cast<char>(kNullByte)); }

}  // namespace clinicd::cbor
