// Files that hold secrets: closed to others, written whole or not at all.
//
// Errors are FAILED_PRECONDITION, with the file, the cause and the way out in words for the
// operator, unless something else is said.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/random.h"
#include "common/crypto/secret.h"

namespace clinicd::auth {

// Whom a file may be open to.
enum class FileTrust {
  // This user and root.
  kOwner,
  // Whom the service manager lets read a credential: root's file, that a list of access rights
  // opens
  // to this user, which shows as rights of the group.
  kServiceManager,
};

// The content of a regular file of at most `size_max` bytes. NOT_FOUND if there is none.
absl::StatusOr<crypto::SecretBytes> ReadPrivateFile(const std::string& path, std::size_t size_max,
                                                    FileTrust trust = FileTrust::kOwner);

// Makes a file that is on disk before it can be seen under its name. False if there is such a file
// already, which is then left as it is. Of several processes that try at once, one succeeds.
absl::StatusOr<bool> CreatePrivateFile(const std::string& path, std::string_view content,
                                       Random& random);

// Makes a file, or puts another in its place in one step that a crash cannot halve, and overwrites
// the content of the one before. One caller at a time: it works on `<path>.new`, which is what a
// crash may leave, and which the next call replaces.
absl::Status ReplacePrivateFile(const std::string& path, std::string_view content);

// Overwrites a file and removes it for good, with what ReplacePrivateFile() may have left. OK if
// there is none.
absl::Status DestroyPrivateFile(const std::string& path);

}  // namespace clinicd::auth
