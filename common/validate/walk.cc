#include "common/validate/walk.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/validate/text_rules.h"
#include "common/validate/unique.h"
#include "google/protobuf/field_mask.pb.h"

namespace clinicd::validate {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// The limits of google.protobuf.Timestamp and google.protobuf.Duration.
constexpr std::int64_t kTimestampSecondsMin = -62'135'596'800;
constexpr std::int64_t kTimestampSecondsMax = 253'402'300'799;
constexpr std::int64_t kDurationSecondsMax = 315'576'000'000;
constexpr std::int32_t kNanosMax = 999'999'999;

bool IsSet(const Message& message, const FieldDescriptor& field) {
  const auto& reflection = *message.GetReflection();
  return field.is_repeated() ? reflection.FieldSize(message, &field) > 0
                             : reflection.HasField(message, &field);
}

// A field of a message whose definition is fixed by Google, by number.
ValueRef Part(const Message& message, int number) {
  return {message, *message.GetDescriptor()->FindFieldByNumber(number)};
}

std::int32_t ValueFor(const EnumRules&, const ValueRef& value) { return value.Enum(); }
bool ValueFor(const OrderedRules<bool>&, const ValueRef& value) { return value.Bool(); }
double ValueFor(const OrderedRules<double>&, const ValueRef& value) { return value.Double(); }
std::int32_t ValueFor(const OrderedRules<std::int32_t>&, const ValueRef& value) {
  return value.Int32();
}
std::int64_t ValueFor(const OrderedRules<std::int64_t>&, const ValueRef& value) {
  return value.Int64();
}
std::uint32_t ValueFor(const OrderedRules<std::uint32_t>&, const ValueRef& value) {
  return value.Uint32();
}
std::uint64_t ValueFor(const OrderedRules<std::uint64_t>&, const ValueRef& value) {
  return value.Uint64();
}

}  // namespace

void Walk::Fail(const PathStep& path, const Requirement& requirement, bool is_key) {
  if (++count_ > kept_max_) return;
  violations_.push_back(
      {PathText(path), requirement.rule,
       is_key ? absl::StrCat("key ", requirement.description) : requirement.description});
}

void Walk::CheckMessage(const MessagePlan& plan, const Message& message, const Place& place) {
  for (const FieldPlan& field : plan.fields) {
    Place here = place;
    if (place.selected != nullptr && !place.selected->contains(field.field)) {
      here.scope = Scope::kTextOnly;
    }
    if (plan.update && field.field == plan.update->resource) {
      CheckUpdated(*plan.update, field, message, here);
    } else {
      CheckField(field, message, here);
    }
  }
  for (const OneofPlan& oneof : plan.oneofs) CheckOneof(oneof, message, place);
}

std::optional<Walk::Scope> Walk::ScopeOf(const FieldPlan& plan, const Message& message,
                                         const PathStep& path, Scope scope) {
  const bool is_optional = plan.condition != Condition::kAlways ||
                           (!plan.field->is_repeated() && plan.field->has_presence());
  if ((plan.required || is_optional) && !IsSet(message, *plan.field)) {
    if (plan.required && scope == Scope::kAll) Fail(path, *plan.required);
    return std::nullopt;
  }
  return plan.condition == Condition::kNever ? Scope::kTextOnly : scope;
}

void Walk::CheckField(const FieldPlan& plan, const Message& message, const Place& place) {
  const FieldDescriptor& field = *plan.field;
  const PathStep path{.before = place.path, .name = field.name()};
  const std::optional<Scope> scope = ScopeOf(plan, message, path, place.scope);
  if (!scope) return;
  if (field.is_repeated()) {
    CheckList(plan, message, path, *scope);
  } else {
    CheckValue(plan.value, {ValueRef(message, field), path, *scope});
  }
}

void Walk::CheckUpdated(const UpdatePlan& update, const FieldPlan& resource, const Message& message,
                        const Place& place) {
  const PathStep path{.before = place.path, .name = resource.field->name()};
  const Fields selected = SelectedBy(update, message, place.path);
  const std::optional<Scope> scope = ScopeOf(resource, message, path, place.scope);
  if (!scope) return;
  CheckMessage(*resource.value.message, ValueRef(message, *resource.field).Message(),
               {&path, *scope, &selected});
}

