// Files that hold one secret key each.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/auth/private_file.h"
#include "common/base/random.h"
#include "common/crypto/secret.h"

namespace clinicd::auth {

inline constexpr std::size_t kKeySize = 32;
// The keys above those of the clinics: `master-<number>.key`.
inline constexpr std::string_view kMasterPurpose = "master";
// What signs checkpoints of the audit log: `audit-log-<number>.key`.
inline constexpr std::string_view kAuditLogPurpose = "audit-log";

// "<purpose>-<number>", the name of a key.
std::string KeyName(std::string_view purpose, std::uint32_t number);

// The numbers of the keys of `purpose` in `directory`, in ascending order.
absl::StatusOr<std::vector<std::uint32_t>> ListKeyNumbers(const std::string& directory,
                                                          std::string_view purpose);

// Reads the key called `name` from `<directory>/<name>.key`. FAILED_PRECONDITION, with the file,
// the cause and the way out in words for the operator, if the file is missing, is not a regular
// file of this user's or root's, may be read or written by others, or holds anything but that key.
absl::StatusOr<crypto::SecretBytes> ReadKeyFile(const std::string& directory, std::string_view name,
                                                FileTrust trust = FileTrust::kOwner);

// Makes `<directory>/<name>.key` from 32 random bytes, readable by its owner only, on disk before
// it can be seen under its name. True if it was made, false if there is such a file already, which
// is then left as it is.
absl::StatusOr<bool> MakeKeyFile(const std::string& directory, std::string_view name,
                                 Random& random);

// Creates `directory`, closed to others, unless it exists. Its parent must exist.
absl::Status MakeKeyDirectory(const std::string& directory);

// FAILED_PRECONDITION unless `directory` is one that only this user and root can write to.
absl::Status CheckKeyDirectory(const std::string& directory);

}  // namespace clinicd::auth
