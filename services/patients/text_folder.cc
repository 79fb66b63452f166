#include "services/patients/text_folder.h"

#include <unicode/translit.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <cstdio>
#include <cstdlib>

namespace clinicd::patients {
namespace {

// Decompose, drop the accents, and turn the letters that have no decomposition (ø, ł, æ, ß) into
// those that people type for them. Invisible format characters go too. Only marks of scripts that
// write accents are dropped: in Devanagari and its relatives they are vowels.
constexpr char kFoldingRules[] =
    "NFKD; "
    "[[:Mn:]&[[:sc=Zinh:][:sc=Latn:][:sc=Grek:][:sc=Cyrl:][:sc=Hebr:][:sc=Arab:]]] Remove; "
    "[:Cf:] Remove; "
    "Latin-ASCII";

}  // namespace

class TextFolder::Rules final {
 public:
  Rules() {
    UErrorCode error = U_ZERO_ERROR;
    transliterator_.reset(icu::Transliterator::createInstance(
        icu::UnicodeString::fromUTF8(kFoldingRules), UTRANS_FORWARD, error));
    if (U_FAILURE(error) || transliterator_ == nullptr) {
      std::fprintf(stderr, "clinicd: ICU cannot fold text: %s\n", u_errorName(error));
      std::abort();
    }
  }

  icu::UnicodeString Apply(std::string_view text) const {
    icu::UnicodeString folded = icu::UnicodeString::fromUTF8(
        icu::StringPiece(text.data(), static_cast<std::int32_t>(text.size())));
    transliterator_->transliterate(folded);
    folded.foldCase();
    return folded;
  }

 private:
  std::unique_ptr<icu::Transliterator> transliterator_;
};

TextFolder::TextFolder() : rules_(std::make_unique<Rules>()) {}
TextFolder::~TextFolder() = default;

std::u32string TextFolder::Fold(std::string_view text) const {
  const icu::UnicodeString folded = rules_->Apply(text);
  std::u32string result;
  result.reserve(static_cast<std::size_t>(folded.length()));
  for (std::int32_t i = 0; i < folded.length(); i = folded.moveIndex32(i, 1)) {
    const UChar32 c = folded.char32At(i);
    const std::int32_t digit = u_charDigitValue(c);
    result.push_back(digit >= 0 ? U'0' + static_cast<char32_t>(digit) : static_cast<char32_t>(c));
  }
  return result;
}

}  // namespace clinicd::patients
