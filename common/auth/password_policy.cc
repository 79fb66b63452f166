#include "common/auth/password_policy.h"

#include <unicode/bytestream.h>
#include <unicode/normalizer2.h>

#include <algorithm>
#include <iterator>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "common/auth/common_passwords.h"
#include "common/base/text.h"
#include "common/status/error.h"

namespace clinicd::auth {
namespace {

constexpr std::size_t kWordLengthMin = 3;
// A password with fewer turns than this is a run: "123456789012" has two.
constexpr std::size_t kTurnsMin = 5;
constexpr std::size_t kDistinctMin = 5;
constexpr std::size_t kUnitLengthMax = 4;
// One more than the digits and signs at an end that may be letters in disguise.
constexpr std::size_t kEndsMax = 4;
// Normalization makes text at most three times as long.
constexpr std::size_t kGrowthMax = 3;

bool IsAscii(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char byte) { return static_cast<unsigned char>(byte) < 0x80; });
}

bool IsLetter(char byte) {
  return absl::ascii_isalpha(static_cast<unsigned char>(byte)) ||
         static_cast<unsigned char>(byte) >= 0x80;
}
bool IsLetterOrDigit(char byte) {
  return IsLetter(byte) || absl::ascii_isdigit(static_cast<unsigned char>(byte));
}

// `text` in a normalization form; as it is where ICU refuses.
crypto::SecretBytes Normalized(std::string_view text, bool fold_case) {
  UErrorCode error = U_ZERO_ERROR;
  const icu::Normalizer2* form = fold_case ? icu::Normalizer2::getNFKCCasefoldInstance(error)
                                           : icu::Normalizer2::getNFCInstance(error);
  crypto::SecretBytes buffer(text.size() * kGrowthMax);
  if (U_FAILURE(error)) return crypto::SecretBytes(text);
  icu::CheckedArrayByteSink sink(reinterpret_cast<char*>(buffer.mutable_span().data()),
                                 static_cast<std::int32_t>(buffer.size()));
  form->normalizeUTF8(0, {text.data(), static_cast<std::int32_t>(text.size())}, sink, nullptr,
                      error);
  if (U_FAILURE(error) || sink.Overflowed()) return crypto::SecretBytes(text);
  return crypto::SecretBytes(
      buffer.view().substr(0, static_cast<std::size_t>(sink.NumberOfBytesWritten())));
}

std::string Folded(std::string_view text) {
  if (IsAscii(text)) return absl::AsciiStrToLower(ToAbsl(text));
  return std::string(Normalized(text, true).view());
}

template <typename Predicate>
std::string Only(std::string_view text, Predicate keep) {
  std::string kept;
  std::copy_if(text.begin(), text.end(), std::back_inserter(kept), keep);
  return kept;
}

// The part between the first and the last letter, with up to `before` and `after` of what is
// around.
std::string_view Core(std::string_view text, std::size_t before, std::size_t after) {
  const auto first = std::find_if(text.begin(), text.end(), IsLetter);
  const auto last = std::find_if(text.rbegin(), text.rend(), IsLetter);
  const auto head = static_cast<std::size_t>(first - text.begin());
  const auto tail = static_cast<std::size_t>(last - text.rbegin());
  if (head == text.size()) return {};
  text.remove_suffix(tail - std::min(tail, after));
  text.remove_prefix(head - std::min(head, before));
  return text;
}

// With letters for the digits and signs that look like them. `one` is what 1, ! and | stand for.
std::string WithoutLookAlikes(std::string_view text, char one) {
  constexpr std::string_view kLooks = "034578926@$+(";
  constexpr std::string_view kMeans = "oeastbgzgastc";
  std::string plain(text);
  for (char& byte : plain) {
    const std::size_t at = kLooks.find(byte);
    if (at != std::string_view::npos) byte = kMeans[at];
    if (byte == '1' || byte == '!' || byte == '|') byte = one;
  }
  return plain;
}