void Walk::CheckOneof(const OneofPlan& plan, const Message& message, const Place& place) {
  if (place.scope != Scope::kAll) return;
  if (message.GetReflection()->HasOneof(message, plan.oneof)) return;
  bool is_meant = place.selected == nullptr;
  for (int i = 0; !is_meant && i < plan.oneof->field_count(); ++i) {
    is_meant = place.selected->contains(plan.oneof->field(i));
  }
  if (is_meant) Fail({.before = place.path, .name = plan.oneof->name()}, plan.required);
}

void Walk::CheckList(const FieldPlan& plan, const Message& message, const PathStep& path,
                     Scope scope) {
  const FieldDescriptor& field = *plan.field;
  const int size = message.GetReflection()->FieldSize(message, &field);
  if (scope == Scope::kAll) {
    plan.count.Check(static_cast<std::uint64_t>(size),
                     [&](const Requirement& requirement) { Fail(path, requirement); });
    if (plan.unique && !HasUniqueItems(message, field)) Fail(path, *plan.unique);
  }
  if (plan.value.empty() && (!plan.key || plan.key->empty())) return;
  for (int i = 0; i < size; ++i) {
    const ValueRef item(message, field, i);
    if (plan.key) {
      CheckEntry(plan, item.Message(), path, scope);
    } else {
      const PathStep item_path{.before = path.before, .name = path.name, .index = i};
      CheckValue(plan.value, {item, item_path, scope});
    }
  }
}

void Walk::CheckEntry(const FieldPlan& plan, const Message& entry, const PathStep& path,
                      Scope scope) {
  const auto& type = *plan.field->message_type();
  const ValueRef key(entry, *type.map_key());
  const PathStep entry_path{.before = path.before, .name = path.name, .key = &key};
  CheckValue(*plan.key, {key, entry_path, scope, true});
  CheckValue(plan.value, {ValueRef(entry, *type.map_value()), entry_path, scope});
}

void Walk::CheckValue(const ValuePlan& plan, Value value) {
  if (plan.condition == Condition::kNever ||
      (plan.condition == Condition::kUnlessZero && value.ref.IsZero())) {
    value.scope = Scope::kTextOnly;
  }
  if (plan.kind == ValueKind::kText) return CheckText(plan, value);
  if (plan.kind == ValueKind::kMessage) {
    return CheckMessage(*plan.message, value.ref.Message(), {&value.path, value.scope, nullptr});
  }
  if (value.scope == Scope::kTextOnly) return;
  switch (plan.kind) {
    case ValueKind::kDate:
      return CheckDate(value);
    case ValueKind::kTimestamp:
      return CheckTimestamp(plan, value);
    case ValueKind::kDuration:
      return CheckDuration(plan, value);
    default:
      return CheckPlain(plan, value);
  }
}

void Walk::CheckText(const ValuePlan& plan, const Value& value) {
  std::string scratch;
  const std::string_view text = value.ref.Text(scratch);
  const TextShape shape = ShapeOf(text);
  if (!shape.is_utf8 || shape.has_nul) {
    Fail(value.path, {"clinicd.text", "must be UTF-8 text without NUL characters"}, value.is_key);
    if (!shape.is_utf8) return;
  }
  const auto* rules = std::get_if<StringRules>(&plan.rules);
  if (rules == nullptr || value.scope == Scope::kTextOnly) return;
  rules->Check(text, shape, [&](const Requirement& requirement) {
    Fail(value.path, requirement, value.is_key);
  });
}

void Walk::CheckPlain(const ValuePlan& plan, const Value& value) {
  const auto fail = [&](const Requirement& requirement) {
    Fail(value.path, requirement, value.is_key);
  };
  std::visit(
      [&](const auto& rules) {
        if constexpr (requires { rules.Check(ValueFor(rules, value.ref), fail); }) {
          rules.Check(ValueFor(rules, value.ref), fail);
        } else if constexpr (std::is_same_v<decltype(rules), const BytesRules&>) {
          std::string scratch;
          rules.Check(value.ref.Text(scratch), fail);
        }
      },
      plan.rules);
}

