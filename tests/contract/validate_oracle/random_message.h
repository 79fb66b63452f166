// Random messages that keep and break the rules of their fields, both often.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "buf/validate/validate.pb.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace clinicd::validate {

// Fills messages from a seed; the same seed makes the same messages.
class RandomMessages final {
 public:
  explicit RandomMessages(std::uint64_t seed) : random_(seed) {}

  // How often, out of 100, a field takes whatever comes instead of what its rules ask for.
  void set_wildness(int percent) { wildness_ = percent; }

  void Fill(google::protobuf::Message& message, int depth = 0);

 private:
  using FieldRules = buf::validate::FieldRules;

  int Below(int end) { return std::uniform_int_distribution<int>(0, end - 1)(random_); }
  bool Wild() { return Below(100) < wildness_; }
  template <typename T>
  T OneOf(const std::vector<T>& values) {
    return values[static_cast<std::size_t>(Below(static_cast<int>(values.size())))];
  }

  void FillField(google::protobuf::Message& message, const google::protobuf::FieldDescriptor& field,
                 int depth);
  void FillMap(google::protobuf::Message& message, const google::protobuf::FieldDescriptor& field,
               int depth);
  void FillMask(google::protobuf::Message& message);
  // Sets a singular field, or adds an item, to a value near the rules.
  void Put(google::protobuf::Message& message, const google::protobuf::FieldDescriptor& field,
           const FieldRules& rules, int depth);
  void PutMessage(google::protobuf::Message& part, const FieldRules& rules, int depth);

  std::string Text(const buf::validate::StringRules& rules);
  std::string TextOfLength(const buf::validate::StringRules& rules);
  std::string Bytes(const buf::validate::BytesRules& rules);
  int EnumNumber(const google::protobuf::EnumDescriptor& type,
                 const buf::validate::EnumRules& rules);
  template <typename T, typename Rules>
  T Number(const Rules& rules);

  std::mt19937_64 random_;
  int wildness_ = 0;
};

}  // namespace clinicd::validate
