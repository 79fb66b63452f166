#include "common/base/uuid.h"

namespace clinicd {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";

int HexValue(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
  return -1;
}

constexpr bool IsHyphenPosition(std::size_t position) {
  return position == 8 || position == 13 || position == 18 || position == 23;
}

}  // namespace

std::optional<Uuid> Uuid::Parse(std::string_view text) {
  if (text.size() != 36) return std::nullopt;
  Bytes bytes{};
  std::size_t index = 0;
  for (std::size_t position = 0; position < text.size();) {
    if (IsHyphenPosition(position)) {
      if (text[position] != '-') return std::nullopt;
      ++position;
      continue;
    }
    const int high = HexValue(text[position]);
    const int low = HexValue(text[position + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    bytes[index++] = static_cast<std::uint8_t>(high * 16 + low);
    position += 2;
  }
  return Uuid(bytes);
}

std::string Uuid::ToString() const {
  std::string text(36, '-');
  std::size_t at = 0;
  for (const std::uint8_t byte : bytes_) {
    if (IsHyphenPosition(at)) ++at;
    text[at++] = kHexDigits[byte >> 4];
    text[at++] = kHexDigits[byte & 0x0f];
  }
  return text;
}

}  // namespace clinicd
