#include "common/edge/base64.h"

#include <array>
#include <cstdint>

namespace clinicd::edge {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t kNoDigit = 0xff;

constexpr std::array<std::uint8_t, 256> MakeDigits() {
  std::array<std::uint8_t, 256> digits{};
  digits.fill(kNoDigit);
  for (std::size_t i = 0; i < kAlphabet.size(); ++i) {
    digits[static_cast<unsigned char>(kAlphabet[i])] = static_cast<std::uint8_t>(i);
  }
  return digits;
}

constexpr std::array<std::uint8_t, 256> kDigits = MakeDigits();

// Appends what 2 to 4 digits stand for; false if they are no digits or leave bits over.
bool AppendGroup(std::string_view digits, std::string& bytes) {
  std::uint32_t bits = 0;
  for (const char c : digits) {
    const std::uint8_t digit = kDigits[static_cast<unsigned char>(c)];
    if (digit == kNoDigit) return false;
    bits = (bits << 6) | digit;
  }
  const std::size_t count = digits.size() * 6 / 8;
  const std::size_t unused = digits.size() * 6 % 8;
  if (digits.size() < 2 || (bits & ((1U << unused) - 1)) != 0) return false;
  bits >>= unused;
  for (std::size_t i = count; i-- > 0;) bytes.push_back(static_cast<char>(bits >> (8 * i)));
  return true;
}

// The digits of a group of four without its padding.
std::string_view WithoutPadding(std::string_view group) {
  if (group.back() != '=') return group;
  group.remove_suffix(1);
  if (group.back() == '=') group.remove_suffix(1);
  return group;
}

}  // namespace

std::string Base64Encode(std::string_view bytes, Padding padding) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const std::string_view group = bytes.substr(at, 3);
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      bits = (bits << 8) | (i < group.size() ? static_cast<unsigned char>(group[i]) : 0U);
    }
    for (std::size_t i = 0; i < 4; ++i) {
      if (i <= group.size()) {
        text.push_back(kAlphabet[(bits >> (18 - 6 * i)) & 0x3f]);
      } else if (padding == Padding::kFull) {
        text.push_back('=');
      }
    }
  }
  return text;
}

std::optional<std::string> Base64Decode(std::string_view text) {
  std::string bytes;
  bytes.reserve(text.size() / 4 * 3 + 2);
  while (text.size() > 4) {
    if (!AppendGroup(text.substr(0, 4), bytes)) return std::nullopt;
    text.remove_prefix(4);
  }
  if (text.size() == 4) text = WithoutPadding(text);
  if (!text.empty() && !AppendGroup(text, bytes)) return std::nullopt;
  return bytes;
}

std::optional<std::string> Base64StreamDecoder::Feed(std::string_view text) {
  if (broken_) return std::nullopt;
  std::string bytes;
  bytes.reserve((group_.size() + text.size()) / 4 * 3);
  for (const char c : text) {
    group_.push_back(c);
    if (group_.size() < 4) continue;
    if (!AppendGroup(WithoutPadding(group_), bytes)) {
      broken_ = true;
      return std::nullopt;
    }
    group_.clear();
  }
  return bytes;
}

}  // namespace clinicd::edge
