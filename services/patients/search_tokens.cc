#include "services/patients/search_tokens.h"

#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <set>

#include "absl/strings/str_format.h"

namespace clinicd::patients {
namespace {

using Text = std::u32string;
using TextView = std::u32string_view;

// Longer words are cut off, on both sides.
constexpr std::size_t kWordMax = 64;
// A number of fewer digits is no part of a phone number.
constexpr std::size_t kPhonePartMin = 4;
constexpr char32_t kShortNumberMark = U'~';

bool IsDigit(char32_t c) { return c >= U'0' && c <= U'9'; }
bool IsPhoneSign(char32_t c) { return TextView(U"+().-/").find(c) != TextView::npos; }

bool IsWordCharacter(char32_t c) {
  const auto point = static_cast<UChar32>(c);
  return u_isalnum(point) || (U_GET_GC_MASK(point) & U_GC_M_MASK) != 0;
}

bool SeparatesChunks(char32_t c) {
  return c == U',' || c == U';' || u_isUWhiteSpace(static_cast<UChar32>(c));
}

// The longest runs of characters that `belongs` accepts.
std::vector<Text> Runs(TextView text, bool (*belongs)(char32_t)) {
  std::vector<Text> runs;
  bool inside = false;
  for (const char32_t c : text) {
    const bool part = belongs(c);
    if (part && !inside) runs.emplace_back();
    if (part) runs.back().push_back(c);
    inside = part;
  }
  return runs;
}

// What was typed between blanks.
std::vector<Text> Chunks(TextView text) {
  return Runs(text, [](char32_t c) { return !SeparatesChunks(c); });
}

std::vector<Text> Words(TextView text) { return Runs(text, IsWordCharacter); }

// `text` without what is not part of a word.
Text Compact(TextView text) {
  Text compact;
  std::copy_if(text.begin(), text.end(), std::back_inserter(compact), IsWordCharacter);
  return compact;
}

bool HasDigit(TextView text) { return std::any_of(text.begin(), text.end(), IsDigit); }
bool IsNumber(TextView text) { return std::all_of(text.begin(), text.end(), IsDigit); }

bool LooksLikePhone(TextView chunk) {
  return HasDigit(chunk) && std::all_of(chunk.begin(), chunk.end(),
                                        [](char32_t c) { return IsDigit(c) || IsPhoneSign(c); });
}

// YYYY-MM-DD; whether such a day exists does not matter.
bool LooksLikeDate(TextView chunk) {
  constexpr TextView kPattern = U"0000-00-00";
  return std::equal(chunk.begin(), chunk.end(), kPattern.begin(), kPattern.end(),
                    [](char32_t c, char32_t p) { return p == U'-' ? c == p : IsDigit(c); });
}

std::string ToUtf8(TextView text) {
  std::string utf8;
  icu::UnicodeString::fromUTF32(reinterpret_cast<const UChar32*>(text.data()),
                                static_cast<std::int32_t>(text.size()))
      .toUTF8String(utf8);
  return utf8;
}

// Collects the tokens of a patient.
class TokenSet final {
 public:
  void AddWord(TextView word) {
    if (word.empty()) return;
    Add(word);
    for (std::size_t size = 1; size < kPhonePartMin && size <= word.size(); ++size) {
      if (!IsDigit(word[size - 1])) break;
      Add(Text(1, kShortNumberMark).append(word.substr(0, size)));
    }
  }
  void Add(TextView token) { tokens_.insert(ToUtf8(token.substr(0, kWordMax))); }

  std::vector<std::string> Take() { return {tokens_.begin(), tokens_.end()}; }

