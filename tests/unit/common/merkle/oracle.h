// RFC 6962 section 2.1 word for word, slow and without cleverness, to judge the library by.
#pragma once

#include <bit>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "common/merkle/hash.h"
#include "common/merkle/plan.h"

namespace clinicd::merkle {

using Hashes = std::span<const Hash>;

inline std::vector<Hash> LeafHashes(std::size_t count) {
  std::vector<Hash> leaves;
  for (std::size_t i = 0; i < count; ++i) leaves.push_back(HashLeaf("leaf " + std::to_string(i)));
  return leaves;
}

// MTH(D[n]) of leaves that are hashed already.
inline Hash OracleRoot(Hashes leaves) {
  if (leaves.empty()) return crypto::Sha256("");
  if (leaves.size() == 1) return leaves[0];
  const std::size_t k = std::bit_floor(leaves.size() - 1);
  return HashNode(OracleRoot(leaves.first(k)), OracleRoot(leaves.subspan(k)));
}

// PATH(m, D[n]).
inline std::vector<Hash> OraclePath(std::size_t m, Hashes leaves) {
  if (leaves.size() <= 1) return {};
  const std::size_t k = std::bit_floor(leaves.size() - 1);
  const bool left = m < k;
  std::vector<Hash> path =
      left ? OraclePath(m, leaves.first(k)) : OraclePath(m - k, leaves.subspan(k));
  path.push_back(OracleRoot(left ? leaves.subspan(k) : leaves.first(k)));
  return path;
}

// SUBPROOF(m, D[n], b).
inline std::vector<Hash> OracleConsistency(std::size_t m, Hashes leaves, bool whole = true) {
  if (m == leaves.size()) {
    return whole ? std::vector<Hash>{} : std::vector<Hash>{OracleRoot(leaves)};
  }
  const std::size_t k = std::bit_floor(leaves.size() - 1);
  const bool left = m <= k;
  std::vector<Hash> proof = left ? OracleConsistency(m, leaves.first(k), whole)
                                 : OracleConsistency(m - k, leaves.subspan(k), false);
  proof.push_back(OracleRoot(left ? leaves.subspan(k) : leaves.first(k)));
  return proof;
}

// The hash of a complete subtree.
inline Hash OracleNode(NodeId node, Hashes leaves) {
  return OracleRoot(leaves.subspan(node.index << node.level, std::size_t{1} << node.level));
}

inline std::vector<Hash> OracleNodes(const std::vector<NodeId>& nodes, Hashes leaves) {
  std::vector<Hash> hashes;
  for (const NodeId& node : nodes) hashes.push_back(OracleNode(node, leaves));
  return hashes;
}

}  // namespace clinicd::merkle
