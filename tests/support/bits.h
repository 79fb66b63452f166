// Bending bytes.
#pragma once

#include <string>

namespace clinicd::merkle {

// `bytes` with one bit changed, counted from the first byte's lowest.
inline std::string WithBitFlipped(std::string bytes, std::size_t bit) {
  const auto byte = static_cast<unsigned char>(bytes[bit / 8]);
  bytes[bit / 8] = static_cast<char>(byte ^ (1U << (bit % 8)));
  return bytes;
}

}  // namespace clinicd::merkle
