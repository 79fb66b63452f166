// Files that survive a crash of the machine: what these functions have written is on disk when they
// return, and what they replace is there whole, the old or the new.
//
// Errors are FAILED_PRECONDITION with file and cause, unless something else is said.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace clinicd {

// The content of a file of at most `size_max` bytes. NOT_FOUND if there is none.
absl::StatusOr<std::string> ReadWholeFile(const std::string& path, std::size_t size_max);

// Makes a file of mode 0600, or puts another in its place. One caller at a time: it works on
// `<path>.new`, which is what a crash may leave, and which the next call replaces.
absl::Status ReplaceDurably(const std::string& path, std::string_view content);

// Adds to the end of a file, which is made if need be. A crash may leave a part of `content`.
absl::Status AppendDurably(const std::string& path, std::string_view content);

}  // namespace clinicd
