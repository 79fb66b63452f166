// A tree while leaves are added to it.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "common/merkle/frontier.h"
#include "common/merkle/tiles.h"

namespace clinicd::audit {

// Adds leaves to what a tree was before, and remembers what has to be stored. Not thread-safe.
class GrowingTree final {
 public:
  explicit GrowingTree(merkle::Frontier frontier) : frontier_(std::move(frontier)) {}

  // The place of the leaf.
  std::uint64_t Append(const merkle::Hash& leaf);

  const merkle::Frontier& frontier() const { return frontier_; }
  // The tiles that have become full, in an order in which each comes after those that it is made
  // from.
  const std::vector<merkle::TileId>& full_tiles() const { return full_tiles_; }

 private:
  merkle::Frontier frontier_;
  std::vector<merkle::TileId> full_tiles_;
};

}  // namespace clinicd::audit
