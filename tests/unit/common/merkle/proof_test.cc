#include "common/merkle/proof.h"

#include <catch2/catch.hpp>
#include <map>

#include "common/merkle/frontier.h"
#include "common/merkle/plan.h"
#include "tests/unit/common/merkle/oracle.h"

namespace clinicd::merkle {
namespace {

constexpr std::uint64_t kTooLarge = std::uint64_t{1} << 63;

std::vector<Hash> ProofOf(const absl::StatusOr<ProofPlan>& plan, Hashes leaves) {
  return *plan->Assemble(OracleNodes(plan->nodes(), leaves));
}

TEST_CASE("Every leaf of every tree up to 512 leaves is proven, as the oracle does",
          "[merkle][unit]") {
  const std::vector<Hash> all = LeafHashes(512);
  std::size_t wrong = 0;
  for (std::size_t size = 1; size <= all.size(); ++size) {
    const Hashes leaves = Hashes(all).first(size);
    const Hash root = RootOf(leaves);
    // The oracle's own path takes quadratic time; the small trees and some large ones have to do.
    const bool with_oracle = size <= 96 || size % 64 <= 1;
    Frontier frontier;
    std::map<NodeId, Hash> nodes;
    for (const Hash& leaf : leaves) {
      frontier.Append(leaf, [&](NodeId node, const Hash& hash) { nodes[node] = hash; });
    }
    for (std::size_t index = 0; index < size; ++index) {
      const absl::StatusOr<ProofPlan> plan = NodesForInclusion(index, size);
      std::vector<Hash> hashes;
      for (const NodeId& node : plan->nodes()) hashes.push_back(nodes.at(node));
      const std::vector<Hash> proof = *plan->Assemble(hashes);
      if (with_oracle && proof != OraclePath(index, leaves)) ++wrong;
      if (!InclusionHolds(index, size, leaves[index], proof, AsView(root))) ++wrong;
      // The same path does not prove the neighbour's place, nor another tree's.
      if (InclusionHolds(index ^ 1, size, leaves[index], proof, AsView(root))) ++wrong;
      if (InclusionHolds(index, size, all[(index + 1) % 512], proof, AsView(root))) ++wrong;
    }
  }
  CHECK(wrong == 0);
}

TEST_CASE("Every tree up to 128 leaves is consistent with all before it, as the oracle says",
          "[merkle][unit]") {
  const std::vector<Hash> all = LeafHashes(128);
  std::vector<Hash> roots;
  for (std::size_t size = 0; size <= all.size(); ++size) {
    roots.push_back(RootOf(Hashes(all).first(size)));
  }
  std::size_t wrong = 0;
  for (std::size_t size = 1; size <= all.size(); ++size) {
    const Hashes leaves = Hashes(all).first(size);
    for (std::size_t old_size = 1; old_size <= size; ++old_size) {
      const std::vector<Hash> proof = ProofOf(NodesForConsistency(old_size, size), leaves);
      const auto holds = [&](std::size_t from, const Hash& old_root, std::size_t to,
                             const Hash& new_root) {
        return ConsistencyHolds(from, AsView(old_root), to, AsView(new_root), proof);
      };
      if (proof != OracleConsistency(old_size, leaves)) ++wrong;
      if (!holds(old_size, roots[old_size], size, roots[size])) ++wrong;
      if (old_size == size) continue;
      if (holds(old_size, roots[size], size, roots[old_size])) ++wrong;
      if (holds(size, roots[size], old_size, roots[old_size])) ++wrong;
      if (holds(old_size, EmptyRoot(), size, roots[size])) ++wrong;
      if (holds(old_size, roots[old_size], size, EmptyRoot())) ++wrong;
    }
  }
  CHECK(wrong == 0);
}

TEST_CASE("A proof with one bit, one part or one number changed proves nothing", "[merkle][unit]") {
  const std::size_t size = GENERATE(2U, 3U, 7U, 8U, 21U, 33U);
  const std::vector<Hash> leaves = LeafHashes(size);
  const Hash root = RootOf(leaves);
  for (std::size_t index = 0; index < size; ++index) {
    const std::vector<Hash> proof = ProofOf(NodesForInclusion(index, size), leaves);
    const auto holds = [&](const std::vector<Hash>& path) {
      return InclusionHolds(index, size, leaves[index], path, AsView(root));
    };
    for (std::size_t bit = 0; bit < proof.size() * 256; ++bit) {
      std::vector<Hash> bent = proof;
      bent[bit / 256][bit % 256 / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
      CHECK_FALSE(holds(bent));
    }
    std::vector<Hash> longer = proof;
    longer.push_back(proof.back());
    std::vector<Hash> shorter = proof;
    shorter.pop_back();
    std::vector<Hash> doubled{proof.front()};
    for (const Hash& part : proof) doubled.push_back(part);
    CHECK_FALSE(holds(longer));
    CHECK_FALSE(holds(shorter));
    CHECK_FALSE(holds(doubled));
    CHECK_FALSE(holds({}));
    for (const std::uint64_t wrong : {index + size, kTooLarge + index, kTreeSizeMax}) {
      CHECK_FALSE(InclusionHolds(wrong, size, leaves[index], proof, AsView(root)));
    }
  }
}

TEST_CASE("Sizes and roots of a liar prove nothing", "[merkle][unit]") {
  const std::vector<Hash> leaves = LeafHashes(6);
  const Hash root = RootOf(leaves);
  const Hash old_root = RootOf(Hashes(leaves).first(3));
  const std::vector<Hash> proof = ProofOf(NodesForConsistency(3, 6), leaves);
  const std::vector<Hash> long_path(200, root);
  const auto holds = [&](std::uint64_t from, std::uint64_t to, const std::vector<Hash>& path) {
    return ConsistencyHolds(from, AsView(old_root), to, AsView(root), path);
  };

  REQUIRE(holds(3, 6, proof));
  for (const std::uint64_t size : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{2},
                                   std::uint64_t{4}, kTreeSizeMax, kTooLarge, ~std::uint64_t{0}}) {
    CAPTURE(size);
    CHECK_FALSE(holds(size, 6, proof));
    CHECK_FALSE(holds(3, size, proof));
    CHECK_FALSE(holds(size, size, proof));
    CHECK_FALSE(holds(size, size, {}));
    CHECK_FALSE(holds(1, size, long_path));
    CHECK_FALSE(holds(size, kTreeSizeMax, long_path));
    CHECK_FALSE(InclusionHolds(size, size, leaves[0], {}, AsView(leaves[0])));
    CHECK_FALSE(InclusionHolds(0, size, leaves[0], long_path, AsView(root)));
  }
  // Nothing is proven about the empty tree, whatever its root is called.
  CHECK_FALSE(ConsistencyHolds(0, AsView(EmptyRoot()), 6, AsView(root), {}));
  CHECK_FALSE(ConsistencyHolds(0, AsView(EmptyRoot()), 0, AsView(EmptyRoot()), {}));
  CHECK_FALSE(ConsistencyHolds(3, AsView(old_root).substr(1), 6, AsView(root), proof));
  CHECK_FALSE(ConsistencyHolds(3, AsView(old_root), 6, AsView(root).substr(1), proof));
  CHECK_FALSE(ConsistencyHolds(3, "", 6, "", proof));
}

TEST_CASE("Proofs that cannot be are not planned", "[merkle][unit]") {
  CHECK_FALSE(NodesForInclusion(0, 0).ok());
  CHECK_FALSE(NodesForInclusion(1, 1).ok());
  CHECK_FALSE(NodesForInclusion(0, kTooLarge).ok());
  CHECK_FALSE(NodesForConsistency(0, 1).ok());
  CHECK_FALSE(NodesForConsistency(2, 1).ok());
  CHECK_FALSE(NodesForConsistency(1, kTooLarge).ok());
  CHECK(NodesForInclusion(kTreeSizeMax - 1, kTreeSizeMax)->nodes().size() == 62);
  CHECK(NodesForConsistency(1, kTreeSizeMax).ok());
  CHECK_FALSE(NodesForInclusion(0, 2)->Assemble({}).ok());
  CHECK(NodesForConsistency(5, 5)->Assemble({})->empty());
}

TEST_CASE("Parts of a proof that are no hashes are refused", "[merkle][unit]") {
  const std::vector<std::string> good(64, std::string(32, 'x'));
  const std::vector<std::string> long_path(65, std::string(32, 'x'));
  const std::vector<std::string> short_part{std::string(31, 'x')};
  const std::vector<std::string> long_part{std::string(33, 'x')};

  CHECK(ToHashes(good)->size() == 64);
  CHECK_FALSE(ToHashes(long_path));
  CHECK_FALSE(ToHashes(short_part));
  CHECK_FALSE(ToHashes(long_part));
}

}  // namespace
}  // namespace clinicd::merkle
