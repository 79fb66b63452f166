#include "common/merkle/tiles.h"

namespace clinicd::merkle {
namespace {

constexpr int kSizeBits = 63;

}  // namespace

std::uint64_t FullTiles(int level, std::uint64_t size) {
  const int shift = kTileHeight * (level + 1);
  return shift < kSizeBits ? size >> shift : 0;
}

std::optional<HashRun> RunOf(NodeId node, std::uint64_t size) {
  if (size > kTreeSizeMax || node.level < 0 || node.level >= kSizeBits ||
      node.index >= (size >> node.level)) {
    return std::nullopt;
  }
  const int tile_level = node.level / kTileHeight;
  const int above = node.level % kTileHeight;
  HashRun run{.level = tile_level * kTileHeight,
              .first = node.index << above,
              .count = std::uint64_t{1} << above,
              .in_tiles = true};
  if (run.first / kTileWidth < FullTiles(tile_level, size)) return run;
  run.in_tiles = tile_level > 0;
  if (tile_level > 0) {
    // The tile is not stored yet, but those below this node are: each of its hashes is one of them.
    run.level -= kTileHeight;
    run.first *= kTileWidth;
    run.count *= kTileWidth;
  }
  return run;
}

Hash FoldRun(std::span<const Hash> run) { return RootOf(run); }

}  // namespace clinicd::merkle
