// A value inside a message, and the way to it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace clinicd::validate {

// A singular field (index < 0) or an item of a repeated one. Does not own the message.
class ValueRef final {
 public:
  ValueRef(const google::protobuf::Message& message, const google::protobuf::FieldDescriptor& field,
           int index = -1)
      : message_(message), reflection_(*message.GetReflection()), field_(field), index_(index) {}

  const google::protobuf::FieldDescriptor& field() const { return field_; }

  bool Bool() const;
  std::int32_t Int32() const;
  std::int64_t Int64() const;
  std::uint32_t Uint32() const;
  std::uint64_t Uint64() const;
  double Double() const;
  // Singular or repeated float, for comparison with others.
  float Float() const;
  std::int32_t Enum() const;
  // `scratch` holds the text where the message cannot lend it.
  std::string_view Text(std::string& scratch) const;
  const google::protobuf::Message& Message() const;

  // True for the zero of the type: 0, -0, false, "", no bytes, the first value of an enum. Never
  // true for messages.
  bool IsZero() const;

 private:
  const google::protobuf::Message& message_;
  const google::protobuf::Reflection& reflection_;
  const google::protobuf::FieldDescriptor& field_;
  int index_;
};

// One step from a request to a value in it; kept on the stack and written out only when needed.
struct PathStep {
  const PathStep* before = nullptr;
  // The name of a field or oneof.
  std::string_view name;
  // Position in a list; below 0: none.
  int index = -1;
  // Key in a map; null: none.
  const ValueRef* key = nullptr;
};

// Writes the path as clients read it: `patient.birth_date`, `user.roles[2]`, `labels["a"]`. Keys
// are shortened to 64 bytes.
std::string PathText(const PathStep& last);

}  // namespace clinicd::validate
