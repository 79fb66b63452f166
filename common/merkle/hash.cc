#include "common/merkle/hash.h"

#include <algorithm>
#include <array>
#include <bit>

namespace clinicd::merkle {

Hash HashLeaf(std::string_view content) {
  std::string bytes;
  bytes.reserve(content.size() + 1);
  bytes.push_back('\x00');
  bytes.append(content);
  return crypto::Sha256(bytes);
}

Hash HashNode(const Hash& left, const Hash& right) {
  std::array<char, 1 + 2 * kHashSize> bytes{'\x01'};
  std::copy(left.begin(), left.end(), bytes.begin() + 1);
  std::copy(right.begin(), right.end(), bytes.begin() + 1 + kHashSize);
  return crypto::Sha256(std::string_view(bytes.data(), bytes.size()));
}

Hash EmptyRoot() { return crypto::Sha256(""); }

std::optional<Hash> ToHash(std::string_view bytes) {
  if (bytes.size() != kHashSize) return std::nullopt;
  Hash hash;
  std::copy(bytes.begin(), bytes.end(), hash.begin());
  return hash;
}

std::optional<std::vector<Hash>> ToHashes(std::span<const std::string> parts) {
  if (parts.size() > kPathLengthMax) return std::nullopt;
  std::vector<Hash> hashes;
  hashes.reserve(parts.size());
  for (const std::string& part : parts) {
    const std::optional<Hash> hash = ToHash(part);
    if (!hash) return std::nullopt;
    hashes.push_back(*hash);
  }
  return hashes;
}

Hash RootOf(std::span<const Hash> leaves) {
  if (leaves.empty()) return EmptyRoot();
  if (leaves.size() == 1) return leaves.front();
  const std::size_t half = std::bit_floor(leaves.size() - 1);
  return HashNode(RootOf(leaves.first(half)), RootOf(leaves.subspan(half)));
}

}  // namespace clinicd::merkle
