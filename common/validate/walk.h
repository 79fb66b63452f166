// Applies plans to one message.
#pragma once

#include <cstddef>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "common/validate/plan.h"
#include "common/validate/validator.h"
#include "common/validate/value_ref.h"
#include "google/protobuf/message.h"

namespace clinicd::validate {

// One walk through one message. Text is checked wherever it is, even where rules do not apply,
// because no part of the server can handle what is not text.
class Walk final {
 public:
  // Keeps the first `kept_max` violations and counts the others.
  explicit Walk(std::size_t kept_max) : kept_max_(kept_max) {}

  void Check(const MessagePlan& plan, const google::protobuf::Message& message) {
    CheckMessage(plan, message, {});
  }

  // In the order of the fields' declaration.
  std::vector<Violation> TakeViolations() { return std::move(violations_); }
  std::size_t count() const { return count_; }

 private:
  using Fields = absl::flat_hash_set<const google::protobuf::FieldDescriptor*>;
  enum class Scope { kAll, kTextOnly };
  // Where a message stands, and what of it is meant.
  struct Place {
    const PathStep* path = nullptr;
    Scope scope = Scope::kAll;
    // The only fields to which rules apply; null: all of them.
    const Fields* selected = nullptr;
  };
  struct Value {
    const ValueRef& ref;
    const PathStep& path;
    Scope scope = Scope::kAll;
    bool is_key = false;
  };

  void CheckMessage(const MessagePlan& plan, const google::protobuf::Message& message,
                    const Place& place);
  void CheckField(const FieldPlan& plan, const google::protobuf::Message& message,
                  const Place& place);
  void CheckUpdated(const UpdatePlan& update, const FieldPlan& resource,
                    const google::protobuf::Message& message, const Place& place);
  void CheckOneof(const OneofPlan& plan, const google::protobuf::Message& message,
                  const Place& place);
  void CheckList(const FieldPlan& plan, const google::protobuf::Message& message,
                 const PathStep& path, Scope scope);
  void CheckEntry(const FieldPlan& plan, const google::protobuf::Message& entry,
                  const PathStep& path, Scope scope);
  void CheckValue(const ValuePlan& plan, Value value);
  void CheckText(const ValuePlan& plan, const Value& value);
  void CheckPlain(const ValuePlan& plan, const Value& value);
  void CheckDate(const Value& value);
  void CheckTimestamp(const ValuePlan& plan, const Value& value);
  void CheckDuration(const ValuePlan& plan, const Value& value);

  // The fields that the mask of an update means; wrong paths become violations.
  Fields SelectedBy(const UpdatePlan& update, const google::protobuf::Message& message,
                    const PathStep* before);
  // The scope in which a field is to be checked; nullopt: not at all.
  std::optional<Scope> ScopeOf(const FieldPlan& plan, const google::protobuf::Message& message,
                               const PathStep& path, Scope scope);
  void Fail(const PathStep& path, const Requirement& requirement, bool is_key = false);

  std::size_t kept_max_;
  std::size_t count_ = 0;
  std::vector<Violation> violations_;
};

}  // namespace clinicd::validate