 private:
  std::set<std::string> tokens_;
};

void AddName(TextView name, TokenSet& tokens) {
  for (const Text& chunk : Chunks(name)) {
    tokens.AddWord(Compact(chunk));
    for (const Text& word : Words(chunk)) tokens.AddWord(word);
  }
}

void AddPhone(TextView phone, TokenSet& tokens) {
  Text digits;
  std::copy_if(phone.begin(), phone.end(), std::back_inserter(digits), IsDigit);
  for (std::size_t begin = 0; begin + kPhonePartMin <= digits.size(); ++begin) {
    tokens.Add(TextView(digits).substr(begin));
  }
}

void AddFileNumber(TextView file_number, TokenSet& tokens) {
  tokens.AddWord(Compact(file_number));
  // A query is taken apart at blanks, and where it has no digit at signs, too.
  const std::vector<Text> chunks = Chunks(file_number);
  for (const Text& chunk : chunks) {
    if (chunks.size() > 1) tokens.AddWord(Compact(chunk));
    if (HasDigit(chunk)) continue;
    for (const Text& word : Words(chunk)) tokens.AddWord(word);
  }
}

// The digits of `chunks`, as one number if one of them is too short to stand alone.
std::vector<Text> Numbers(const std::vector<Text>& chunks) {
  std::vector<Text> numbers;
  bool one_number = false;
  for (const Text& chunk : chunks) {
    numbers.push_back(Compact(chunk));
    one_number = one_number || numbers.back().size() < kPhonePartMin;
  }
  if (!one_number) return numbers;
  Text joined;
  for (const Text& number : numbers) joined += number;
  return {joined};
}

std::vector<Text> QueryWords(TextView query) {
  std::vector<Text> words;
  std::vector<Text> phone_chunks;
  const auto end_phone = [&] {
    for (Text& number : Numbers(phone_chunks)) words.push_back(std::move(number));
    phone_chunks.clear();
  };
  for (Text& chunk : Chunks(query)) {
    if (LooksLikePhone(chunk) && !LooksLikeDate(chunk)) {
      phone_chunks.push_back(std::move(chunk));
      continue;
    }
    end_phone();
    if (HasDigit(chunk)) {
      words.push_back(Compact(chunk));
    } else {
      for (Text& word : Words(chunk)) words.push_back(std::move(word));
    }
  }
  end_phone();
  if (words.size() > kSearchWordsMax) words.resize(kSearchWordsMax);
  for (Text& word : words) word.resize(std::min(word.size(), kWordMax));
  return words;
}

// The first text after all that begin with `prefix`. Bytes of UTF-8 sort like code points, and no
// letter, digit or mark has a neighbour that UTF-8 cannot express.
Text EndOfPrefix(Text prefix) {
  ++prefix.back();
  return prefix;
}

bool IsShortNumber(TextView word) { return word.size() < kPhonePartMin && IsNumber(word); }

TokenRange RangeOf(const Text& word) {
  if (IsShortNumber(word)) {
    const std::string token = ToUtf8(Text(1, kShortNumberMark) + word);
    // Exactly this token: a space sorts before everything that could follow.
    return {token, token + " "};
  }
  return {ToUtf8(word), ToUtf8(EndOfPrefix(word))};
}

}  // namespace

std::vector<std::string> SearchTokens(const TextFolder& folder, const PatientDetails& details) {
  TokenSet tokens;
  AddName(folder.Fold(details.given_name), tokens);
  AddName(folder.Fold(details.family_name), tokens);
  AddPhone(folder.Fold(details.phone), tokens);
  AddFileNumber(folder.Fold(details.file_number), tokens);
  const absl::CivilDay birth = details.birth_date;
  tokens.Add(
      folder.Fold(absl::StrFormat("%04d%02d%02d", birth.year(), birth.month(), birth.day())));
  return tokens.Take();
}

std::vector<TokenRange> SearchRanges(const TextFolder& folder, std::string_view query) {
  std::vector<Text> words = QueryWords(folder.Fold(query));
  std::stable_sort(words.begin(), words.end(),
                   [](const Text& a, const Text& b) { return a.size() > b.size(); });
  std::vector<TokenRange> ranges;
  std::vector<Text> asked;
  for (const Text& word : words) {
    // What begins a longer word is found with it.
    const bool covered = std::any_of(asked.begin(), asked.end(), [&](const Text& longer) {
      return longer.substr(0, word.size()) == word &&
             (!IsShortNumber(word) || longer.size() == word.size());
    });
    if (covered) continue;
    asked.push_back(word);
    ranges.push_back(RangeOf(word));
  }
  return ranges;
}

}  // namespace clinicd::patients
