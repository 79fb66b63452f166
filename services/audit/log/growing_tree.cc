#include "services/audit/log/growing_tree.h"

namespace clinicd::audit {

std::uint64_t GrowingTree::Append(const merkle::Hash& leaf) {
  const std::uint64_t place = frontier_.size();
  frontier_.Append(leaf, [this](merkle::NodeId node, const merkle::Hash&) {
    // The root of a tile is a node of the tile above it.
    if (node.level == 0 || node.level % merkle::kTileHeight != 0) return;
    full_tiles_.push_back({.level = node.level / merkle::kTileHeight - 1, .index = node.index});
  });
  return place;
}

}  // namespace clinicd::audit
