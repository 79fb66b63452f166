// A way in which a clinic could reach another, as certificates name it.
#pragma once

#include <string>
#include <vector>

namespace clinicd::db {

struct Breach {
  // What was found, as an upper-case word. The words are those of the README.
  std::string what;
  // Where, for example "table patients"; never anybody's data.
  std::string where;

  friend bool operator==(const Breach&, const Breach&) = default;
};
using Breaches = std::vector<Breach>;

}  // namespace clinicd::db
