// A message type's rules in the form in which they are evaluated. Plans are made by compiler.h and
// never change afterwards.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/validate/value_rules.h"
#include "google/protobuf/descriptor.h"

namespace clinicd::validate {

struct MessagePlan;

// When the rules of a value apply.
enum class Condition {
  kAlways,
  // Fields: if the field is set. List items, map keys and values: if not the zero of their type.
  kUnlessZero,
  kNever,
};

// What a value is beyond its protobuf type. The messages named here are judged as one value.
enum class ValueKind { kPlain, kText, kMessage, kDate, kTimestamp, kDuration };

// How one value is judged: a singular field, an item of a list, a key or a value of a map.
struct ValuePlan {
  ValueKind kind = ValueKind::kPlain;
  Condition condition = Condition::kAlways;
  ValueRules rules;
  // Not null exactly for kMessage.
  const MessagePlan* message = nullptr;

  // True if no value can break anything.
  bool empty() const {
    return kind == ValueKind::kPlain && std::holds_alternative<std::monostate>(rules);
  }
};

struct FieldPlan {
  const google::protobuf::FieldDescriptor* field = nullptr;
  std::optional<Requirement> required;
  Condition condition = Condition::kAlways;
  // Repeated and map fields.
  CountRules count;
  std::optional<Requirement> unique;
  // Map fields.
  std::optional<ValuePlan> key;
  ValuePlan value;
};

struct OneofPlan {
  const google::protobuf::OneofDescriptor* oneof = nullptr;
  Requirement required;
};

// An update: `mask` names the fields of `resource` that are meant.
struct UpdatePlan {
  const google::protobuf::FieldDescriptor* mask = nullptr;
  const google::protobuf::FieldDescriptor* resource = nullptr;
};

struct MessagePlan {
  std::vector<FieldPlan> fields;
  std::vector<OneofPlan> oneofs;
  std::optional<UpdatePlan> update;
};

}  // namespace clinicd::validate
