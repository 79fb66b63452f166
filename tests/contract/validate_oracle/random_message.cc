#include "tests/contract/validate_oracle/random_message.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <tuple>
#include <type_traits>
#include <utility>

#include <google/protobuf/text_format.h>
#include <re2/re2.h>

#include "common/base/text.h"
#include "common/base/uuid.h"
#include "common/validate/text_rules.h"

namespace clinicd::validate {
namespace {

using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr int kTriesMax = 40;
// Longer keys are cut in paths.
constexpr std::size_t kKeyBytesMax = 64;

// One character of each number of bytes, a mark that joins the letter before it, and signs that
// formats and patterns give a meaning to.
const std::vector<std::string>& Characters() {
  static const auto& characters = *new std::vector<std::string>{
      "a", "b", "c",  "B",  "0",      "7",      " ",      "-",
      ".", "@", "\"", "\\", "\u00f1", "\u0301", "\u20ac", "\U0001f9b7"};
  return characters;
}

// Texts of which each is right for some rule and wrong for others.
const std::vector<std::string>& Samples() {
  static const auto& samples =
      *new std::vector<std::string>{"",
                                    "ab",
                                    "abc",
                                    "cd",
                                    "b12",
                                    std::string("a\0b", 3),
                                    "a\n",
                                    "0190a3c4-7b1e-7c3a-9f00-0123456789ab",
                                    "0190A3C4-7B1E-7C3A-9F00-0123456789AB",
                                    "0190a3c4-7b1e-7c3a-9f00-0123456789a",
                                    "0190a3c4-7b1e-7c3a-9f00-0123456789abc",
                                    "0190a3c47b1e7c3a9f000123456789ab",
                                    "0190a3c4-7b1e-7c3a-9f00-0123456789ag",
                                    "{190a3c4-7b1e-7c3a-9f00-0123456789a}",
                                    "a@b",
                                    "a@b.c",
                                    "a.b+c@d-e.org",
                                    "a@",
                                    "@b",
                                    "a@b.",
                                    "a@-b",
                                    "a@b-",
                                    "a@b..c",
                                    "a b@c",
                                    "a@b@c",
                                    "\u00f1@b",
                                    "a@\u00f1",
                                    "a@" + std::string(63, 'x'),
                                    "a@" + std::string(64, 'x'),
                                    "!#$%&'*+/=?^_`{|}~-.@b",
                                    "a,b@c",
                                    "2026-11-23T09:30",
                                    "2026-11-23T09:3",
                                    "2026-11-23T09:30\n",
                                    "+34 (600) 000-000",
                                    "600/000.000",
                                    "600a",
                                    "es-ES",
                                    "es",
                                    "e",
                                    "es-Latn-ES",
                                    "ES"};
  return samples;
}

template <typename T>
T OffsetBy(T value, int offset) {
  if constexpr (std::is_floating_point_v<T>) {
    const T toward =
        offset < 0 ? -std::numeric_limits<T>::infinity() : std::numeric_limits<T>::infinity();
    return offset == 0 ? value : std::nextafter(value, toward);
  } else {
    // In unsigned arithmetic, where going past an end is defined.
    using Unsigned = std::make_unsigned_t<T>;
    return static_cast<T>(static_cast<Unsigned>(value) + static_cast<Unsigned>(offset));
  }
}

template <typename T>
std::vector<T> Extremes() {
  using Limits = std::numeric_limits<T>;
  if constexpr (std::is_floating_point_v<T>) {
    return {0, -T{0}, Limits::quiet_NaN(), Limits::infinity(), -Limits::infinity(), Limits::min()};
  } else {
    return {0, 1, 2, 4, Limits::min(), Limits::max()};
  }
}

// Whether `text` keeps the rules that a random text rarely keeps.
bool Keeps(const buf::validate::StringRules& rules, const std::string& text) {
  const auto length = CodePoints(text);
  return length >= rules.min_len() && (!rules.has_max_len() || length <= rules.max_len()) &&
         (!rules.has_len() || length == rules.len()) && text.size() >= rules.min_bytes() &&
         (!rules.has_max_bytes() || text.size() <= rules.max_bytes()) &&
         (!rules.has_len_bytes() || text.size() == rules.len_bytes()) &&
         (!rules.uuid() || Uuid::Parse(text)) && (!rules.email() || IsEmail(text)) &&
         (!rules.has_pattern() || RE2::PartialMatch(text, rules.pattern()));
}

}  // namespace

void RandomMessages::Fill(Message& message, int depth) {
  const auto& type = *message.GetDescriptor();
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    if (field.real_containing_oneof() == nullptr) FillField(message, field, depth);
  }
  for (int i = 0; i < type.real_oneof_decl_count(); ++i) {
    const auto& oneof = *type.oneof_decl(i);
    const int chosen = Below(oneof.field_count() + 1);
    if (chosen < oneof.field_count()) FillField(message, *oneof.field(chosen), depth);
  }
  if (type.FindFieldByName("update_mask") != nullptr) FillMask(message);
}

