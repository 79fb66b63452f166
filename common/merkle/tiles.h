// Where the hashes of a tree's nodes are kept: in tiles, 256 hashes of one level each, stored once
// they are full, and for the rest in the hashes of the leaves themselves.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <span>

#include "common/merkle/hash.h"
#include "common/merkle/plan.h"

namespace clinicd::merkle {

inline constexpr int kTileHeight = 8;
inline constexpr std::uint64_t kTileWidth = 256;

// Holds the hashes at tree level kTileHeight * level, positions [kTileWidth * index, kTileWidth *
// (index + 1)).
struct TileId {
  int level = 0;
  std::uint64_t index = 0;

  friend auto operator<=>(const TileId&, const TileId&) = default;
};

// Consecutive hashes of one level, kTileHeight times some number: the positions [first, first +
// count). Their number is a power of two, and FoldRun() of them is the hash of a node.
struct HashRun {
  int level = 0;
  std::uint64_t first = 0;
  std::uint64_t count = 0;
  // Whether they are in stored tiles; else they are hashes of leaves (level 0) in a tile that is
  // not full yet.
  bool in_tiles = false;

  // Of a run in tiles: the first of them, and how many. More than one only where `count` is a
  // multiple of kTileWidth.
  TileId first_tile() const { return {.level = level / kTileHeight, .index = first / kTileWidth}; }
  std::uint64_t tile_count() const { return count <= kTileWidth ? 1 : count / kTileWidth; }
  // Where in the first tile it begins.
  std::uint64_t offset() const { return first % kTileWidth; }

  friend bool operator==(const HashRun&, const HashRun&) = default;
};

// How many tiles of a level are full in a tree of `size` leaves. Zero for levels that no tree
// reaches; `level` must not be negative.
std::uint64_t FullTiles(int level, std::uint64_t size);

// The hashes that `node` is computed from in a tree of `size` leaves: at most 256 * 128, and at
// most 256 unless the node is to the right of the last full tile of its level. nullopt unless the
// tree has all leaves below `node`.
std::optional<HashRun> RunOf(NodeId node, std::uint64_t size);

// The root over `run`, whose length must be a power of two: that node's hash.
Hash FoldRun(std::span<const Hash> run);

}  // namespace clinicd::merkle
