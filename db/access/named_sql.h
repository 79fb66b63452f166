// Named parameters to numbered ones.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace clinicd::db {

// A statement as the server gets it.
struct NumberedSql {
  // With $1, $2, ... for the names.
  std::string sql;
  // The name of $1, $2, ..., each once, in the order of first use.
  std::vector<std::string> names;
};

// Replaces ":name" by numbers. String literals, quoted identifiers and casts ("::") are left alone;
// comments have been stripped when the file was embedded.
NumberedSql NumberParameters(std::string_view sql);

}  // namespace clinicd::db