void Walk::CheckDate(const Value& value) {
  const Message& date = value.ref.Message();
  const std::int32_t year = Part(date, 1).Int32();
  const std::int32_t month = Part(date, 2).Int32();
  const std::int32_t day = Part(date, 3).Int32();
  // A civil day rolls over what is not in the calendar, so a real date comes back unchanged.
  const absl::CivilDay civil(year, month, day);
  if (year < 1 || year > 9999 || civil.year() != year || civil.month() != month ||
      civil.day() != day) {
    Fail(value.path, {"clinicd.date", "must be a full date of the calendar, years 1 to 9999"});
  }
}

void Walk::CheckTimestamp(const ValuePlan& plan, const Value& value) {
  const Message& timestamp = value.ref.Message();
  const std::int64_t seconds = Part(timestamp, 1).Int64();
  const std::int32_t nanos = Part(timestamp, 2).Int32();
  if (seconds < kTimestampSecondsMin || seconds > kTimestampSecondsMax || nanos < 0 ||
      nanos > kNanosMax) {
    return Fail(value.path, {"clinicd.timestamp", "must be an instant of the years 1 to 9999"});
  }
  if (const auto* rules = std::get_if<OrderedRules<absl::Time>>(&plan.rules)) {
    rules->Check(absl::FromUnixSeconds(seconds) + absl::Nanoseconds(nanos),
                 [&](const Requirement& requirement) { Fail(value.path, requirement); });
  }
}

void Walk::CheckDuration(const ValuePlan& plan, const Value& value) {
  const Message& duration = value.ref.Message();
  const std::int64_t seconds = Part(duration, 1).Int64();
  const std::int32_t nanos = Part(duration, 2).Int32();
  const bool signs_agree = seconds == 0 || nanos == 0 || (seconds < 0) == (nanos < 0);
  if (seconds < -kDurationSecondsMax || seconds > kDurationSecondsMax || nanos < -kNanosMax ||
      nanos > kNanosMax || !signs_agree) {
    return Fail(value.path, {"clinicd.duration", "must be a duration of at most 10,000 years"});
  }
  if (const auto* rules = std::get_if<OrderedRules<absl::Duration>>(&plan.rules)) {
    rules->Check(absl::Seconds(seconds) + absl::Nanoseconds(nanos),
                 [&](const Requirement& requirement) { Fail(value.path, requirement); });
  }
}

Walk::Fields Walk::SelectedBy(const UpdatePlan& update, const Message& message,
                              const PathStep* before) {
  const auto& reflection = *message.GetReflection();
  if (!reflection.HasField(message, update.mask)) {
    // Without a mask an update means whatever the client has filled in.
    std::vector<const FieldDescriptor*> set;
    const Message& resource = reflection.GetMessage(message, update.resource);
    resource.GetReflection()->ListFields(resource, &set);
    return Fields(set.begin(), set.end());
  }
  const ValueRef mask(message, *update.mask);
  const FieldDescriptor& paths = *mask.Message().GetDescriptor()->FindFieldByNumber(
      google::protobuf::FieldMask::kPathsFieldNumber);
  const int size = mask.Message().GetReflection()->FieldSize(mask.Message(), &paths);
  Fields selected;
  bool has_star = false;
  bool has_unknown = false;
  std::string scratch;
  for (int i = 0; i < size; ++i) {
    const std::string path(ValueRef(mask.Message(), paths, i).Text(scratch));
    const FieldDescriptor* field = update.resource->message_type()->FindFieldByName(path);
    has_star |= path == "*";
    has_unknown |= field == nullptr && path != "*";
    if (field != nullptr) selected.insert(field);
  }
  const PathStep mask_path{.before = before, .name = update.mask->name()};
  const std::string rule = "clinicd.update_mask";
  if (size == 0) Fail(mask_path, {rule, "must name at least one field"});
  if (has_star) Fail(mask_path, {rule, "must name fields one by one, not as \"*\""});
  if (has_unknown) {
    Fail(mask_path, {rule, absl::StrCat("must only name fields of ", update.resource->name(),
                                        ", without fields inside of them")});
  }
  return selected;
}

}  // namespace clinicd::validate
