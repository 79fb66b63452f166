// Paths that a careless server takes for another one.
#pragma once

#include <set>
#include <string>

namespace clinicd::testing::edge {

// Hundreds of spellings of `path` that are not `path`, such as with characters in percent encoding
// (upper, lower, twice, overlong), other letter case, more slashes and dots, and what software in
// front may add or strip. None has a query. `path` begins with a slash.
std::set<std::string> VariantsOf(const std::string& path);

// Ways out of a directory of files, to what is outside and to `inside`, a path that exists.
std::set<std::string> Traversals(const std::string& inside);

}  // namespace clinicd::testing::edge
