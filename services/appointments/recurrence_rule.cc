#include "services/appointments/recurrence_rule.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "common/base/text.h"
#include "common/base/try.h"
#include "services/appointments/appointment_errors.h"

namespace clinicd::appointments {
namespace {

constexpr std::array<std::string_view, 7> kDays = {"MO", "TU", "WE", "TH", "FR", "SA", "SU"};
// In the order of Frequency.
constexpr std::array<std::string_view, 3> kFrequencies = {"DAILY", "WEEKLY", "MONTHLY"};
constexpr std::array<std::string_view, 4> kOtherFrequencies = {"SECONDLY", "MINUTELY", "HOURLY",
                                                               "YEARLY"};
// In the order of Part.
constexpr std::array<std::string_view, 7> kParts = {"FREQ",  "INTERVAL", "BYDAY", "BYMONTHDAY",
                                                    "COUNT", "UNTIL",    "WKST"};
// RFC 5545 and, the last two, RFC 7529.
constexpr std::array<std::string_view, 9> kOtherParts = {"BYSECOND",  "BYMINUTE", "BYHOUR",
                                                         "BYYEARDAY", "BYWEEKNO", "BYMONTH",
                                                         "BYSETPOS",  "RSCALE",   "SKIP"};

constexpr std::string_view kRuleCharacters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,-;=";
constexpr std::string_view kUntilPattern = "00000000T000000Z";
// More than any number that a rule may hold.
constexpr int kTooLarge = 1'000'000;

enum Part : std::size_t { kFreq, kInterval, kByDay, kByMonthDay, kCount, kUntil, kWkst };

// A piece of the text of a rule, in capitals, and where it is in there.
struct Piece {
  std::string_view text;
  std::size_t offset = 0;
};

// -1 where `list` does not have `text`.
template <std::size_t size>
int IndexIn(const std::array<std::string_view, size>& list, std::string_view text) {
  const auto found = std::find(list.begin(), list.end(), text);
  return found == list.end() ? -1 : static_cast<int>(found - list.begin());
}

std::vector<Piece> Split(Piece whole, char separator) {
  std::vector<Piece> pieces;
  std::size_t begin = 0;
  while (true) {
    const std::size_t end = std::min(whole.text.find(separator, begin), whole.text.size());
    pieces.push_back({whole.text.substr(begin, end - begin), whole.offset + begin});
    if (end == whole.text.size()) return pieces;
    begin = end + 1;
  }
}

// nullopt unless `text` is digits and nothing else; kTooLarge for that and more.
std::optional<int> Number(std::string_view text) {
  if (text.empty()) return std::nullopt;
  int number = 0;
  for (const char c : text) {
    if (!absl::ascii_isdigit(static_cast<unsigned char>(c))) return std::nullopt;
    number = std::min(number * 10 + (c - '0'), kTooLarge);
  }
  return number;
}

// One or two digits with or without a sign before them; not 0.
std::optional<int> Ordinal(std::string_view text) {
  const bool is_signed = !text.empty() && (text.front() == '+' || text.front() == '-');
  const std::string_view digits = text.substr(is_signed ? 1 : 0);
  const std::optional<int> number = Number(digits);
  if (!number || digits.size() > 2 || *number == 0) return std::nullopt;
  return text.front() == '-' ? -*number : *number;
}

absl::Weekday WeekdayAt(int index) { return static_cast<absl::Weekday>(index); }

// Sorts values by what `key` makes of them and drops repetitions.
template <typename Value, typename Key>
void Normalize(std::vector<Value>& values, Key key) {
  std::sort(values.begin(), values.end(),
            [&](const Value& a, const Value& b) { return key(a) < key(b); });
  values.erase(std::unique(values.begin(), values.end()), values.end());
}

// What counts from the end comes after what counts from the beginning.
int SortKey(int nth) { return nth < 0 ? kTooLarge + nth : nth; }

class RuleParser final {
 public:
  // `text` is in capitals.
  RuleParser(std::string_view text, std::string_view field) : text_(text), field_(field) {}

  absl::StatusOr<RecurrenceRule> Parse() {
    CLINICD_RETURN_IF_ERROR(ReadParts());
    CLINICD_RETURN_IF_ERROR(ReadFrequency());
    CLINICD_RETURN_IF_ERROR(ReadInterval());
    CLINICD_RETURN_IF_ERROR(ReadWeekStart());
    CLINICD_RETURN_IF_ERROR(ReadWeekdays());
    CLINICD_RETURN_IF_ERROR(ReadMonthDays());
    CLINICD_RETURN_IF_ERROR(ReadEnd());
    return std::move(rule_);
  }

 private:
  absl::Status ReadParts();
  absl::Status ReadFrequency();
  absl::Status ReadInterval();
  absl::Status ReadWeekStart();
  absl::Status ReadWeekdays();
  absl::Status ReadWeekday(Piece piece);
  absl::Status ReadMonthDays();
  absl::Status ReadEnd();
  absl::Status ReadCount(Piece piece);
  absl::Status ReadUntil(Piece piece);

