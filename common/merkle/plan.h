// Makes proofs in two steps, so that whoever keeps the nodes can fetch them all at once: which
// nodes a proof needs, then the proof out of their hashes.
#pragma once

#include <compare>
#include <cstdint>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "common/merkle/hash.h"

namespace clinicd::merkle {

// A complete subtree: the one over the leaves [index << level, (index + 1) << level).
struct NodeId {
  int level = 0;
  std::uint64_t index = 0;

  friend auto operator<=>(const NodeId&, const NodeId&) = default;
};

// What a proof is made of. A part of a proof is the root of a subtree that may lack its right edge;
// such a root is computed from several complete subtrees.
class ProofPlan final {
 public:
  // Adds a part: the root over the leaves [begin, end), where `begin` is a multiple of the smallest
  // power of two that is not less than their number.
  void AddPart(std::uint64_t begin, std::uint64_t end);

  // The nodes whose hashes Assemble() takes, in its order.
  const std::vector<NodeId>& nodes() const { return nodes_; }

  // The proof. INVALID_ARGUMENT unless there is one hash for each node.
  absl::StatusOr<std::vector<Hash>> Assemble(std::span<const Hash> hashes) const;

 private:
  std::vector<NodeId> nodes_;
  // How many of the nodes each part takes.
  std::vector<std::size_t> part_sizes_;
};

// The path of the leaf at `index` in the tree of `size` leaves. INVALID_ARGUMENT unless index <
// size
// <= kTreeSizeMax.
absl::StatusOr<ProofPlan> NodesForInclusion(std::uint64_t index, std::uint64_t size);

// That the tree of `new_size` leaves begins with that of `old_size`. INVALID_ARGUMENT unless
// 1 <= old_size <= new_size <= kTreeSizeMax: everything begins with the empty tree.
absl::StatusOr<ProofPlan> NodesForConsistency(std::uint64_t old_size, std::uint64_t new_size);

}  // namespace clinicd::merkle
