#include "services/audit/proof/strict_json.h"

#include <set>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/text.h"
#include "common/crypto/base64.h"

namespace clinicd::audit {
namespace {

using nlohmann::json;

constexpr std::string_view kSpaces = " \t\r\n";

std::optional<merkle::Hash> HashOf(const json& text) {
  if (!text.is_string()) return std::nullopt;
  const auto bytes = crypto::Base64Decode(text.get_ref<const std::string&>());
  return bytes ? merkle::ToHash(*bytes) : std::nullopt;
}

// Whether an escape such as \u001F has capital digits: the same character, written another way.
bool HasCapitalEscape(std::string_view text) {
  for (std::size_t at = text.find('\\'); at != std::string_view::npos; at = text.find('\\', at)) {
    const std::string_view escape = text.substr(at + 1, 5);
    at += 2;
    if (escape.starts_with('u') && escape.find_first_of("ABCDEF") != std::string_view::npos) {
      return true;
    }
  }
  return false;
}

const json& Null() {
  static const json null;
  return null;
}

}  // namespace

std::optional<json> ParseStrictObject(std::string_view text) {
  // A byte order mark in front would be forgiven by some readers.
  const std::size_t start = text.find_first_not_of(kSpaces);
  if (start == std::string_view::npos || text[start] != '{' || HasCapitalEscape(text)) {
    return std::nullopt;
  }
  std::vector<std::set<std::string>> members;
  bool strict = true;
  const auto watch = [&](int depth, json::parse_event_t event, json& value) {
    if (depth > kJsonDepthMax) strict = false;
    if (event == json::parse_event_t::object_start) members.emplace_back();
    if (event == json::parse_event_t::object_end) members.pop_back();
    if (event == json::parse_event_t::key &&
        !members.back().insert(value.get<std::string>()).second) {
      strict = false;
    }
    // What is too deep is not kept.
    return depth <= kJsonDepthMax;
  };
  json parsed = json::parse(text, watch, /*allow_exceptions=*/false);
  if (!strict || !parsed.is_object()) return std::nullopt;
  return parsed;
}

MemberReader::MemberReader(const json& object) : object_(object), ok_(object.is_object()) {}

const json& MemberReader::Take(const char* name, bool optional) {
  const auto member = object_.find(name);
  if (member == object_.end()) {
    ok_ = ok_ && optional;
    return Null();
  }
  ++asked_;
  return *member;
}

template <typename Value>
Value MemberReader::OrFail(const std::optional<Value>& value) {
  ok_ = ok_ && value.has_value();
  return value.value_or(Value{});
}

const json& MemberReader::Any(const char* name) { return Take(name); }

bool MemberReader::TakeNull(const char* name) {
  const auto member = object_.find(name);
  if (member == object_.end() || !member->is_null()) return false;
  ++asked_;
  return true;
}

std::string MemberReader::Text(const char* name) {
  const json& value = Take(name);
  return OrFail(value.is_string() ? std::optional(value.get<std::string>()) : std::nullopt);
}

std::int64_t MemberReader::Int(const char* name) {
  const json& value = Take(name);
  // Numbers without a sign are held as unsigned ones; zero has none.
  const bool fits = value.is_number_unsigned()
                        ? value.get<std::uint64_t>() <= merkle::kTreeSizeMax
                        : value.is_number_integer() && value.get<std::int64_t>() < 0;
  return OrFail(fits ? std::optional(value.get<std::int64_t>()) : std::nullopt);
}

std::uint64_t MemberReader::Size(const char* name, bool optional) {
  const json& value = Take(name, optional);
  if (value.is_null() && optional && !Has(name)) return 0;
  std::optional<std::uint64_t> size;
  if (value.is_number_unsigned()) size = value.get<std::uint64_t>();
  if (value.is_string()) {
    const auto& digits = value.get_ref<const std::string&>();
    std::uint64_t number = 0;
    if (absl::SimpleAtoi(digits, &number) && absl::StrCat(number) == digits) size = number;
  }
  if (size && *size > merkle::kTreeSizeMax) size.reset();
  return OrFail(size);
}

Uuid MemberReader::Id(const char* name) {
  const std::string text = Text(name);
  const std::optional<Uuid> id = Uuid::Parse(text);
  return OrFail(id && id->ToString() == text ? id : std::nullopt);
}

merkle::Hash MemberReader::Base64Hash(const char* name) { return OrFail(HashOf(Take(name))); }

merkle::Hash MemberReader::HexHash(const char* name) {
  const std::string digits = Text(name);
  if (digits.size() != 2 * merkle::kHashSize) return OrFail(std::optional<merkle::Hash>());
  const std::string bytes = absl::HexStringToBytes(digits);
  return OrFail(crypto::ToHex(bytes) == digits ? merkle::ToHash(bytes) : std::nullopt);
}

std::vector<merkle::Hash> MemberReader::Proof(const char* name, bool optional) {
  std::vector<merkle::Hash> proof;
  const json& list = Take(name, optional);
  if (optional && !Has(name)) return proof;
  ok_ = ok_ && list.is_array() && list.size() <= merkle::kPathLengthMax;
  if (!ok_) return proof;
  for (const json& part : list) proof.push_back(OrFail(HashOf(part)));
  return proof;
}

json ProofToJson(const std::vector<merkle::Hash>& proof) {
  json list = json::array();
  for (const merkle::Hash& part : proof) {
    list.push_back(crypto::Base64Encode(merkle::AsView(part)));
  }
  return list;
}

}  // namespace clinicd::audit