  absl::Status Malformed(std::size_t offset, std::string_view requirement) const {
    return RruleMalformed(field_, offset, requirement);
  }
  absl::Status Unsupported(std::string_view part, std::string_view supported) const {
    return RruleUnsupported(field_, part, supported);
  }

  std::string_view text_;
  std::string_view field_;
  // The values of the parts that there are, by Part.
  std::array<std::optional<Piece>, kParts.size()> values_ = {};
  RecurrenceRule rule_ = {};
};

absl::Status RuleParser::ReadParts() {
  const std::size_t foreign = text_.find_first_not_of(kRuleCharacters);
  if (foreign != std::string_view::npos) {
    return Malformed(foreign, "must be a recurrence rule of RFC 5545, in its characters");
  }
  for (const Piece& piece : Split({.text = text_}, ';')) {
    const std::size_t equals = piece.text.find('=');
    const std::string_view name = piece.text.substr(0, equals);
    const int part = IndexIn(kParts, name);
    if (part < 0 && IndexIn(kOtherParts, name) >= 0) {
      return Unsupported(name,
                         "absent; parts taken are FREQ, INTERVAL, BYDAY, BYMONTHDAY, COUNT, "
                         "UNTIL and WKST");
    }
    if (part < 0) return Malformed(piece.offset, "must consist of parts that RFC 5545 names");
    if (equals == std::string_view::npos) {
      return Malformed(piece.offset, "must have a value in each part, as in FREQ=DAILY");
    }
    std::optional<Piece>& value = values_[static_cast<std::size_t>(part)];
    if (value) return Malformed(piece.offset, "must have each part once at most");
    value = {piece.text.substr(equals + 1), piece.offset + equals + 1};
  }
  return absl::OkStatus();
}

absl::Status RuleParser::ReadFrequency() {
  const std::optional<Piece>& value = values_[kFreq];
  if (!value) return Malformed(text_.size(), "must have FREQ");
  const int index = IndexIn(kFrequencies, value->text);
  if (index >= 0) {
    rule_.frequency = static_cast<Frequency>(index);
    return absl::OkStatus();
  }
  if (IndexIn(kOtherFrequencies, value->text) >= 0) {
    return Unsupported("FREQ", "DAILY, WEEKLY or MONTHLY");
  }
  return Malformed(value->offset, "must have a FREQ that RFC 5545 names");
}

absl::Status RuleParser::ReadInterval() {
  const std::optional<Piece>& value = values_[kInterval];
  if (!value) return absl::OkStatus();
  const std::optional<int> interval = Number(value->text);
  if (!interval || *interval == 0) {
    return Malformed(value->offset, "must have a positive number as INTERVAL");
  }
  if (*interval > kIntervalMax) return Unsupported("INTERVAL", absl::StrCat("1 to ", kIntervalMax));
  rule_.interval = *interval;
  return absl::OkStatus();
}

absl::Status RuleParser::ReadWeekStart() {
  const std::optional<Piece>& value = values_[kWkst];
  if (!value || value->text == "MO") return absl::OkStatus();
  if (IndexIn(kDays, value->text) >= 0) return Unsupported("WKST", "MO");
  return Malformed(value->offset, "must have a weekday such as MO as WKST");
}

absl::Status RuleParser::ReadWeekdays() {
  const std::optional<Piece>& value = values_[kByDay];
  if (!value) return absl::OkStatus();
  for (const Piece& piece : Split(*value, ',')) CLINICD_RETURN_IF_ERROR(ReadWeekday(piece));
  Normalize(rule_.weekdays, [](absl::Weekday day) { return static_cast<int>(day); });
  Normalize(rule_.nth_weekdays, [](const NthWeekday& day) {
    return std::pair(SortKey(day.nth), static_cast<int>(day.weekday));
  });
  return absl::OkStatus();
}

absl::Status RuleParser::ReadWeekday(Piece piece) {
  const std::size_t digits = piece.text.size() < 2 ? 0 : piece.text.size() - 2;
  const int index = IndexIn(kDays, piece.text.substr(digits));
  const std::optional<int> nth = Ordinal(piece.text.substr(0, digits));
  // There are 53 weeks in a year.
  if (index < 0 || (digits > 0 && (!nth || *nth > 53 || *nth < -53))) {
    return Malformed(piece.offset, "must have weekdays such as MO or 2MO in BYDAY");
  }
  switch (rule_.frequency) {
    case Frequency::kDaily:
      return Unsupported("BYDAY", "absent with FREQ=DAILY; use FREQ=WEEKLY");
    case Frequency::kWeekly:
      if (nth) return Malformed(piece.offset, "must have days without numbers in a weekly BYDAY");
      rule_.weekdays.push_back(WeekdayAt(index));
      return absl::OkStatus();
    case Frequency::kMonthly:
      if (!nth || *nth > 4 || *nth < -1) {
        return Unsupported("BYDAY", "1MO to 4SU or -1MO to -1SU with FREQ=MONTHLY");
      }
      rule_.nth_weekdays.push_back({.nth = *nth, .weekday = WeekdayAt(index)});
      return absl::OkStatus();
  }
  return absl::OkStatus();
}

absl::Status RuleParser::ReadMonthDays() {
  const std::optional<Piece>& value = values_[kByMonthDay];
  if (!value) return absl::OkStatus();
  bool is_supported = true;
  for (const Piece& piece : Split(*value, ',')) {
    const std::optional<int> day = Ordinal(piece.text);
    if (!day || *day > 31 || *day < -31) {
      return Malformed(piece.offset, "must have days of a month, 1 to 31 or -1, in BYMONTHDAY");
    }
    is_supported = is_supported && *day >= -1;
    rule_.month_days.push_back(*day);
  }
  if (rule_.frequency == Frequency::kWeekly) {
    return Malformed(value->offset, "must not have BYMONTHDAY with FREQ=WEEKLY");
  }
  if (rule_.frequency == Frequency::kDaily) {
    return Unsupported("BYMONTHDAY", "absent with FREQ=DAILY; use FREQ=MONTHLY");
  }
  if (!is_supported) return Unsupported("BYMONTHDAY", "1 to 31 or -1");
  if (!rule_.nth_weekdays.empty()) return Unsupported("BYMONTHDAY", "absent where there is BYDAY");
  Normalize(rule_.month_days, SortKey);
  return absl::OkStatus();
}

absl::Status RuleParser::ReadEnd() {
  const std::optional<Piece>& count = values_[kCount];
  const std::optional<Piece>& until = values_[kUntil];
  if (count && until) {
    return Malformed(std::max(count->offset, until->offset), "must not have both COUNT and UNTIL");
  }
  if (count) return ReadCount(*count);
  if (until) return ReadUntil(*until);
  return Unsupported("COUNT", absl::StrCat("1 to ", kCountMax, ", unless there is UNTIL"));
}

absl::Status RuleParser::ReadCount(Piece piece) {
  const std::optional<int> count = Number(piece.text);
  if (!count || *count == 0) {
    return Malformed(piece.offset, "must have a positive number as COUNT");
  }
  if (*count > kCountMax) return Unsupported("COUNT", absl::StrCat("1 to ", kCountMax));
  rule_.count = *count;
  return absl::OkStatus();
}

absl::Status RuleParser::ReadUntil(Piece piece) {
  const bool is_formed =
      std::equal(piece.text.begin(), piece.text.end(), kUntilPattern.begin(), kUntilPattern.end(),
                 [](char c, char p) {
                   return p == '0' ? absl::ascii_isdigit(static_cast<unsigned char>(c)) : c == p;
                 });
  absl::Time until;
  // absl takes a leap second, which no clock of ours shows.
  const bool is_real = is_formed && piece.text.substr(13, 2) != "60" &&
                       absl::ParseTime("%E4Y%m%dT%H%M%SZ", ToAbsl(piece.text), &until, nullptr);
  if (!is_real) {
    return Malformed(piece.offset, "must have a time in UTC such as 20270331T220000Z as UNTIL");
  }
  rule_.until = until;
  return absl::OkStatus();
}

std::string FormatDay(absl::Weekday day) {
  return std::string(kDays[static_cast<std::size_t>(day)]);
}

}  // namespace

absl::StatusOr<RecurrenceRule> ParseRule(std::string_view text, std::string_view field) {
  const std::string capitals = absl::AsciiStrToUpper(ToAbsl(text));
  return RuleParser(capitals, field).Parse();
}

std::string FormatRule(const RecurrenceRule& rule) {
  std::string text = "FREQ=";
  text += kFrequencies[static_cast<std::size_t>(rule.frequency)];
  if (rule.interval != 1) absl::StrAppend(&text, ";INTERVAL=", rule.interval);
  std::vector<std::string> days;
  for (const absl::Weekday day : rule.weekdays) days.push_back(FormatDay(day));
  for (const NthWeekday& day : rule.nth_weekdays) {
    days.push_back(absl::StrCat(day.nth, FormatDay(day.weekday)));
  }
  if (!days.empty()) absl::StrAppend(&text, ";BYDAY=", absl::StrJoin(days, ","));
  if (!rule.month_days.empty()) {
    absl::StrAppend(&text, ";BYMONTHDAY=", absl::StrJoin(rule.month_days, ","));
  }
  if (rule.count) absl::StrAppend(&text, ";COUNT=", *rule.count);
  if (rule.until) {
    absl::StrAppend(
        &text, ";UNTIL=", absl::FormatTime("%E4Y%m%dT%H%M%SZ", *rule.until, absl::UTCTimeZone()));
  }
  return text;
}

}  // namespace clinicd::appointments
