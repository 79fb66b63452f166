#include "clients/clinicctl/text.h"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace clinicd::clinicctl {
namespace {

icu::UnicodeString FromUtf8(std::string_view text) {
  return icu::UnicodeString::fromUTF8(
      icu::StringPiece(text.data(), static_cast<std::int32_t>(text.size())));
}

bool IsMark(UChar32 c) {
  return (U_GET_GC_MASK(c) & (U_GC_MN_MASK | U_GC_ME_MASK | U_GC_CF_MASK)) != 0;
}

template <typename Each>
void ForEachCharacter(const icu::UnicodeString& text, Each each) {
  for (std::int32_t i = 0; i < text.length(); i = text.moveIndex32(i, 1)) each(text.char32At(i));
}

}  // namespace

std::string Printable(std::string_view text) {
  icu::UnicodeString clean;
  ForEachCharacter(FromUtf8(text), [&](UChar32 c) {
    const bool harmless = (U_GET_GC_MASK(c) & (U_GC_C_MASK | U_GC_ZL_MASK | U_GC_ZP_MASK)) == 0;
    // Zero-width joiners belong to the writing of several Indian languages.
    clean.append(harmless || c == 0x200C || c == 0x200D ? c : UChar32{' '});
  });
  std::string result;
  return clean.toUTF8String(result);
}

std::size_t Width(std::string_view text) {
  std::size_t width = 0;
  ForEachCharacter(FromUtf8(text), [&](UChar32 c) {
    if (IsMark(c)) return;
    const int east_asian = u_getIntPropertyValue(c, UCHAR_EAST_ASIAN_WIDTH);
    width += east_asian == U_EA_WIDE || east_asian == U_EA_FULLWIDTH ? 2 : 1;
  });
  return width;
}

std::string Folded(std::string_view text) {
  UErrorCode error = U_ZERO_ERROR;
  const icu::Normalizer2* const decompose = icu::Normalizer2::getNFKDInstance(error);
  icu::UnicodeString source = FromUtf8(text);
  if (U_SUCCESS(error)) source = decompose->normalize(source, error);
  icu::UnicodeString folded;
  ForEachCharacter(source, [&](UChar32 c) {
    if (!IsMark(c)) folded.append(u_foldCase(c, U_FOLD_CASE_DEFAULT));
  });
  std::string result;
  return folded.toUTF8String(result);
}

std::string Aligned(const std::vector<std::vector<std::string>>& rows, std::string_view indent) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], Width(row[i]));
  }
  std::string text;
  for (const auto& row : rows) {
    std::string line(indent);
    for (std::size_t i = 0; i < row.size(); ++i) {
      absl::StrAppend(&line, row[i]);
      if (i + 1 < row.size()) line.append(widths[i] - Width(row[i]) + 2, ' ');
    }
    line.erase(line.find_last_not_of(' ') + 1);
    absl::StrAppend(&text, line, "\n");
  }
  return text;
}

}  // namespace clinicd::clinicctl
