#include "tests/contract/schema_support.h"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"

namespace clinicd {

using db::AdminConnection;

std::string ReadSource(std::string_view path) {
  const char* root = std::getenv("CLINICD_SOURCE_DIR");
  REQUIRE(root != nullptr);
  const std::ifstream file(absl::StrCat(root, "/", absl::string_view(path.data(), path.size())));
  std::ostringstream text;
  text << file.rdbuf();
  REQUIRE_FALSE(text.str().empty());
  return text.str();
}

void MustExecute(AdminConnection& connection, const std::string& sql) {
  const absl::Status status = connection.Execute(sql);
  INFO(sql);
  INFO(status);
  REQUIRE(status.ok());
}

AdminConnection::Rows MustQuery(AdminConnection& connection, const std::string& sql) {
  const absl::StatusOr<AdminConnection::Rows> rows = connection.Query(sql);
  INFO(sql);
  INFO(rows.status());
  REQUIRE(rows.ok());
  return *rows;
}

std::string MustQueryValue(AdminConnection& connection, const std::string& sql) {
  const AdminConnection::Rows rows = MustQuery(connection, sql);
  REQUIRE(rows.size() == 1);
  REQUIRE(rows[0].size() == 1);
  return rows[0][0].value_or("NULL");
}

void PlantOneRowEach(AdminConnection& superuser, std::string_view digit) {
  MustExecute(superuser,
              absl::StrReplaceAll(ReadSource("tests/contract/one_row_each.sql"),
                                  {{"{c}", absl::string_view(digit.data(), digit.size())}}));
}

}  // namespace clinicd
