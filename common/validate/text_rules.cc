#include "common/validate/text_rules.h"

#include <algorithm>
#include <cstdint>

#include "absl/strings/ascii.h"
#include "common/base/utf8.h"

namespace clinicd::validate {
namespace {

constexpr std::size_t kLabelLengthMax = 63;
constexpr std::string_view kLocalPartSymbols = ".!#$%&'*+/=?^_`{|}~-";

bool IsAlphanumeric(char byte) { return absl::ascii_isalnum(static_cast<unsigned char>(byte)); }

bool IsLabel(std::string_view label) {
  if (label.empty() || label.size() > kLabelLengthMax) return false;
  if (!IsAlphanumeric(label.front()) || !IsAlphanumeric(label.back())) return false;
  return std::all_of(label.begin(), label.end(),
                     [](char byte) { return IsAlphanumeric(byte) || byte == '-'; });
}

}  // namespace

TextShape ShapeOf(std::string_view text) {
  TextShape shape;
  for (std::size_t i = 0; i < text.size(); ++shape.code_points) {
    const auto lead = static_cast<std::uint8_t>(text[i]);
    if (lead < 0x80) {
      shape.has_nul |= lead == 0;
      ++i;
      continue;
    }
    const std::size_t length = Utf8SequenceLength(text.substr(i));
    if (length == 0) return shape;
    i += length;
  }
  shape.is_utf8 = true;
  return shape;
}

bool IsEmail(std::string_view text) {
  const std::size_t at = text.find('@');
  if (at == 0 || at == std::string_view::npos) return false;
  const std::string_view local_part = text.substr(0, at);
  const bool local_part_ok = std::all_of(local_part.begin(), local_part.end(), [](char byte) {
    return IsAlphanumeric(byte) || kLocalPartSymbols.find(byte) != std::string_view::npos;
  });
  if (!local_part_ok) return false;
  std::string_view domain = text.substr(at + 1);
  for (std::size_t dot = domain.find('.'); dot != std::string_view::npos; dot = domain.find('.')) {
    if (!IsLabel(domain.substr(0, dot))) return false;
    domain.remove_prefix(dot + 1);
  }
  return IsLabel(domain);
}

}  // namespace clinicd::validate
