// Words in which rules are told to clients: "must be 1 to 100 characters".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "common/validate/value_rules.h"

namespace clinicd::validate {

// What is counted, in words, and the names of the rules that limit it.
struct CountWords {
  std::string_view rule_min;
  std::string_view rule_max;
  std::string_view rule_exact;
  std::string_view verb;
  std::string_view noun;
  std::string_view plural;
};

// Limits with their words: "must be 1 to 100 characters", "must have at most 1 item".
CountRules CountRulesOf(std::optional<std::uint64_t> min, std::optional<std::uint64_t> max,
                        std::optional<std::uint64_t> exact, const CountWords& words);

// A value of a rule as text; instants in RFC 3339, UTC.
std::string ToText(bool value);
std::string ToText(double value);
std::string ToText(std::int32_t value);
std::string ToText(std::int64_t value);
std::string ToText(std::uint32_t value);
std::string ToText(std::uint64_t value);
std::string ToText(absl::Time value);
std::string ToText(absl::Duration value);

// "must be A", "must be one of A, B".
std::string MustBeOneOf(const std::vector<std::string>& values);
// "must not be A", "must not be one of A, B".
std::string MustNotBeOneOf(const std::vector<std::string>& values);

template <typename T>
std::string LowText(const Bound<T>& low) {
  return (low.inclusive ? "at least " : "greater than ") + ToText(low.value);
}

template <typename T>
std::string HighText(const Bound<T>& high) {
  return (high.inclusive ? "at most " : "less than ") + ToText(high.value);
}

// "must be 1 to 1440", "must be greater than 0 and at most 1.5", "must be at least 0".
template <typename T>
std::string MustBeIn(const Range<T>& range) {
  if (!range.high) return "must be " + LowText(*range.low);
  if (!range.low) return "must be " + HighText(*range.high);
  if (range.inverted()) return "must be " + HighText(*range.high) + " or " + LowText(*range.low);
  if (range.low->inclusive && range.high->inclusive) {
    return "must be " + ToText(range.low->value) + " to " + ToText(range.high->value);
  }
  return "must be " + LowText(*range.low) + " and " + HighText(*range.high);
}

}  // namespace clinicd::validate
