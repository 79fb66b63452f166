// What tests of the schema share.
#pragma once

#include <string>
#include <string_view>

#include "db/admin/admin_connection.h"

namespace clinicd {

// The text of a file of the source tree; `path` starts at its root. Fails the test if there is
// none.
std::string ReadSource(std::string_view path);

// Runs statements that must succeed; fails the test if they do not.
void MustExecute(db::AdminConnection& connection, const std::string& sql);

// The rows of a query that must succeed.
db::AdminConnection::Rows MustQuery(db::AdminConnection& connection, const std::string& sql);

// The one value of a query that must succeed.
std::string MustQueryValue(db::AdminConnection& connection, const std::string& sql);

// Puts one row into every table for the clinic whose id ends in the hexadecimal digit.
void PlantOneRowEach(db::AdminConnection& superuser, std::string_view digit);

}  // namespace clinicd