void RandomMessages::FillField(Message& message, const FieldDescriptor& field, int depth) {
  const FieldRules& rules = field.options().GetExtension(buf::validate::field);
  const bool skips = rules.required() ? Wild() && Below(3) == 0 : Below(5) == 0;
  if (skips || (depth > 3 && field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE)) return;
  if (field.is_map()) return FillMap(message, field, depth);
  if (!field.is_repeated()) return Put(message, field, rules, depth);
  const auto& list = rules.repeated();
  const int max = list.has_max_items() ? static_cast<int>(list.max_items()) : 3;
  const int size =
      Wild() ? Below(max + 3) : std::max(Below(max + 1), static_cast<int>(list.min_items()));
  for (int i = 0; i < size; ++i) Put(message, field, list.items(), depth);
}

void RandomMessages::FillMap(Message& message, const FieldDescriptor& field, int depth) {
  const auto& map = field.options().GetExtension(buf::validate::field).map();
  const auto& type = *field.message_type();
  const auto& reflection = *message.GetReflection();
  // Of messages without generated code a map may hold a key twice, which no server ever sees.
  std::set<std::string> keys;
  const int size = Below(4);
  for (int i = 0; i < size; ++i) {
    Message& entry = *reflection.AddMessage(&message, &field);
    Put(entry, *type.map_key(), map.keys(), depth);
    Put(entry, *type.map_value(), map.values(), depth);
    if (type.map_key()->type() == FieldDescriptor::TYPE_STRING) {
      // Paths show control characters in keys as spaces, the other evaluator as they are.
      const std::string shown =
          CleanedPrefix(entry.GetReflection()->GetString(entry, type.map_key()), kKeyBytesMax);
      entry.GetReflection()->SetString(&entry, type.map_key(), shown);
    }
    std::string key;
    google::protobuf::TextFormat::PrintFieldValueToString(entry, type.map_key(), -1, &key);
    if (!keys.insert(key).second) reflection.RemoveLast(&message, &field);
  }
}

void RandomMessages::FillMask(Message& message) {
  const auto& type = *message.GetDescriptor();
  const auto& mask_field = *type.FindFieldByName("update_mask");
  message.GetReflection()->ClearField(&message, &mask_field);
  if (Below(10) == 0) return;
  Message& mask = *message.GetReflection()->MutableMessage(&message, &mask_field);
  const FieldDescriptor& paths = *mask.GetDescriptor()->FindFieldByName("paths");
  std::vector<std::string> names;
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& resource = *type.field(i);
    const bool is_message = resource.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
    if (!is_message || &resource == &mask_field) continue;
    for (int j = 0; j < resource.message_type()->field_count(); ++j) {
      names.push_back(resource.message_type()->field(j)->name());
    }
  }
  const int size = Below(5);
  for (int i = 0; i < size; ++i) mask.GetReflection()->AddString(&mask, &paths, OneOf(names));
  if (Wild()) mask.GetReflection()->AddString(&mask, &paths, OneOf<std::string>({"*", "", "no"}));
}

void RandomMessages::Put(Message& message, const FieldDescriptor& field, const FieldRules& rules,
                         int depth) {
  const auto& reflection = *message.GetReflection();
  const bool adds = field.is_repeated();
  const auto put = [&](auto set, auto add, auto value) {
    if (adds) {
      (reflection.*add)(&message, &field, std::move(value));
    } else {
      (reflection.*set)(&message, &field, std::move(value));
    }
  };
  using Reflection = google::protobuf::Reflection;
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return put(&Reflection::SetInt32, &Reflection::AddInt32, Number<std::int32_t>(rules.int32()));
    case FieldDescriptor::CPPTYPE_INT64:
      return put(&Reflection::SetInt64, &Reflection::AddInt64, Number<std::int64_t>(rules.int64()));
    case FieldDescriptor::CPPTYPE_UINT32:
      return put(&Reflection::SetUInt32, &Reflection::AddUInt32,
                 Number<std::uint32_t>(rules.uint32()));
    case FieldDescriptor::CPPTYPE_UINT64:
      return put(&Reflection::SetUInt64, &Reflection::AddUInt64,
                 Number<std::uint64_t>(rules.uint64()));
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return put(&Reflection::SetDouble, &Reflection::AddDouble, Number<double>(rules.double_()));
    case FieldDescriptor::CPPTYPE_FLOAT:
      return put(&Reflection::SetFloat, &Reflection::AddFloat, Number<float>(rules.float_()));
    case FieldDescriptor::CPPTYPE_BOOL:
      return put(&Reflection::SetBool, &Reflection::AddBool, Below(2) == 0);
    case FieldDescriptor::CPPTYPE_ENUM:
      return put(&Reflection::SetEnumValue, &Reflection::AddEnumValue,
                 EnumNumber(*field.enum_type(), rules.enum_()));
    case FieldDescriptor::CPPTYPE_STRING:
      return put(&Reflection::SetString, &Reflection::AddString,
                 field.type() == FieldDescriptor::TYPE_BYTES ? Bytes(rules.bytes())
                                                             : Text(rules.string()));
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return PutMessage(adds ? *reflection.AddMessage(&message, &field)
                             : *reflection.MutableMessage(&message, &field),
                        rules, depth);
  }
}

