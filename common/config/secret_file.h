// Secrets live in files, never in the configuration itself.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace clinicd::config {

// Whether `path` may hold a secret: a regular file (or a link to one) that belongs to root or to
// the user of this process and that neither its group nor others can read, write or run. NOT_FOUND,
// PERMISSION_DENIED (cannot be opened), FAILED_PRECONDITION (mode, owner or kind).
absl::Status CheckSecretFile(const std::string& path);

// The content of such a file without the line end at its end. Read anew each time, so that a
// secret can be replaced while the server runs. INVALID_ARGUMENT when it is empty, longer than
// 64 KiB or holds a NUL; errors of CheckSecretFile() otherwise.
absl::StatusOr<std::string> ReadSecretFile(const std::string& path);

}  // namespace clinicd::config
