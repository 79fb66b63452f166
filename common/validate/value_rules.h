// Rules of one value, compiled from buf.validate, and their evaluation.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <re2/re2.h>

#include "absl/container/flat_hash_set.h"
#include "absl/functional/function_ref.h"
#include "absl/time/time.h"
#include "common/validate/text_rules.h"
#include "google/protobuf/descriptor.h"

namespace clinicd::validate {

// What a value must be, and the rule that says so, as protovalidate names it ("string.min_len");
// rules of our own begin with "clinicd.".
struct Requirement {
  std::string rule;
  std::string description;
};

using FailureSink = absl::FunctionRef<void(const Requirement&)>;

// A rule with its parameter.
template <typename T>
struct Rule {
  T parameter;
  Requirement requirement;
};

template <typename T>
struct Bound {
  T value;
  bool inclusive = false;
};

// A range with one end or two. If `high` lies below `low`, it is what is outside of both.
template <typename T>
struct Range {
  std::optional<Bound<T>> low;
  std::optional<Bound<T>> high;

  bool inverted() const { return low && high && high->value < low->value; }

  // Never true for NaN.
  bool Contains(const T& value) const {
    const bool above = !low || value > low->value || (low->inclusive && value == low->value);
    const bool below = !high || value < high->value || (high->inclusive && value == high->value);
    return inverted() ? above || below : above && below;
  }
};

// Rules of a value that has an order: numbers, enum values, bool, instants and durations.
template <typename T>
struct OrderedRules {
  std::optional<Rule<T>> constant;
  std::optional<Rule<Range<T>>> range;
  std::optional<Rule<std::vector<T>>> in;
  std::optional<Rule<std::vector<T>>> not_in;

  void Check(const T& value, FailureSink fail) const {
    const auto among = [&value](const std::vector<T>& values) {
      return std::find(values.begin(), values.end(), value) != values.end();
    };
    if (constant && !(value == constant->parameter)) fail(constant->requirement);
    if (range && !range->parameter.Contains(value)) fail(range->requirement);
    if (in && !among(in->parameter)) fail(in->requirement);
    if (not_in && among(not_in->parameter)) fail(not_in->requirement);
  }
};

struct EnumRules {
  std::optional<Rule<const google::protobuf::EnumDescriptor*>> defined_only;
  OrderedRules<std::int32_t> number;

  void Check(std::int32_t value, FailureSink fail) const;
};

// An inclusive limit of a count; std::nullopt: none.
struct CountRules {
  std::optional<Rule<std::uint64_t>> min;
  std::optional<Rule<std::uint64_t>> max;
  std::optional<Rule<std::uint64_t>> exact;

  void Check(std::uint64_t count, FailureSink fail) const;
};

struct StringRules {
  // A format, with what to say of an empty text, which has a rule of its own.
  struct Format {
    bool (*matches)(std::string_view text);
    Requirement when_empty;
  };

  CountRules code_points;
  CountRules bytes;
  std::optional<Rule<std::string>> constant;
  std::optional<Rule<std::unique_ptr<const RE2>>> pattern;
  std::optional<Rule<std::string>> prefix;
  std::optional<Rule<absl::flat_hash_set<std::string>>> in;
  std::optional<Rule<absl::flat_hash_set<std::string>>> not_in;
  std::optional<Rule<Format>> format;

  // `text` must be UTF-8, and `shape` its shape.
  void Check(std::string_view text, const TextShape& shape, FailureSink fail) const;
};

struct BytesRules {
  CountRules length;

  void Check(std::string_view bytes, FailureSink fail) const { length.Check(bytes.size(), fail); }
};

// The rules of a value, by the type of the value; std::monostate: none.
using ValueRules =
    std::variant<std::monostate, StringRules, BytesRules, EnumRules, OrderedRules<bool>,
                 OrderedRules<std::int32_t>, OrderedRules<std::int64_t>,
                 OrderedRules<std::uint32_t>, OrderedRules<std::uint64_t>, OrderedRules<double>,
                 OrderedRules<absl::Time>, OrderedRules<absl::Duration>>;

}  // namespace clinicd::validate
