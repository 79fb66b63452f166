// Sizes that both the front door and the gRPC server keep to.
#pragma once

#include <cstddef>

namespace clinicd::server {

// A request is a screen's worth of fields; uploads come in chunks.
inline constexpr std::size_t kReceiveBytesMax = 256 * 1024;
inline constexpr std::size_t kSendBytesMax = 4 * 1024 * 1024;

}  // namespace clinicd::server
