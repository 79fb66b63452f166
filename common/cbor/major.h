// The numbers of RFC 8949 section 3 that Reader and Writer share.
#pragma once

#include <cstdint>

namespace clinicd::cbor {

inline constexpr std::uint8_t kUint = 0;
inline constexpr std::uint8_t kNegative = 1;
inline constexpr std::uint8_t kBytes = 2;
inline constexpr std::uint8_t kText = 3;
inline constexpr std::uint8_t kArray = 4;
inline constexpr std::uint8_t kNullByte = 0xf6;
// Arguments below this are in the head itself; this and the next three say 1, 2, 4, 8 more bytes.
inline constexpr std::uint8_t kOneByte = 24;

}  // namespace clinicd::cbor
