#include "services/server/import/row_values.h"

#include <algorithm>
#include <cctype>
#include <charconv>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/base/text.h"

namespace clinicd::importer {
namespace {

constexpr std::size_t kInstantLengthMax = 40;

bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Each run of white space as one space, none at the ends.
std::string Collapsed(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (!IsSpace(c)) {
      result.push_back(c);
    } else if (!result.empty() && result.back() != ' ') {
      result.push_back(' ');
    }
  }
  if (!result.empty() && result.back() == ' ') result.pop_back();
  return result;
}

bool HasControlCharacter(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return (c >= 0 && c < ' ') || c == '\x7F'; });
}

std::optional<absl::CivilDay> ParseDate(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  for (const std::size_t i : {0U, 1U, 2U, 3U, 5U, 6U, 8U, 9U}) {
    if (!IsDigit(text[i])) return std::nullopt;
  }
  int year = 0;
  int month = 0;
  int day = 0;
  std::from_chars(text.data(), text.data() + 4, year);
  std::from_chars(text.data() + 5, text.data() + 7, month);
  std::from_chars(text.data() + 8, text.data() + 10, day);
  const absl::CivilDay date(year, month, day);
  // CivilDay carries what overflows: the 31st of April becomes the 1st of May.
  if (date.year() != year || date.month() != month || date.day() != day) return std::nullopt;
  return date;
}

}  // namespace

void RowValues::RefuseAt(std::size_t spec, std::string_view reason, std::string_view message) {
  if (refusal_) return;
  refusal_ = Refusal{.column = places_[spec],
                     .field = std::string(specs_[spec].name),
                     .reason = std::string(reason),
                     .message = std::string(message)};
}

std::string RowValues::TextAt(std::size_t spec, std::size_t length_max) {
  std::string text = Collapsed(row_.values[spec]);
  if (HasControlCharacter(text)) {
    RefuseAt(spec, "CONTROL_CHARACTER", "The text has a control character.");
  } else if (CodePoints(text) > length_max) {
    RefuseAt(spec, "VALUE_TOO_LONG",
             absl::StrCat("The text has more than ", length_max, " characters."));
  }
  return text;
}

std::string RowValues::RequiredTextAt(std::size_t spec, std::size_t length_max) {
  std::string text = TextAt(spec, length_max);
  if (text.empty()) RefuseAt(spec, "VALUE_MISSING", "The field is empty.");
  return text;
}

absl::CivilDay RowValues::DateAt(std::size_t spec) {
  const std::string text = RequiredTextAt(spec, kInstantLengthMax);
  const std::optional<absl::CivilDay> date = ParseDate(text);
  if (!date) RefuseAt(spec, "DATE_INVALID", "The field is not a date that exists, as YYYY-MM-DD.");
  return date.value_or(absl::CivilDay());
}

absl::Time RowValues::InstantAt(std::size_t spec) {
  const std::string text = RequiredTextAt(spec, kInstantLengthMax);
  absl::Time time;
  std::string error;
  // ParseTime also takes "infinite-past" and years of other lengths.
  const bool shaped = text.size() >= 20 && ParseDate(std::string_view(text).substr(0, 10)) &&
                      (text[10] == 'T' || text[10] == 't');
  if (!shaped || !absl::ParseTime(absl::RFC3339_full, text, &time, &error)) {
    RefuseAt(spec, "TIME_INVALID",
             "The field is not a time that exists, as YYYY-MM-DDTHH:MM:SSZ or with an offset.");
    return absl::UnixEpoch();
  }
  const std::int64_t year = absl::ToCivilSecond(time, absl::UTCTimeZone()).year();
  if (year < 1880 || year > 2199) {
    RefuseAt(spec, "TIME_INVALID", "The time is not in the years 1880 to 2199.");
  }
  return time;
}

}  // namespace clinicd::importer
