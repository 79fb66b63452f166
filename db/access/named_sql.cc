#include "db/access/named_sql.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace clinicd::db {
namespace {

bool StartsName(char c) { return (c >= 'a' && c <= 'z') || c == '_'; }
bool ContinuesName(char c) { return StartsName(c) || (c >= '0' && c <= '9'); }

std::size_t NumberOf(std::string_view name, std::vector<std::string>& names) {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found != names.end()) return static_cast<std::size_t>(found - names.begin()) + 1;
  names.emplace_back(name);
  return names.size();
}

}  // namespace

NumberedSql NumberParameters(std::string_view sql) {
  NumberedSql numbered;
  numbered.sql.reserve(sql.size());
  char quote = '\0';
  for (std::size_t i = 0; i < sql.size(); ++i) {
    const char c = sql[i];
    const bool cast = c == ':' && i + 1 < sql.size() && sql[i + 1] == ':';
    if (quote != '\0' || c == '\'' || c == '"') {
      if (quote == '\0') {
        quote = c;
      } else if (c == quote) {
        quote = '\0';
      }
      numbered.sql.push_back(c);
    } else if (cast) {
      numbered.sql.append("::");
      ++i;
    } else if (c == ':' && i + 1 < sql.size() && StartsName(sql[i + 1])) {
      std::size_t end = i + 1;
      while (end < sql.size() && ContinuesName(sql[end])) ++end;
      absl::StrAppend(&numbered.sql, "$",
                      NumberOf(sql.substr(i + 1, end - i - 1), numbered.names));
      i = end - 1;
    } else {
      numbered.sql.push_back(c);
    }
  }
  return numbered;
}

}  // namespace clinicd::db
