// The right edge of a growing tree: all that is needed to append to it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "common/merkle/hash.h"
#include "common/merkle/plan.h"

namespace clinicd::merkle {

// The roots of the perfect subtrees that a tree's leaves split into, largest first: one for each
// bit that is set in the number of leaves, hence at most 63. A value; threads share one only to
// read.
class Frontier final {
 public:
  // Of the empty tree.
  Frontier() = default;

  // INVALID_ARGUMENT unless there are as many peaks as a tree of `size` leaves has, and `size` is
  // at most kTreeSizeMax.
  static absl::StatusOr<Frontier> FromPeaks(std::uint64_t size, std::vector<Hash> peaks);
  // Reads what Serialize() wrote, and nothing else.
  static absl::StatusOr<Frontier> Parse(std::string_view bytes);
  // The size in eight bytes, big-endian, then the peaks.
  std::string Serialize() const;

  // Adds a leaf's hash. The tree must have fewer than kTreeSizeMax leaves, which no log reaches.
  void Append(const Hash& leaf);
  // The same; `completed` is told every node that the leaf completes, itself first, upwards.
  void Append(const Hash& leaf, absl::FunctionRef<void(NodeId, const Hash&)> completed);

  std::uint64_t size() const { return size_; }
  const std::vector<Hash>& peaks() const { return peaks_; }
  Hash Root() const;

  friend bool operator==(const Frontier&, const Frontier&) = default;

 private:
  std::uint64_t size_ = 0;
  std::vector<Hash> peaks_;
};

}  // namespace clinicd::merkle
