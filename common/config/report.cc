#include "common/config/report.h"

#include <algorithm>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <variant>

#include "absl/strings/str_cat.h"
#include "common/base/text.h"

namespace clinicd::config {
namespace {

using Json = nlohmann::ordered_json;

std::string_view NameOf(Type type) {
  switch (type) {
    case Type::kString:
      return "string";
    case Type::kInteger:
      return "int";
    case Type::kBoolean:
      return "bool";
    case Type::kDuration:
      return "duration";
    case Type::kPath:
      return "path";
    case Type::kAddress:
      return "address";
    case Type::kList:
      return "list";
  }
  return "";
}

std::string_view NameOf(Reason reason) {
  switch (reason) {
    case Reason::kUnreadableFile:
      return "UNREADABLE_FILE";
    case Reason::kSyntax:
      return "SYNTAX";
    case Reason::kUnknownKey:
      return "UNKNOWN_KEY";
    case Reason::kWrongType:
      return "WRONG_TYPE";
    case Reason::kOutOfRange:
      return "OUT_OF_RANGE";
    case Reason::kNotAllowed:
      return "NOT_ALLOWED";
    case Reason::kSecretGivenDirectly:
      return "SECRET_GIVEN_DIRECTLY";
    case Reason::kSecretFile:
      return "SECRET_FILE";
    case Reason::kIncomplete:
      return "INCOMPLETE";
  }
  return "";
}

Json ValueOf(const Resolved& resolved) {
  if (const auto* integer = std::get_if<std::int64_t>(&resolved.value)) return *integer;
  if (const auto* boolean = std::get_if<bool>(&resolved.value)) return *boolean;
  if (const auto* items = std::get_if<std::vector<std::string>>(&resolved.value)) return *items;
  return ToText(resolved.value);
}

std::string Dump(const Json& json, int indent) {
  return json.dump(indent, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace);
}

// As it could stand in the file: what TOML has of these types is written as in JSON.
std::string Shown(const Resolved& resolved) { return Dump(ValueOf(resolved), -1); }

}  // namespace

std::string ToText(const Resolution& resolution, bool sources) {
  constexpr std::size_t kPadWidthMax = 60;
  std::size_t width = 0;
  for (const Resolved& resolved : resolution.values) {
    const std::size_t length = resolved.key->name.size() + 3 + Shown(resolved).size();
    width = std::max(width, std::min(length, kPadWidthMax));
  }
  std::string text;
  for (const Resolved& resolved : resolution.values) {
    std::string line = absl::StrCat(ToAbsl(resolved.key->name), " = ", Shown(resolved));
    if (sources) {
      line.append(width - std::min(width, line.size()), ' ');
      absl::StrAppend(&line, "  # ", resolved.origin);
    }
    absl::StrAppend(&text, line, "\n");
  }
  for (const Problem& problem : resolution.problems) {
    absl::StrAppend(&text, "# wrong: ", problem.ToText(), "\n");
  }
  return text;
}

std::string ToJson(const Resolution& resolution) {
  Json report = {{"keys", Json::array()}, {"problems", Json::array()}};
  for (const Resolved& resolved : resolution.values) {
    report["keys"].push_back({{"key", resolved.key->name},
                              {"value", ValueOf(resolved)},
                              {"type", NameOf(resolved.key->type)},
                              {"source", resolved.origin},
                              {"default", resolved.key->default_text},
                              {"secret", resolved.key->rule == Rule::kSecretFile},
                              {"doc", resolved.key->doc}});
  }
  for (const Problem& problem : resolution.problems) {
    report["problems"].push_back({{"reason", NameOf(problem.reason)},
                                  {"key", problem.key},
                                  {"source", problem.origin},
                                  {"message", problem.message}});
  }
  return Dump(report, 2);
}

}  // namespace clinicd::config
