// Passwords come from a terminal or a file, never from the command line, which others can read.
#pragma once

#include <string>

#include "absl/status/statusor.h"

namespace clinicd::clinicctl {

// From the file if one is named, else from the terminal, without showing it. FAILED_PRECONDITION if
// there is neither.
absl::StatusOr<std::string> ReadPassword(const std::string& file, const std::string& prompt);

}  // namespace clinicd::clinicctl
