#include "common/validate/value_rules.h"

#include "common/base/text.h"

namespace clinicd::validate {

void EnumRules::Check(std::int32_t value, FailureSink fail) const {
  if (defined_only && defined_only->parameter->FindValueByNumber(value) == nullptr) {
    fail(defined_only->requirement);
  }
  number.Check(value, fail);
}

void CountRules::Check(std::uint64_t count, FailureSink fail) const {
  if (exact && count != exact->parameter) fail(exact->requirement);
  if (min && count < min->parameter) fail(min->requirement);
  if (max && count > max->parameter) fail(max->requirement);
}

void StringRules::Check(std::string_view text, const TextShape& shape, FailureSink fail) const {
  if (constant && text != constant->parameter) fail(constant->requirement);
  code_points.Check(shape.code_points, fail);
  bytes.Check(text.size(), fail);
  if (pattern &&
      !RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *pattern->parameter)) {
    fail(pattern->requirement);
  }
  if (prefix && !text.starts_with(prefix->parameter)) fail(prefix->requirement);
  if (in && !in->parameter.contains(ToAbsl(text))) fail(in->requirement);
  if (not_in && not_in->parameter.contains(ToAbsl(text))) fail(not_in->requirement);
  if (format) {
    if (text.empty()) {
      fail(format->parameter.when_empty);
    } else if (!format->parameter.matches(text)) {
      fail(format->requirement);
    }
  }
}

}  // namespace clinicd::validate
