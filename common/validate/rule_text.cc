#include "common/validate/rule_text.h"

#include <array>
#include <charconv>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/text.h"

namespace clinicd::validate {

CountRules CountRulesOf(std::optional<std::uint64_t> min, std::optional<std::uint64_t> max,
                        std::optional<std::uint64_t> exact, const CountWords& words) {
  const std::string must = absl::StrCat("must ", ToAbsl(words.verb), " ");
  const auto counted = [&words](std::uint64_t count) {
    return absl::StrCat(count, " ", ToAbsl(count == 1 ? words.noun : words.plural));
  };
  CountRules rules;
  // Both ends are told whichever is broken, so that the next attempt does not break the other.
  if (min && max && *min <= *max) {
    const std::string both = *min == *max ? absl::StrCat(must, counted(*min))
                                          : absl::StrCat(must, *min, " to ", counted(*max));
    rules.min = {*min, {std::string(words.rule_min), both}};
    rules.max = {*max, {std::string(words.rule_max), both}};
  } else {
    if (min) {
      rules.min = {*min,
                   {std::string(words.rule_min), absl::StrCat(must, "at least ", counted(*min))}};
    }
    if (max) {
      rules.max = {*max,
                   {std::string(words.rule_max), absl::StrCat(must, "at most ", counted(*max))}};
    }
  }
  if (exact) {
    rules.exact = {*exact, {std::string(words.rule_exact), absl::StrCat(must, counted(*exact))}};
  }
  return rules;
}

std::string ToText(bool value) { return value ? "true" : "false"; }

std::string ToText(double value) {
  std::array<char, 32> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  return std::string(buffer.data(), end.ptr);
}

std::string ToText(std::int32_t value) { return absl::StrCat(value); }
std::string ToText(std::int64_t value) { return absl::StrCat(value); }
std::string ToText(std::uint32_t value) { return absl::StrCat(value); }
std::string ToText(std::uint64_t value) { return absl::StrCat(value); }

std::string ToText(absl::Time value) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E*SZ", value, absl::UTCTimeZone());
}

std::string ToText(absl::Duration value) { return absl::FormatDuration(value); }

std::string MustBeOneOf(const std::vector<std::string>& values) {
  return absl::StrCat(values.size() == 1 ? "must be " : "must be one of ",
                      absl::StrJoin(values, ", "));
}

std::string MustNotBeOneOf(const std::vector<std::string>& values) {
  return absl::StrCat(values.size() == 1 ? "must not be " : "must not be one of ",
                      absl::StrJoin(values, ", "));
}

}  // namespace clinicd::validate
