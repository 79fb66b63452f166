#include "common/validate/value_ref.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/base/text.h"
#include "common/validate/text_rules.h"

namespace clinicd::validate {
namespace {

using google::protobuf::FieldDescriptor;

constexpr std::size_t kKeyBytesMax = 64;

std::string QuotedKey(std::string_view key) {
  if (!ShapeOf(key).is_utf8) return "\"?\"";
  return absl::StrCat(
      "\"", absl::StrReplaceAll(CleanedPrefix(key, kKeyBytesMax), {{"\\", "\\\\"}, {"\"", "\\\""}}),
      "\"");
}

std::string KeyText(const ValueRef& key) {
  std::string scratch;
  switch (key.field().cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return QuotedKey(key.Text(scratch));
    case FieldDescriptor::CPPTYPE_BOOL:
      return key.Bool() ? "true" : "false";
    case FieldDescriptor::CPPTYPE_INT32:
      return absl::StrCat(key.Int32());
    case FieldDescriptor::CPPTYPE_INT64:
      return absl::StrCat(key.Int64());
    case FieldDescriptor::CPPTYPE_UINT32:
      return absl::StrCat(key.Uint32());
    case FieldDescriptor::CPPTYPE_UINT64:
      return absl::StrCat(key.Uint64());
    default:
      return "?";
  }
}

}  // namespace

bool ValueRef::Bool() const {
  return index_ < 0 ? reflection_.GetBool(message_, &field_)
                    : reflection_.GetRepeatedBool(message_, &field_, index_);
}

std::int32_t ValueRef::Int32() const {
  return index_ < 0 ? reflection_.GetInt32(message_, &field_)
                    : reflection_.GetRepeatedInt32(message_, &field_, index_);
}

std::int64_t ValueRef::Int64() const {
  return index_ < 0 ? reflection_.GetInt64(message_, &field_)
                    : reflection_.GetRepeatedInt64(message_, &field_, index_);
}

std::uint32_t ValueRef::Uint32() const {
  return index_ < 0 ? reflection_.GetUInt32(message_, &field_)
                    : reflection_.GetRepeatedUInt32(message_, &field_, index_);
}

std::uint64_t ValueRef::Uint64() const {
  return index_ < 0 ? reflection_.GetUInt64(message_, &field_)
                    : reflection_.GetRepeatedUInt64(message_, &field_, index_);
}

double ValueRef::Double() const {
  return index_ < 0 ? reflection_.GetDouble(message_, &field_)
                    : reflection_.GetRepeatedDouble(message_, &field_, index_);
}

float ValueRef::Float() const {
  return index_ < 0 ? reflection_.GetFloat(message_, &field_)
                    : reflection_.GetRepeatedFloat(message_, &field_, index_);
}

std::int32_t ValueRef::Enum() const {
  return index_ < 0 ? reflection_.GetEnumValue(message_, &field_)
                    : reflection_.GetRepeatedEnumValue(message_, &field_, index_);
}

std::string_view ValueRef::Text(std::string& scratch) const {
  return index_ < 0 ? reflection_.GetStringReference(message_, &field_, &scratch)
                    : reflection_.GetRepeatedStringReference(message_, &field_, index_, &scratch);
}

const google::protobuf::Message& ValueRef::Message() const {
  return index_ < 0 ? reflection_.GetMessage(message_, &field_)
                    : reflection_.GetRepeatedMessage(message_, &field_, index_);
}

bool ValueRef::IsZero() const {
  std::string scratch;
  switch (field_.cpp_type()) {
    case FieldDescriptor::CPPTYPE_BOOL:
      return !Bool();
    case FieldDescriptor::CPPTYPE_INT32:
      return Int32() == 0;
    case FieldDescriptor::CPPTYPE_INT64:
      return Int64() == 0;
    case FieldDescriptor::CPPTYPE_UINT32:
      return Uint32() == 0;
    case FieldDescriptor::CPPTYPE_UINT64:
      return Uint64() == 0;
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return Double() == 0;
    case FieldDescriptor::CPPTYPE_FLOAT:
      return Float() == 0;
    case FieldDescriptor::CPPTYPE_ENUM:
      return Enum() == field_.enum_type()->value(0)->number();
    case FieldDescriptor::CPPTYPE_STRING:
      return Text(scratch).empty();
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return false;
  }
  return false;
}

std::string PathText(const PathStep& last) {
  std::string path;
  if (last.before != nullptr) path = absl::StrCat(PathText(*last.before), ".");
  absl::StrAppend(&path, ToAbsl(last.name));
  if (last.index >= 0) absl::StrAppend(&path, "[", last.index, "]");
  if (last.key != nullptr) absl::StrAppend(&path, "[", KeyText(*last.key), "]");
  return path;
}

}  // namespace clinicd::validate
