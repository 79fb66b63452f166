// Latencies, kept so that any number of them takes the same memory.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "absl/time/time.h"

namespace clinicd::bench {

// Counts durations in log-linear buckets: every power of two of nanoseconds is cut into 128 equal
// parts, so that what is read is at most 0.8 % off. Not thread-safe.
class Histogram final {
 public:
  // Negative durations count as zero, longer ones than the longest as that.
  void Add(absl::Duration duration);
  // Adds all that `other` counted.
  void Merge(const Histogram& other);

  std::int64_t count() const { return count_; }
  // The exact longest one; zero when empty.
  absl::Duration max() const { return absl::Nanoseconds(max_); }
  absl::Duration Mean() const;
  // The smallest duration that at least this share, from 0 to 1, is not longer than; zero when
  // empty.
  absl::Duration Quantile(double share) const;

  static constexpr absl::Duration kLongest = absl::Seconds(68);

 private:
  static constexpr int kPartsBits = 7;
  static constexpr std::uint64_t kParts = std::uint64_t{1} << kPartsBits;
  // Enough for 2^36 nanoseconds.
  static constexpr std::size_t kBuckets = (36 - kPartsBits + 1) * kParts;

  static std::size_t BucketOf(std::uint64_t nanos);
  static std::uint64_t MiddleOf(std::size_t bucket);

  std::array<std::int64_t, kBuckets> buckets_ = {};
  std::int64_t count_ = 0;
  std::int64_t max_ = 0;
  double sum_ = 0;
};

}  // namespace clinicd::bench
