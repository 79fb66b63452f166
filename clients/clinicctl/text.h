// Text for terminals.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace clinicd::clinicctl {

// The text without what a terminal could take for a command: control characters, and characters
// that change the direction of writing, become spaces.
std::string Printable(std::string_view text);

// Columns that the text takes on a terminal.
std::size_t Width(std::string_view text);

// Lower case without accents, for comparing names as people type them.
std::string Folded(std::string_view text);

// Rows as lines, every column but the last as wide as its widest cell, two spaces between them.
std::string Aligned(const std::vector<std::vector<std::string>>& rows, std::string_view indent);

}  // namespace clinicd::clinicctl
