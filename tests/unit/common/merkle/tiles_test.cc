#include "common/merkle/tiles.h"

#include <catch2/catch.hpp>

#include "common/merkle/frontier.h"
#include "tests/unit/common/merkle/oracle.h"

namespace clinicd::merkle {
namespace {

// All complete nodes of a tree, level by level.
std::vector<std::vector<Hash>> NodesOf(Hashes leaves) {
  std::vector<std::vector<Hash>> levels;
  Frontier frontier;
  for (const Hash& leaf : leaves) {
    frontier.Append(leaf, [&](NodeId node, const Hash& hash) {
      levels.resize(std::max(levels.size(), static_cast<std::size_t>(node.level) + 1));
      levels[static_cast<std::size_t>(node.level)].push_back(hash);
    });
  }
  return levels;
}

TEST_CASE("Every node is computed from full tiles or the newest leaves", "[merkle][unit]") {
  // At each side of where tiles of the first and the second level become full.
  const std::size_t size =
      GENERATE(1U, 255U, 256U, 257U, 511U, 512U, 700U, 65'535U, 65'536U, 66'000U);
  const auto levels = NodesOf(LeafHashes(size));
  std::size_t wrong = 0;
  for (std::size_t level = 0; level < levels.size(); ++level) {
    for (std::uint64_t index = 0; index < levels[level].size(); ++index) {
      const std::optional<HashRun> run = RunOf({static_cast<int>(level), index}, size);
      REQUIRE(run);
      const Hashes held = levels[static_cast<std::size_t>(run->level)];
      if (FoldRun(held.subspan(run->first, run->count)) != levels[level][index]) ++wrong;
      const TileId tile = run->first_tile();
      const std::uint64_t full = FullTiles(tile.level, size);
      if (run->in_tiles && tile.index + run->tile_count() > full) ++wrong;
      if (!run->in_tiles && (run->level != 0 || run->first < full * kTileWidth)) ++wrong;
      if (run->count < kTileWidth && run->offset() + run->count > kTileWidth) ++wrong;
    }
  }
  CHECK(wrong == 0);
}

TEST_CASE("A node that the tree does not have is nowhere", "[merkle][unit]") {
  CHECK_FALSE(RunOf({0, 0}, 0));
  CHECK_FALSE(RunOf({0, 5}, 5));
  CHECK_FALSE(RunOf({2, 1}, 7));
  CHECK_FALSE(RunOf({-1, 0}, 7));
  CHECK_FALSE(RunOf({64, 0}, kTreeSizeMax));
  CHECK_FALSE(RunOf({0, 0}, kTreeSizeMax + 1));
  CHECK(RunOf({62, 0}, kTreeSizeMax));
  CHECK(FullTiles(0, 255) == 0);
  CHECK(FullTiles(0, 512) == 2);
  CHECK(FullTiles(1, 65'536) == 1);
  CHECK(FullTiles(7, kTreeSizeMax) == 0);
}

}  // namespace
}  // namespace clinicd::merkle