void RandomMessages::PutMessage(Message& part, const FieldRules& rules, int depth) {
  const auto& type = *part.GetDescriptor();
  const bool is_instant = type.full_name() == "google.protobuf.Timestamp";
  if (!is_instant && type.full_name() != "google.protobuf.Duration") return Fill(part, depth + 1);
  // Near the bounds that every_rule.proto uses: 5 seconds and 3 nanoseconds to each side.
  int seconds = OneOf<int>({-6, -5, -4, 0, 4, 5, 6});
  int nanos = OneOf<int>({0, 0, 2, 3, 4, 999'999'999});
  // The nanoseconds of an instant go forward, those of a duration with its sign.
  if (!is_instant && (seconds < 0 || (seconds == 0 && Below(2) == 0))) nanos = -nanos;
  // A single right value would hardly ever be met by chance.
  if (!Wild() && rules.timestamp().has_const_()) std::tie(seconds, nanos) = std::pair(5, 3);
  if (!Wild() && !rules.duration().in().empty()) std::tie(seconds, nanos) = std::pair(5, 0);
  part.GetReflection()->SetInt64(&part, type.FindFieldByName("seconds"), seconds);
  part.GetReflection()->SetInt32(&part, type.FindFieldByName("nanos"), nanos);
}

std::string RandomMessages::Text(const buf::validate::StringRules& rules) {
  if (Wild()) return Below(2) == 0 ? OneOf(Samples()) : TextOfLength(rules);
  if (rules.has_const_()) return rules.const_();
  if (!rules.in().empty()) return OneOf<std::string>({rules.in().begin(), rules.in().end()});
  // A text that keeps the rules is found by trying, which need not succeed.
  std::string text;
  for (int i = 0; i < kTriesMax; ++i) {
    const bool is_format = rules.uuid() || rules.email() || rules.has_pattern();
    text = is_format && Below(3) > 0 ? OneOf(Samples()) : TextOfLength(rules);
    if (rules.has_prefix()) text.insert(0, rules.prefix());
    if (Keeps(rules, text)) break;
  }
  return text;
}

std::string RandomMessages::TextOfLength(const buf::validate::StringRules& rules) {
  std::vector<std::uint64_t> lengths = {0, 1, 2, 3, rules.min_len(), rules.max_len(), rules.len()};
  if (rules.has_max_bytes()) lengths.push_back(rules.max_bytes());
  if (rules.has_min_bytes()) lengths.push_back(rules.min_bytes());
  if (rules.has_len_bytes()) lengths.push_back(rules.len_bytes());
  std::uint64_t length = OneOf(lengths);
  if (Wild()) length = length + static_cast<std::uint64_t>(Below(3)) - (length > 0 ? 1 : 0);
  // Long texts are of one letter, and may then be cut short by the limit of what is worth sending.
  const std::string letter = OneOf(Characters());
  std::string text;
  for (std::uint64_t i = 0; i < std::min<std::uint64_t>(length, 2000); ++i) {
    text += length > 8 ? letter : OneOf(Characters());
  }
  return text;
}

std::string RandomMessages::Bytes(const buf::validate::BytesRules& rules) {
  const std::uint64_t least = rules.has_len() ? rules.len() : rules.min_len();
  const std::uint64_t length = Wild() ? static_cast<std::uint64_t>(Below(5)) : least;
  std::string bytes;
  for (std::uint64_t i = 0; i < length; ++i) bytes += OneOf<char>({'\0', 'a', '\xff'});
  return bytes;
}

int RandomMessages::EnumNumber(const EnumDescriptor& type, const buf::validate::EnumRules& rules) {
  if (Wild()) return Below(type.value_count() + 10) - 1;
  if (rules.has_const_()) return rules.const_();
  if (!rules.in().empty()) return OneOf<int>({rules.in().begin(), rules.in().end()});
  return type.value(Below(type.value_count()))->number();
}

template <typename T, typename Rules>
T RandomMessages::Number(const Rules& rules) {
  std::vector<T> near;
  for (const auto& value : rules.in()) near.push_back(static_cast<T>(value));
  for (const auto& value : rules.not_in()) near.push_back(OffsetBy(static_cast<T>(value), 1));
  if (rules.has_const_()) near.push_back(static_cast<T>(rules.const_()));
  if (rules.has_gte()) near.push_back(static_cast<T>(rules.gte()));
  if (rules.has_lte()) near.push_back(static_cast<T>(rules.lte()));
  if (rules.has_gt()) near.push_back(OffsetBy(static_cast<T>(rules.gt()), 1));
  if (rules.has_lt()) near.push_back(OffsetBy(static_cast<T>(rules.lt()), -1));
  if (near.empty() || (Wild() && Below(3) == 0)) return OneOf(Extremes<T>());
  const T value = OneOf(near);
  return Wild() ? OffsetBy(value, Below(3) - 1) : value;
}

}  // namespace clinicd::validate
