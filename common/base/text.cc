#include "common/base/text.h"

#include <algorithm>

namespace clinicd {
namespace {

bool IsContinuation(char byte) { return (static_cast<unsigned char>(byte) & 0xc0) == 0x80; }

}  // namespace

std::size_t CodePoints(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char byte) { return !IsContinuation(byte); }));
}

std::string CleanedPrefix(std::string_view text, std::size_t max_bytes) {
  std::size_t length = std::min(text.size(), max_bytes);
  while (length > 0 && length < text.size() && IsContinuation(text[length])) --length;
  std::string cleaned(text.substr(0, length));
  for (char& byte : cleaned) {
    const auto value = static_cast<unsigned char>(byte);
    if (value < 0x20 || value == 0x7f) byte = ' ';
  }
  return cleaned;
}

}  // namespace clinicd
