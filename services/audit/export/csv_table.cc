#include "services/audit/export/csv_table.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "services/audit/proof/leaf_json.h"

namespace clinicd::audit {
namespace {

using nlohmann::ordered_json;

constexpr const char* kLineBreak = "\r\n";
constexpr std::string_view kFormulaStarts = "=+-@\t\r";

std::string TextOf(const ordered_json& value) {
  if (value.is_null()) return {};
  return value.is_string() ? value.get<std::string>() : value.dump();
}

}  // namespace

std::string CsvCell(std::string_view text) {
  std::string cell;
  if (!text.empty() && kFormulaStarts.find(text.front()) != std::string_view::npos) cell = "'";
  cell += text;
  if (cell.find_first_of("\",\r\n") == std::string::npos) return cell;
  return absl::StrCat("\"", absl::StrReplaceAll(cell, {{"\"", "\"\""}}), "\"");
}

std::string CsvHead() {
  std::string line = "leaf_index";
  const ordered_json names = LeafToJson(Leaf());
  for (const auto& [name, value] : names.items()) absl::StrAppend(&line, ",", name);
  return absl::StrCat(line, kLineBreak);
}

std::string CsvLine(std::uint64_t index, const Leaf& leaf) {
  std::string line = absl::StrCat(index);
  const ordered_json fields = LeafToJson(leaf);
  for (const auto& [name, value] : fields.items()) {
    absl::StrAppend(&line, ",", CsvCell(TextOf(value)));
  }
  return absl::StrCat(line, kLineBreak);
}

}  // namespace clinicd::audit
