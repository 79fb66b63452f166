// Checks proofs (RFC 6962 sections 2.1.1 and 2.1.2; the algorithms are those of RFC 9162).
// Everything here may come from a liar: any sizes, indexes, roots and proofs get an answer, in a
// time bounded by the length of the proof.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "common/merkle/hash.h"

namespace clinicd::merkle {

// The root that `proof` leads to from the leaf at `index` of a tree of `size` leaves; nullopt if
// there is no such leaf or no such proof: too short, too long, a size above kTreeSizeMax.
std::optional<Hash> RootFromInclusion(std::uint64_t index, std::uint64_t size, const Hash& leaf,
                                      std::span<const Hash> proof);

// Whether the leaf is where it is said to be.
bool InclusionHolds(std::uint64_t index, std::uint64_t size, const Hash& leaf,
                    std::span<const Hash> proof, std::string_view root);

// Whether the tree of `new_size` leaves begins with the one of `old_size`. False for an empty old
// tree, about which there is nothing to prove. Equal sizes need equal roots and no proof.
bool ConsistencyHolds(std::uint64_t old_size, std::string_view old_root, std::uint64_t new_size,
                      std::string_view new_root, std::span<const Hash> proof);

}  // namespace clinicd::merkle
