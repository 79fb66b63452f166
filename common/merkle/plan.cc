#include "common/merkle/plan.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace clinicd::merkle {
namespace {

struct Range {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

// RFC 6962 builds a path from the leaf up; ranges found on the way down are taken in reverse.
ProofPlan PlanOf(std::vector<Range> downwards) {
  std::reverse(downwards.begin(), downwards.end());
  ProofPlan plan;
  for (const Range& range : downwards) plan.AddPart(range.begin, range.end);
  return plan;
}

// Where a subtree over [begin, end) of two leaves or more is split.
std::uint64_t SplitOf(Range range) {
  return range.begin + std::bit_floor(range.end - range.begin - 1);
}

}  // namespace

void ProofPlan::AddPart(std::uint64_t begin, std::uint64_t end) {
  std::size_t count = 0;
  while (begin < end) {
    const int level = std::countr_zero(std::bit_floor(end - begin));
    nodes_.push_back({.level = level, .index = begin >> level});
    begin += std::uint64_t{1} << level;
    ++count;
  }
  part_sizes_.push_back(count);
}

absl::StatusOr<std::vector<Hash>> ProofPlan::Assemble(std::span<const Hash> hashes) const {
  if (hashes.size() != nodes_.size()) {
    return absl::InvalidArgumentError("a proof needs one hash for each of its nodes");
  }
  std::vector<Hash> proof;
  proof.reserve(part_sizes_.size());
  for (const std::size_t count : part_sizes_) {
    Hash part = hashes[count - 1];
    for (std::size_t i = count - 1; i-- > 0;) part = HashNode(hashes[i], part);
    proof.push_back(part);
    hashes = hashes.subspan(count);
  }
  return proof;
}

absl::StatusOr<ProofPlan> NodesForInclusion(std::uint64_t index, std::uint64_t size) {
  if (size > kTreeSizeMax || index >= size) {
    return absl::InvalidArgumentError("a tree proves only leaves that it has");
  }
  std::vector<Range> siblings;
  for (Range at{.begin = 0, .end = size}; at.end - at.begin > 1;) {
    const std::uint64_t split = SplitOf(at);
    const Range left{.begin = at.begin, .end = split};
    const Range right{.begin = split, .end = at.end};
    at = index < split ? left : right;
    siblings.push_back(index < split ? right : left);
  }
  return PlanOf(std::move(siblings));
}

absl::StatusOr<ProofPlan> NodesForConsistency(std::uint64_t old_size, std::uint64_t new_size) {
  if (old_size == 0 || old_size > new_size || new_size > kTreeSizeMax) {
    return absl::InvalidArgumentError("a tree is consistent with smaller ones that have leaves");
  }
  std::vector<Range> parts;
  Range at{.begin = 0, .end = new_size};
  while (at.end != old_size) {
    const std::uint64_t split = SplitOf(at);
    const Range left{.begin = at.begin, .end = split};
    const Range right{.begin = split, .end = at.end};
    at = old_size <= split ? left : right;
    parts.push_back(old_size <= split ? right : left);
  }
  // The old tree as a whole is what the verifier has; anything less it has to be given.
  if (at.begin != 0) parts.push_back(at);
  return PlanOf(std::move(parts));
}

}  // namespace clinicd::merkle
