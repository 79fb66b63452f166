// Hashes as the database has them.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/merkle/hash.h"

namespace clinicd::audit {

// 32 bytes each. DATA_LOSS for any other.
absl::StatusOr<std::vector<merkle::Hash>> HashesOf(const std::vector<std::string>& rows);

// Many in one value, one behind the other. DATA_LOSS for a length that is no multiple of 32.
absl::StatusOr<std::vector<merkle::Hash>> SplitHashes(std::string_view joined);
std::string JoinHashes(std::span<const merkle::Hash> hashes);

}  // namespace clinicd::audit
