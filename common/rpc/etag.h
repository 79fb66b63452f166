// Versions of resources as clients see them (AIP-154).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace clinicd::rpc {

// The `etag` of a row: its version in double quotes, for example "\"3\"".
std::string Etag(std::int64_t row_version);

// The version in an etag that Etag() made; nullopt for any other text.
std::optional<std::int64_t> ParseEtag(std::string_view etag);

// ABORTED, ETAG_MISMATCH.
absl::Status EtagMismatch();

}  // namespace clinicd::rpc
