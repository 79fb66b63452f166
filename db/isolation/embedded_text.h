// Files of this folder, as the program carries them.
#pragma once

#include <string_view>

namespace clinicd::db {

// canary.sql.
std::string_view CanarySql();
// guards.txt: the lines that ReadGuards() gives of a database that this release made.
std::string_view ExpectedGuards();

}  // namespace clinicd::db
