#include "services/identity/email.h"

#include <unicode/normalizer2.h>
#include <unicode/unistr.h>

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/base/text.h"
#include "common/crypto/digest.h"

namespace clinicd::identity {

std::string FoldEmail(std::string_view email) {
  const absl::string_view trimmed = absl::StripAsciiWhitespace(ToAbsl(email));
  icu::UnicodeString text = icu::UnicodeString::fromUTF8(
      icu::StringPiece(trimmed.data(), static_cast<std::int32_t>(trimmed.size())));
  text.foldCase();
  UErrorCode error = U_ZERO_ERROR;
  const icu::Normalizer2* normalizer = icu::Normalizer2::getNFCInstance(error);
  std::string folded;
  // Fails only when ICU lacks its own tables; the text is then compared as it is.
  if (U_SUCCESS(error)) text = normalizer->normalize(text, error);
  text.toUTF8String(folded);
  return folded;
}

Uuid PersonIdOf(std::string_view email_key) {
  const crypto::Sha256Digest digest =
      crypto::Sha256(absl::StrCat("clinicd-user|", ToAbsl(email_key)));
  Uuid::Bytes bytes{};
  std::copy_n(digest.begin(), bytes.size(), bytes.begin());
  bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0f) | 0x80);
  bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3f) | 0x80);
  return Uuid(bytes);
}

}  // namespace clinicd::identity