// What a password may be underneath its decoration.
std::vector<std::string> FormsOf(const std::string& folded) {
  std::vector<std::string> forms = {folded, Only(folded, IsLetterOrDigit), Only(folded, IsLetter)};
  // A digit at an end may be decoration or may look like the first or last letter.
  for (std::size_t ends = 0; ends < kEndsMax * kEndsMax; ++ends) {
    const std::string_view core = Core(folded, ends / kEndsMax, ends % kEndsMax);
    for (const char one : {'i', 'l'}) {
      forms.push_back(Only(WithoutLookAlikes(core, one), IsLetter));
    }
  }
  return forms;
}

// The shortest text of which `text` is a repetition; `text` itself if it is none.
std::string_view UnitOf(std::string_view text) {
  for (std::size_t size = 1; size <= text.size() / 2; ++size) {
    // A text repeats every `size` bytes if it equals itself moved by as many.
    if (text.substr(size) == text.substr(0, text.size() - size)) return text.substr(0, size);
  }
  return text;
}

// Words that are refused: the common ones and those of this user.
class Words final {
 public:
  explicit Words(const PasswordContext& context) {
    const std::string_view local = context.email.substr(0, context.email.find('@'));
    for (const std::string_view text : {context.email, local, context.clinic_slug}) {
      const std::string folded = Folded(text);
      for (std::string& form : FormsOf(folded)) Add(std::move(form));
    }
  }

  bool Knows(std::string_view word) const {
    return IsCommonPasswordWord(word) || IsOwn(word) ||
           IsOwn(std::string(word.rbegin(), word.rend()));
  }

  // Whether `text` is a word, two words, or something short repeated.
  bool Explain(std::string_view text) const {
    const std::string_view unit = UnitOf(text);
    if (Knows(text) ||
        (unit.size() < text.size() && (Knows(unit) || unit.size() <= kUnitLengthMax))) {
      return true;
    }
    for (std::size_t at = kWordLengthMin; at + kWordLengthMin <= text.size(); ++at) {
      if (Knows(text.substr(0, at)) && Knows(text.substr(at))) return true;
    }
    return false;
  }

 private:
  void Add(std::string word) {
    if (word.size() >= kWordLengthMin) own_.push_back(std::move(word));
  }
  bool IsOwn(std::string_view word) const {
    return std::find(own_.begin(), own_.end(), word) != own_.end();
  }

  std::vector<std::string> own_;
};

// Whether the text goes up, down or stays almost everywhere, or uses almost no letters.
bool IsPattern(std::string_view text) {
  std::string distinct(text);
  std::sort(distinct.begin(), distinct.end());
  const auto kinds = std::unique(distinct.begin(), distinct.end()) - distinct.begin();
  std::size_t turns = 1;
  for (std::size_t i = 1; i < text.size(); ++i) {
    const int step = static_cast<unsigned char>(text[i]) - static_cast<unsigned char>(text[i - 1]);
    if (step < -1 || step > 1) ++turns;
  }
  return turns < kTurnsMin || kinds < static_cast<std::ptrdiff_t>(kDistinctMin);
}

bool IsGuessable(std::string_view password, const PasswordContext& context) {
  const std::string folded = Folded(password);
  if (IsPattern(folded)) return true;
  const Words words(context);
  const std::vector<std::string> forms = FormsOf(folded);
  return std::any_of(forms.begin(), forms.end(), [&words](const std::string& form) {
    return form.size() >= kWordLengthMin && words.Explain(form);
  });
}

}  // namespace

absl::Status CheckPasswordPolicy(std::string_view password, const PasswordContext& context) {
  status::ErrorBuilder error =
      status::Error(absl::StatusCode::kInvalidArgument, status::ErrorReason::PASSWORD_UNACCEPTABLE,
                    "The password is not acceptable; choose another.");
  if (password.size() > kPasswordSizeMax) {
    error.Field(context.field, "must not be longer than 256 bytes");
  } else {
    if (CodePoints(NormalizedPassword(password).view()) < kPasswordLengthMin) {
      error.Field(context.field, "must have at least 12 characters");
    }
    if (IsGuessable(password, context)) {
      error.Field(context.field,
                  "must not be a common word or pattern, nor made of your e-mail or clinic name");
    }
  }
  return error.has_fields() ? error.ToStatus() : absl::OkStatus();
}

crypto::SecretBytes NormalizedPassword(std::string_view password) {
  return IsAscii(password) ? crypto::SecretBytes(password) : Normalized(password, false);
}

}  // namespace clinicd::auth
