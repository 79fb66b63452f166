// Hashes of a Merkle tree as RFC 6962 section 2.1 has them, with SHA-256.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/crypto/digest.h"

namespace clinicd::merkle {

using Hash = crypto::Sha256Digest;
using crypto::AsView;

inline constexpr std::size_t kHashSize = 32;
// Trees have at most this many leaves. Every size and index above it is refused, so that sums of
// two of them do not overflow.
inline constexpr std::uint64_t kTreeSizeMax = (std::uint64_t{1} << 63) - 1;
// No path in such a tree is longer.
inline constexpr std::size_t kPathLengthMax = 64;

// SHA-256(0x00 || content).
Hash HashLeaf(std::string_view content);
// SHA-256(0x01 || left || right).
Hash HashNode(const Hash& left, const Hash& right);
// The root of the tree without leaves: SHA-256 of nothing.
Hash EmptyRoot();

// The hash that `bytes` are; nullopt unless they are 32.
std::optional<Hash> ToHash(std::string_view bytes);

// A proof as it travels; nullopt unless it has at most kPathLengthMax parts and each has 32 bytes.
std::optional<std::vector<Hash>> ToHashes(std::span<const std::string> parts);

// The root over `leaves`, the hashes of all leaves of a tree, in one go. For small trees and tests;
// Frontier does it leaf by leaf.
Hash RootOf(std::span<const Hash> leaves);

}  // namespace clinicd::merkle
