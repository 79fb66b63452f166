// Makes plans of message types and of all they can hold.
#pragma once

#include <memory>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "common/validate/plan.h"
#include "common/validate/rule_reader.h"
#include "google/protobuf/descriptor.h"

namespace clinicd::validate {

using Plans =
    absl::flat_hash_map<const google::protobuf::Descriptor*, std::unique_ptr<const MessagePlan>>;

class Compiler final {
 public:
  // Adds the plan of `type` and of every message type that it can hold.
  void Add(const google::protobuf::Descriptor& type);

  // Everything that cannot be honoured; the plans are of use only if this is empty.
  const Refusals& refusals() const { return refusals_; }
  Plans TakePlans();

 private:
  const MessagePlan& PlanOf(const google::protobuf::Descriptor& type);
  void LinkMessage(ValuePlan& value, const google::protobuf::FieldDescriptor& field);
  void CheckMessageOptions(const google::protobuf::Descriptor& type);
  void ReadOneofs(const google::protobuf::Descriptor& type, MessagePlan& plan);
  void FindUpdate(const google::protobuf::Descriptor& type, MessagePlan& plan);

  absl::flat_hash_map<const google::protobuf::Descriptor*, std::unique_ptr<MessagePlan>> plans_;
  Refusals refusals_;
};

}  // namespace clinicd::validate
