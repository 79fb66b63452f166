#include "common/validate/compiler.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "buf/validate/validate.pb.h"

namespace clinicd::validate {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::OneofDescriptor;

void Compiler::Add(const Descriptor& type) { PlanOf(type); }

Plans Compiler::TakePlans() {
  Plans plans;
  for (auto& [type, plan] : plans_) plans.emplace(type, std::move(plan));
  plans_.clear();
  return plans;
}

const MessagePlan& Compiler::PlanOf(const Descriptor& type) {
  if (const auto found = plans_.find(&type); found != plans_.end()) return *found->second;
  // Known before it is filled, so that a type may hold itself.
  MessagePlan& plan = *plans_.emplace(&type, std::make_unique<MessagePlan>()).first->second;
  CheckMessageOptions(type);
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    FieldPlan field_plan = RuleReader(field, refusals_).Read();
    LinkMessage(field_plan.value, field.is_map() ? *field.message_type()->map_value() : field);
    const bool counts = field_plan.count.min || field_plan.count.max || field_plan.unique;
    const bool keys = field_plan.key && !field_plan.key->empty();
    if (field_plan.required || counts || keys || !field_plan.value.empty()) {
      plan.fields.push_back(std::move(field_plan));
    }
  }
  ReadOneofs(type, plan);
  FindUpdate(type, plan);
  return plan;
}

void Compiler::LinkMessage(ValuePlan& value, const FieldDescriptor& field) {
  if (value.kind == ValueKind::kMessage) value.message = &PlanOf(*field.message_type());
}

void Compiler::CheckMessageOptions(const Descriptor& type) {
  const auto& rules = type.options().GetExtension(buf::validate::message);
  if (rules.ByteSizeLong() > 0) {
    refusals_.push_back(absl::StrCat(type.full_name(), ": rules of messages are not supported"));
  }
}

void Compiler::ReadOneofs(const Descriptor& type, MessagePlan& plan) {
  for (int i = 0; i < type.real_oneof_decl_count(); ++i) {
    const OneofDescriptor& oneof = *type.oneof_decl(i);
    const auto& rules = oneof.options().GetExtension(buf::validate::oneof);
    if (!rules.unknown_fields().empty()) {
      refusals_.push_back(absl::StrCat(oneof.full_name(), ": a rule of unknown kind"));
    }
    if (!rules.required()) continue;
    std::vector<std::string> names;
    names.reserve(static_cast<std::size_t>(oneof.field_count()));
    for (int j = 0; j < oneof.field_count(); ++j) names.push_back(oneof.field(j)->name());
    plan.oneofs.push_back(
        {&oneof, {"required", absl::StrCat("must be set: one of ", absl::StrJoin(names, ", "))}});
  }
}

void Compiler::FindUpdate(const Descriptor& type, MessagePlan& plan) {
  const FieldDescriptor* mask = type.FindFieldByName("update_mask");
  if (mask == nullptr) return;
  std::vector<const FieldDescriptor*> resources;
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    if (field.is_repeated() || field.cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    if (absl::StartsWith(field.message_type()->full_name(), "google.")) continue;
    resources.push_back(&field);
  }
  const bool is_mask = mask->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE &&
                       mask->message_type()->full_name() == "google.protobuf.FieldMask";
  if (!is_mask || mask->is_repeated() || resources.size() != 1) {
    refusals_.push_back(absl::StrCat(
        mask->full_name(), ": must be a FieldMask, beside exactly one message that it is about"));
    return;
  }
  plan.update = UpdatePlan{mask, resources.front()};
}

}  // namespace clinicd::validate
