#include "common/validate/unique.h"

#include <cmath>
#include <cstdint>
#include <string>
#include <type_traits>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/string_view.h"
#include "common/base/text.h"
#include "common/validate/value_ref.h"

namespace clinicd::validate {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

template <typename T, typename Get>
bool AllDiffer(const Message& message, const FieldDescriptor& field, Get get) {
  const int size = message.GetReflection()->FieldSize(message, &field);
  absl::flat_hash_set<T> seen;
  for (int i = 0; i < size; ++i) {
    const T value = get(ValueRef(message, field, i));
    // A hash table is no place for what does not equal itself.
    if constexpr (std::is_floating_point_v<T>) {
      if (std::isnan(value)) continue;
    }
    if (!seen.insert(value).second) return false;
  }
  return true;
}

bool TextsDiffer(const Message& message, const FieldDescriptor& field) {
  std::string scratch;
  // List items are always lent, so the views outlive the scratch.
  return AllDiffer<absl::string_view>(
      message, field, [&scratch](const ValueRef& item) { return ToAbsl(item.Text(scratch)); });
}

}  // namespace

bool HasUniqueItems(const Message& message, const FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_BOOL:
      return AllDiffer<bool>(message, field, [](const ValueRef& item) { return item.Bool(); });
    case FieldDescriptor::CPPTYPE_INT32:
      return AllDiffer<std::int32_t>(message, field,
                                     [](const ValueRef& item) { return item.Int32(); });
    case FieldDescriptor::CPPTYPE_INT64:
      return AllDiffer<std::int64_t>(message, field,
                                     [](const ValueRef& item) { return item.Int64(); });
    case FieldDescriptor::CPPTYPE_UINT32:
      return AllDiffer<std::uint32_t>(message, field,
                                      [](const ValueRef& item) { return item.Uint32(); });
    case FieldDescriptor::CPPTYPE_UINT64:
      return AllDiffer<std::uint64_t>(message, field,
                                      [](const ValueRef& item) { return item.Uint64(); });
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return AllDiffer<double>(message, field, [](const ValueRef& item) { return item.Double(); });
    case FieldDescriptor::CPPTYPE_FLOAT:
      return AllDiffer<float>(message, field, [](const ValueRef& item) { return item.Float(); });
    case FieldDescriptor::CPPTYPE_ENUM:
      return AllDiffer<std::int32_t>(message, field,
                                     [](const ValueRef& item) { return item.Enum(); });
    case FieldDescriptor::CPPTYPE_STRING:
      return TextsDiffer(message, field);
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return true;
  }
  return true;
}

}  // namespace clinicd::validate
