// Reads buf.validate rules from the options of fields.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "buf/validate/validate.pb.h"
#include "common/validate/plan.h"
#include "google/protobuf/descriptor.h"

namespace clinicd::validate {

// Why rules cannot be honoured; each entry begins with the full name of the field or message.
using Refusals = std::vector<std::string>;

// Reads the rules of one field. A rule that this validator does not evaluate, or that does not fit
// the type of the field, is added to `refusals`: an unheeded rule would be worse than none.
class RuleReader final {
 public:
  RuleReader(const google::protobuf::FieldDescriptor& field, Refusals& refusals)
      : field_(field), refusals_(refusals) {}

  // Everything about the field except the plans of the messages it holds.
  FieldPlan Read();

 private:
  using FieldRules = buf::validate::FieldRules;

  void Refuse(std::string_view what);
  // Refuses every field of `rules` that is set and not among `known`.
  void RefuseAllBut(const google::protobuf::Message& rules,
                    std::initializer_list<std::string_view> known);

  Condition ReadCondition(buf::validate::Ignore ignore);
  void ReadList(const FieldRules& rules, FieldPlan& plan);
  void ReadMap(const FieldRules& rules, FieldPlan& plan);
  ValuePlan ReadElement(const google::protobuf::FieldDescriptor& value, const FieldRules& rules);
  ValuePlan ReadValue(const google::protobuf::FieldDescriptor& value, const FieldRules& rules);
  ValueRules ReadMessageRules(ValueKind kind, const FieldRules& rules);
  ValueRules ReadScalarRules(const google::protobuf::FieldDescriptor& value,
                             const FieldRules& rules);
  StringRules ReadString(const buf::validate::StringRules& rules);
  BytesRules ReadBytes(const buf::validate::BytesRules& rules);
  EnumRules ReadEnum(const google::protobuf::EnumDescriptor& type,
                     const buf::validate::EnumRules& rules);
  template <typename T, typename Rules, typename Convert>
  OrderedRules<T> ReadOrdered(const Rules& rules, std::string_view type, Convert convert);
  template <typename T, typename Rules, typename Convert>
  Range<T> ReadRange(const Rules& rules, Convert convert);

  const google::protobuf::FieldDescriptor& field_;
  Refusals& refusals_;
};

// The kind of the values of `field`; for map fields, pass the field of the entry.
ValueKind KindOf(const google::protobuf::FieldDescriptor& field);

}  // namespace clinicd::validate
