// Events as a table for a spreadsheet.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "services/audit/proof/leaf.h"

namespace clinicd::audit {

// `text` as a cell of a comma-separated table (RFC 4180), quoted where it has to be. Spreadsheets
// run a cell that begins with = + - @, a tab or a carriage return as a formula, whoever wrote it:
// such a cell gets an apostrophe in front, which they take for "this is text".
std::string CsvCell(std::string_view text);

// The row of names, and the row of an event, each with its line break. The names are those of the
// leaf's fields; ids, hashes and instants are written as in a proof.
std::string CsvHead();
std::string CsvLine(std::uint64_t index, const Leaf& leaf);

}  // namespace clinicd::audit
