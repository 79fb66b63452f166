// Errors that arise before the server is asked.
#pragma once

#include <cstddef>
#include <string_view>

#include "absl/status/status.h"

namespace clinicd::edge {

absl::Status MethodUnknown();
absl::Status MessageMalformed(std::string_view sentence);
absl::Status MessageTooLarge(std::size_t bytes_max);
// Not on the wire, but once it is parsed.
absl::Status MessageTooHeavy(std::size_t bytes_max);
absl::Status MessageCountWrong();
absl::Status EncodingUnknown();
absl::Status CompressedUnannounced();

}  // namespace clinicd::edge
