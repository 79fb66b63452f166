#include "common/validate/rule_reader.h"

#include <algorithm>
#include <cmath>
#include <type_traits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/text.h"
#include "common/base/uuid.h"
#include "common/validate/rule_text.h"
#include "google/protobuf/message.h"

namespace clinicd::validate {
namespace {

using buf::validate::Ignore;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;

absl::Time ToTime(const google::protobuf::Timestamp& timestamp) {
  return absl::FromUnixSeconds(timestamp.seconds()) + absl::Nanoseconds(timestamp.nanos());
}

absl::Duration ToDuration(const google::protobuf::Duration& duration) {
  return absl::Seconds(duration.seconds()) + absl::Nanoseconds(duration.nanos());
}

// The field of buf.validate.FieldRules that holds the rules of such a value; empty: none may be
// set.
std::string_view RulesName(const FieldDescriptor& value, ValueKind kind) {
  if (kind == ValueKind::kTimestamp) return "timestamp";
  if (kind == ValueKind::kDuration) return "duration";
  switch (value.type()) {
    case FieldDescriptor::TYPE_STRING:
      return "string";
    case FieldDescriptor::TYPE_BYTES:
      return "bytes";
    case FieldDescriptor::TYPE_ENUM:
      return "enum";
    case FieldDescriptor::TYPE_BOOL:
      return "bool";
    case FieldDescriptor::TYPE_INT32:
      return "int32";
    case FieldDescriptor::TYPE_INT64:
      return "int64";
    case FieldDescriptor::TYPE_UINT32:
      return "uint32";
    case FieldDescriptor::TYPE_UINT64:
      return "uint64";
    case FieldDescriptor::TYPE_DOUBLE:
      return "double";
    default:
      return "";
  }
}

template <typename T>
std::optional<T> If(bool is_set, T value) {
  return is_set ? std::optional<T>(std::move(value)) : std::nullopt;
}

template <typename Strings>
Rule<absl::flat_hash_set<std::string>> SetRule(const Strings& values, Requirement requirement) {
  return {{values.begin(), values.end()}, std::move(requirement)};
}

std::vector<std::string> EnumNames(const EnumDescriptor& type,
                                   const google::protobuf::RepeatedField<std::int32_t>& numbers) {
  std::vector<std::string> names;
  names.reserve(static_cast<std::size_t>(numbers.size()));
  for (const std::int32_t number : numbers) {
    const auto* value = type.FindValueByNumber(number);
    names.push_back(value == nullptr ? absl::StrCat(number) : value->name());
  }
  return names;
}

template <typename T, typename Values, typename Convert>
std::vector<T> Converted(const Values& values, Convert convert) {
  std::vector<T> converted;
  converted.reserve(static_cast<std::size_t>(values.size()));
  for (const auto& value : values) converted.push_back(convert(value));
  return converted;
}

template <typename T>
std::vector<std::string> Texts(const std::vector<T>& values) {
  std::vector<std::string> texts;
  texts.reserve(values.size());
  for (const T& value : values) texts.push_back(ToText(value));
  return texts;
}

// The rule of both ends is one, named "gte_lt" or alike.
template <typename T>
std::string RangeName(const Range<T>& range) {
  std::string name;
  if (range.low) name = range.low->inclusive ? "gte" : "gt";
  if (range.low && range.high) name += '_';
  if (range.high) name += range.high->inclusive ? "lte" : "lt";
  if (range.inverted()) name += "_exclusive";
  return name;
}

}  // namespace

ValueKind KindOf(const FieldDescriptor& field) {
  if (field.type() == FieldDescriptor::TYPE_STRING) return ValueKind::kText;
  if (field.cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) return ValueKind::kPlain;
  const std::string& type = field.message_type()->full_name();
  if (type == "google.type.Date") return ValueKind::kDate;
  if (type == "google.protobuf.Timestamp") return ValueKind::kTimestamp;
  if (type == "google.protobuf.Duration") return ValueKind::kDuration;
  return ValueKind::kMessage;
}

void RuleReader::Refuse(std::string_view what) {
  refusals_.push_back(absl::StrCat(field_.full_name(), ": ", ToAbsl(what)));
}

void RuleReader::RefuseAllBut(const google::protobuf::Message& rules,
                              std::initializer_list<std::string_view> known) {
  const auto& reflection = *rules.GetReflection();
  std::vector<const FieldDescriptor*> set;
  reflection.ListFields(rules, &set);
  for (const FieldDescriptor* rule : set) {
    if (std::find(known.begin(), known.end(), rule->name()) == known.end()) {
      Refuse(absl::StrCat("the rule ", rule->full_name(), " is not supported here"));
    }
  }
  // Predefined rules are extensions, of which this build knows none.
  if (!reflection.GetUnknownFields(rules).empty()) {
    Refuse(absl::StrCat(rules.GetDescriptor()->full_name(), " holds a rule of unknown kind"));
  }
}

FieldPlan RuleReader::Read() {
  const FieldRules& rules = field_.options().GetExtension(buf::validate::field);
  FieldPlan plan;
  plan.field = &field_;
  plan.condition = ReadCondition(rules.ignore());
  const bool has_presence = !field_.is_repeated() && field_.has_presence();
  if (has_presence && plan.condition == Condition::kAlways) plan.condition = Condition::kUnlessZero;
  if (rules.required() && plan.condition != Condition::kNever) {
    plan.required = Requirement{"required", "must be set"};
  }
  if (field_.is_map()) {
    ReadMap(rules, plan);
  } else if (field_.is_repeated()) {
    ReadList(rules, plan);
  } else {
    plan.value = ReadValue(field_, rules);
  }
  return plan;
}

Condition RuleReader::ReadCondition(Ignore ignore) {
  switch (ignore) {
    case Ignore::IGNORE_UNSPECIFIED:
      return Condition::kAlways;
    case Ignore::IGNORE_IF_ZERO_VALUE:
      return Condition::kUnlessZero;
    case Ignore::IGNORE_ALWAYS:
      return Condition::kNever;
  }
  Refuse("this value of ignore is not known");
  return Condition::kAlways;
}

void RuleReader::ReadList(const FieldRules& rules, FieldPlan& plan) {
  RefuseAllBut(rules, {"required", "ignore", "repeated"});
  const auto& list = rules.repeated();
  RefuseAllBut(list, {"min_items", "max_items", "unique", "items"});
  plan.count =
      CountRulesOf(If<std::uint64_t>(list.has_min_items(), list.min_items()),
                   If<std::uint64_t>(list.has_max_items(), list.max_items()), std::nullopt,
                   {"repeated.min_items", "repeated.max_items", "", "have", "item", "items"});
  if (list.unique()) {
    if (field_.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      Refuse("messages cannot be compared for repeated.unique");
    }
    plan.unique = Requirement{"repeated.unique", "must not have the same item twice"};
  }
  plan.value = ReadElement(field_, list.items());
}

void RuleReader::ReadMap(const FieldRules& rules, FieldPlan& plan) {
  RefuseAllBut(rules, {"required", "ignore", "map"});
  const auto& map = rules.map();
  RefuseAllBut(map, {"min_pairs", "max_pairs", "keys", "values"});
  plan.count = CountRulesOf(If<std::uint64_t>(map.has_min_pairs(), map.min_pairs()),
                            If<std::uint64_t>(map.has_max_pairs(), map.max_pairs()), std::nullopt,
                            {"map.min_pairs", "map.max_pairs", "", "have", "entry", "entries"});
  plan.key = ReadElement(*field_.message_type()->map_key(), map.keys());
  plan.value = ReadElement(*field_.message_type()->map_value(), map.values());
}

ValuePlan RuleReader::ReadElement(const FieldDescriptor& value, const FieldRules& rules) {
  if (rules.has_required()) Refuse("required has no meaning for an item, a key or a value");
  ValuePlan plan = ReadValue(value, rules);
  plan.condition = ReadCondition(rules.ignore());
  // No message is the zero of its type.
  if (value.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE &&
      plan.condition == Condition::kUnlessZero) {
    plan.condition = Condition::kAlways;
  }
  return plan;
}

ValuePlan RuleReader::ReadValue(const FieldDescriptor& value, const FieldRules& rules) {
  ValuePlan plan;
  plan.kind = KindOf(value);
  const std::string_view name = RulesName(value, plan.kind);
  RefuseAllBut(rules, {"required", "ignore", name});
  if (value.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
    plan.rules = ReadMessageRules(plan.kind, rules);
  } else {
    plan.rules = ReadScalarRules(value, rules);
  }
  return plan;
}

ValueRules RuleReader::ReadMessageRules(ValueKind kind, const FieldRules& rules) {
  if (kind == ValueKind::kTimestamp && rules.has_timestamp()) {
    return ReadOrdered<absl::Time>(rules.timestamp(), "timestamp", ToTime);
  }
  if (kind == ValueKind::kDuration && rules.has_duration()) {
    return ReadOrdered<absl::Duration>(rules.duration(), "duration", ToDuration);
  }
  return {};
}

ValueRules RuleReader::ReadScalarRules(const FieldDescriptor& value, const FieldRules& rules) {
  const auto same = [](auto number) { return number; };
  switch (rules.type_case()) {
    case FieldRules::kString:
      return ReadString(rules.string());
    case FieldRules::kBytes:
      return ReadBytes(rules.bytes());
    case FieldRules::kEnum:
      if (value.enum_type() == nullptr) return {};
      return ReadEnum(*value.enum_type(), rules.enum_());
    case FieldRules::kBool:
      RefuseAllBut(rules.bool_(), {"const"});
      if (!rules.bool_().has_const_()) return {};
      return OrderedRules<bool>{
          .constant = Rule<bool>{rules.bool_().const_(),
                                 {"bool.const", MustBeOneOf({ToText(rules.bool_().const_())})}}};
    case FieldRules::kInt32:
      return ReadOrdered<std::int32_t>(rules.int32(), "int32", same);
    case FieldRules::kInt64:
      return ReadOrdered<std::int64_t>(rules.int64(), "int64", same);
    case FieldRules::kUint32:
      return ReadOrdered<std::uint32_t>(rules.uint32(), "uint32", same);
    case FieldRules::kUint64:
      return ReadOrdered<std::uint64_t>(rules.uint64(), "uint64", same);
    case FieldRules::kDouble:
      return ReadOrdered<double>(rules.double_(), "double", same);
    default:
      return {};
  }
}

StringRules RuleReader::ReadString(const buf::validate::StringRules& rules) {
  RefuseAllBut(rules, {"const", "len", "min_len", "max_len", "len_bytes", "min_bytes", "max_bytes",
                       "pattern", "prefix", "in", "not_in", "email", "uuid"});
  StringRules read;
  read.code_points = CountRulesOf(
      If<std::uint64_t>(rules.has_min_len(), rules.min_len()),
      If<std::uint64_t>(rules.has_max_len(), rules.max_len()),
      If<std::uint64_t>(rules.has_len(), rules.len()),
      {"string.min_len", "string.max_len", "string.len", "be", "character", "characters"});
  read.bytes = CountRulesOf(If<std::uint64_t>(rules.has_min_bytes(), rules.min_bytes()),
                            If<std::uint64_t>(rules.has_max_bytes(), rules.max_bytes()),
                            If<std::uint64_t>(rules.has_len_bytes(), rules.len_bytes()),
                            {"string.min_bytes", "string.max_bytes", "string.len_bytes", "be",
                             "byte of UTF-8", "bytes of UTF-8"});
  if (rules.has_const_()) {
    read.constant = {rules.const_(), {"string.const", MustBeOneOf({rules.const_()})}};
  }
  if (rules.has_pattern()) {
    auto pattern = std::make_unique<const RE2>(rules.pattern(), RE2::Quiet);
    if (!pattern->ok()) Refuse(absl::StrCat("string.pattern: ", pattern->error()));
    read.pattern = {std::move(pattern),
                    {"string.pattern", absl::StrCat("must match ", rules.pattern())}};
  }
  if (rules.has_prefix()) {
    read.prefix = {rules.prefix(),
                   {"string.prefix", absl::StrCat("must begin with ", rules.prefix())}};
  }
  if (!rules.in().empty()) {
    read.in =
        SetRule(rules.in(), {"string.in", MustBeOneOf({rules.in().begin(), rules.in().end()})});
  }
  if (!rules.not_in().empty()) {
    read.not_in =
        SetRule(rules.not_in(),
                {"string.not_in", MustNotBeOneOf({rules.not_in().begin(), rules.not_in().end()})});
  }
  if (rules.email()) {
    const std::string must = "must be an e-mail address";
    read.format = {{IsEmail, {"string.email_empty", must}}, {"string.email", must}};
  }
  if (rules.uuid()) {
    const std::string must = "must be a UUID";
    const auto is_uuid = [](std::string_view text) { return Uuid::Parse(text).has_value(); };
    read.format = {{is_uuid, {"string.uuid_empty", must}}, {"string.uuid", must}};
  }
  return read;
}

BytesRules RuleReader::ReadBytes(const buf::validate::BytesRules& rules) {
  RefuseAllBut(rules, {"len", "min_len", "max_len"});
  return {CountRulesOf(If<std::uint64_t>(rules.has_min_len(), rules.min_len()),
                       If<std::uint64_t>(rules.has_max_len(), rules.max_len()),
                       If<std::uint64_t>(rules.has_len(), rules.len()),
                       {"bytes.min_len", "bytes.max_len", "bytes.len", "be", "byte", "bytes"})};
}

EnumRules RuleReader::ReadEnum(const EnumDescriptor& type, const buf::validate::EnumRules& rules) {
  RefuseAllBut(rules, {"const", "defined_only", "in", "not_in"});
  EnumRules read;
  if (rules.defined_only()) {
    read.defined_only = {&type, {"enum.defined_only", "must be a value of " + type.name()}};
  }
  if (rules.has_const_()) {
    google::protobuf::RepeatedField<std::int32_t> only;
    only.Add(rules.const_());
    read.number.constant = {rules.const_(), {"enum.const", MustBeOneOf(EnumNames(type, only))}};
  }
  if (!rules.in().empty()) {
    read.number.in = {{rules.in().begin(), rules.in().end()},
                      {"enum.in", MustBeOneOf(EnumNames(type, rules.in()))}};
  }
  if (!rules.not_in().empty()) {
    read.number.not_in = {{rules.not_in().begin(), rules.not_in().end()},
                          {"enum.not_in", MustNotBeOneOf(EnumNames(type, rules.not_in()))}};
  }
  return read;
}

template <typename T, typename Rules, typename Convert>
OrderedRules<T> RuleReader::ReadOrdered(const Rules& rules, std::string_view type,
                                        Convert convert) {
  RefuseAllBut(rules, {"const", "lt", "lte", "gt", "gte", "in", "not_in"});
  const auto named = [type](std::string_view rule) {
    return absl::StrCat(ToAbsl(type), ".", ToAbsl(rule));
  };
  OrderedRules<T> read;
  if (rules.has_const_()) {
    const T value = convert(rules.const_());
    read.constant = {value, {named("const"), MustBeOneOf({ToText(value)})}};
  }
  const Range<T> range = ReadRange<T>(rules, convert);
  if (range.low || range.high) read.range = {range, {named(RangeName(range)), MustBeIn(range)}};
  // Instants have no such lists.
  if constexpr (requires { rules.in(); }) {
    const std::vector<T> in = Converted<T>(rules.in(), convert);
    const std::vector<T> not_in = Converted<T>(rules.not_in(), convert);
    if (!in.empty()) read.in = {in, {named("in"), MustBeOneOf(Texts(in))}};
    if (!not_in.empty()) read.not_in = {not_in, {named("not_in"), MustNotBeOneOf(Texts(not_in))}};
  }
  return read;
}

template <typename T, typename Rules, typename Convert>
Range<T> RuleReader::ReadRange(const Rules& rules, Convert convert) {
  Range<T> range;
  if (rules.has_gt()) range.low = {convert(rules.gt()), false};
  if (rules.has_gte()) range.low = {convert(rules.gte()), true};
  if (rules.has_lt()) range.high = {convert(rules.lt()), false};
  if (rules.has_lte()) range.high = {convert(rules.lte()), true};
  if constexpr (std::is_floating_point_v<T>) {
    if ((range.low && std::isnan(range.low->value)) ||
        (range.high && std::isnan(range.high->value))) {
      Refuse("a bound is not a number");
    }
  }
  return range;
}

}  // namespace clinicd::validate
