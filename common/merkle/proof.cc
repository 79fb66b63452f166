#include "common/merkle/proof.h"

#include <bit>

namespace clinicd::merkle {

std::optional<Hash> RootFromInclusion(std::uint64_t index, std::uint64_t size, const Hash& leaf,
                                      std::span<const Hash> proof) {
  if (size > kTreeSizeMax || index >= size) return std::nullopt;
  Hash root = leaf;
  std::uint64_t last = size - 1;
  for (const Hash& sibling : proof) {
    if (last == 0) return std::nullopt;
    if ((index & 1) == 1) {
      root = HashNode(sibling, root);
    } else if (index < last) {
      root = HashNode(root, sibling);
    } else {
      // A right edge without sibling: go up to where it has one.
      const int up = std::countr_zero(index);
      index >>= up;
      last >>= up;
      root = HashNode(sibling, root);
    }
    index >>= 1;
    last >>= 1;
  }
  if (last != 0) return std::nullopt;
  return root;
}

bool InclusionHolds(std::uint64_t index, std::uint64_t size, const Hash& leaf,
                    std::span<const Hash> proof, std::string_view root) {
  const std::optional<Hash> computed = RootFromInclusion(index, size, leaf, proof);
  return computed && AsView(*computed) == root;
}

bool ConsistencyHolds(std::uint64_t old_size, std::string_view old_root, std::uint64_t new_size,
                      std::string_view new_root, std::span<const Hash> proof) {
  if (old_size == 0 || old_size > new_size || new_size > kTreeSizeMax) return false;
  if (old_size == new_size) return proof.empty() && old_root == new_root;
  const std::optional<Hash> whole = ToHash(old_root);
  if (!whole) return false;
  // The largest subtree that both trees end their old part with; all of the old tree if that is a
  // perfect one, and then the proof leaves it out.
  const int shared = std::countr_zero(old_size);
  std::uint64_t old_last = (old_size - 1) >> shared;
  std::uint64_t new_last = (new_size - 1) >> shared;
  if (old_last != 0 && proof.empty()) return false;
  Hash old_computed = old_last == 0 ? *whole : proof.front();
  Hash new_computed = old_computed;
  if (old_last != 0) proof = proof.subspan(1);
  for (const Hash& sibling : proof) {
    if (new_last == 0) return false;
    if ((old_last & 1) == 1 || old_last == new_last) {
      const int up = (old_last & 1) == 1 ? 0 : std::countr_zero(old_last);
      old_last >>= up;
      new_last >>= up;
      old_computed = HashNode(sibling, old_computed);
      new_computed = HashNode(sibling, new_computed);
    } else {
      new_computed = HashNode(new_computed, sibling);
    }
    old_last >>= 1;
    new_last >>= 1;
  }
  return new_last == 0 && AsView(old_computed) == old_root && AsView(new_computed) == new_root;
}

}  // namespace clinicd::merkle
