#include "common/config/value.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/base/text.h"
#include "common/base/try.h"
#include "common/config/address.h"
#include "re2/re2.h"

namespace clinicd::config {
namespace {

// What was given, for an error: short, on one line, and nothing of what may hold a secret.
std::string Shown(const Key& key, const Given& given) {
  constexpr std::size_t kShownMax = 60;
  std::string text;
  if (const auto* untyped = std::get_if<Untyped>(&given)) text = untyped->text;
  if (const auto* string = std::get_if<std::string>(&given)) text = *string;
  if (const auto* integer = std::get_if<std::int64_t>(&given)) return absl::StrCat(*integer);
  if (const auto* boolean = std::get_if<bool>(&given)) return *boolean ? "true" : "false";
  if (std::holds_alternative<std::vector<std::string>>(given)) return "an array";
  if (const auto* other = std::get_if<Unsupported>(&given)) return absl::StrCat("a ", other->kind);
  if (key.rule == Rule::kNoPassword || key.rule == Rule::kSecretFile) {
    return "a text that is not shown";
  }
  return absl::StrCat("\"", absl::CHexEscape(CleanedPrefix(text, kShownMax)),
                      text.size() > kShownMax ? "..." : "", "\"");
}

absl::Status WrongType(const Key& key, const Given& given) {
  return absl::InvalidArgumentError(
      absl::StrCat("must be ", Requirement(key), ", not ", Shown(key, given)));
}

absl::Status OutOfRange(const Key& key, const Given& given) {
  return absl::OutOfRangeError(
      absl::StrCat("must be ", Requirement(key), ", not ", Shown(key, given)));
}

std::optional<std::int64_t> ParseInteger(std::string_view text) {
  std::int64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stop != end) return std::nullopt;
  return number;
}

bool HasControlCharacter(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return absl::ascii_iscntrl(static_cast<unsigned char>(c)); });
}

bool InBounds(const Key& key, std::size_t size) {
  return std::cmp_greater_equal(size, key.min) && std::cmp_less_equal(size, key.max);
}

// A password in any form that libpq reads: keyword = value, URI user info, URI parameter.
bool HasPassword(const std::string& conninfo) {
  static const RE2 password(
      R"((?i)(^|[\s?&'])(ssl)?password\s*=|^postgres(ql)?://[^/?@]*:[^/?@]*@)");
  return RE2::PartialMatch(conninfo, password);
}

absl::StatusOr<Value> ParseInteger(const Key& key, const Given& given) {
  std::optional<std::int64_t> number;
  if (const auto* untyped = std::get_if<Untyped>(&given)) number = ParseInteger(untyped->text);
  if (const auto* integer = std::get_if<std::int64_t>(&given)) number = *integer;
  if (!number) return WrongType(key, given);
  if (*number < key.min || *number > key.max) return OutOfRange(key, given);
  return *number;
}

absl::StatusOr<Value> ParseBoolean(const Key& key, const Given& given) {
  if (const auto* boolean = std::get_if<bool>(&given)) return *boolean;
  const auto* untyped = std::get_if<Untyped>(&given);
  if (untyped != nullptr && untyped->text == "true") return true;
  if (untyped != nullptr && untyped->text == "false") return false;
  return WrongType(key, given);
}

absl::StatusOr<Value> ParseDuration(const Key& key, const Given& given) {
  std::optional<std::int64_t> units;
  std::string text;
  if (const auto* integer = std::get_if<std::int64_t>(&given)) units = *integer;
  if (const auto* string = std::get_if<std::string>(&given)) text = *string;
  if (const auto* untyped = std::get_if<Untyped>(&given)) {
    text = untyped->text;
    units = ParseInteger(text);
  }
  absl::Duration duration;
  if (units) {
    // Compared as a number first: a product that does not fit would saturate.
    if (*units < key.min || *units > key.max) return OutOfRange(key, given);
    duration = key.unit * *units;
  } else if (!absl::ParseDuration(ToAbsl(text), &duration)) {
    return WrongType(key, given);
  }
  if (duration < key.unit * key.min || duration > key.unit * key.max) return OutOfRange(key, given);
  return duration;
}

absl::StatusOr<Value> ParseList(const Key& key, const Given& given) {
  std::vector<std::string> items;
  if (const auto* array = std::get_if<std::vector<std::string>>(&given)) {
    items = *array;
  } else if (const auto* untyped = std::get_if<Untyped>(&given)) {
    if (!untyped->text.empty()) items = absl::StrSplit(untyped->text, ',');
    for (std::string& item : items) absl::StripAsciiWhitespace(&item);
  } else {
    return WrongType(key, given);
  }
  const bool legible = std::none_of(items.begin(), items.end(), [](const std::string& item) {
    return item.empty() || HasControlCharacter(item);
  });
  if (!legible) return WrongType(key, given);
  if (!InBounds(key, items.size())) return OutOfRange(key, given);
  return items;
}

absl::StatusOr<Value> ParseText(const Key& key, const Given& given) {
  std::string text;
  if (const auto* untyped = std::get_if<Untyped>(&given)) {
    text = untyped->text;
  } else if (const auto* string = std::get_if<std::string>(&given)) {
    text = *string;
  } else {
    return WrongType(key, given);
  }
  if (HasControlCharacter(text)) return WrongType(key, given);
  if (!InBounds(key, text.size())) return OutOfRange(key, given);
  const bool chosen = key.choices.empty() ||
                      std::find(key.choices.begin(), key.choices.end(), text) != key.choices.end();
  if (!chosen) {
    return absl::FailedPreconditionError(
        absl::StrCat("must be ", Requirement(key), ", not ", Shown(key, given)));
  }
  if (key.rule == Rule::kNoPassword && HasPassword(text)) {
    return absl::FailedPreconditionError(
        "must not contain a password; put it alone into a file of mode 0600 and name that file "
        "in the key of the same prefix that ends in password_file");
  }
  return text;
}

absl::StatusOr<Value> ParseAddressValue(const Key& key, const Given& given) {
  std::string text;
  if (const auto* untyped = std::get_if<Untyped>(&given)) text = untyped->text;
  if (const auto* string = std::get_if<std::string>(&given)) text = *string;
  if (text == "off") return text;
  const std::optional<Address> address = ParseAddress(text);
  if (!address) return WrongType(key, given);
  if (key.rule == Rule::kLoopback && !IsLoopback(*address)) {
    return absl::FailedPreconditionError(absl::StrCat(
        "must be ", Requirement(key), ", not ", Shown(key, given),
        ": what it serves is not protected; let a scraper on this machine forward it"));
  }
  return text;
}

}  // namespace

absl::StatusOr<Value> ParseValue(const Key& key, const Given& given) {
  switch (key.type) {
    case Type::kInteger:
      return ParseInteger(key, given);
    case Type::kBoolean:
      return ParseBoolean(key, given);
    case Type::kDuration:
      return ParseDuration(key, given);
    case Type::kList:
      return ParseList(key, given);
    case Type::kAddress:
      return ParseAddressValue(key, given);
    case Type::kString:
    case Type::kPath:
      break;
  }
  return ParseText(key, given);
}

std::string ToText(const Value& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return absl::StrCat(*integer);
  if (const auto* boolean = std::get_if<bool>(&value)) return *boolean ? "true" : "false";
  if (const auto* duration = std::get_if<absl::Duration>(&value)) {
    return absl::FormatDuration(*duration);
  }
  const auto* items = std::get_if<std::vector<std::string>>(&value);
  return items == nullptr ? "" : absl::StrJoin(*items, ", ");
}

}  // namespace clinicd::config
