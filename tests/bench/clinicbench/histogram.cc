#include "tests/bench/clinicbench/histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace clinicd::bench {

std::size_t Histogram::BucketOf(std::uint64_t nanos) {
  if (nanos < kParts) return static_cast<std::size_t>(nanos);
  const int shift = static_cast<int>(std::bit_width(nanos)) - 1 - kPartsBits;
  return static_cast<std::size_t>((static_cast<std::uint64_t>(shift) << kPartsBits) +
                                  (nanos >> shift));
}

std::uint64_t Histogram::MiddleOf(std::size_t bucket) {
  if (bucket < 2 * kParts) return bucket;
  const auto shift = (bucket >> kPartsBits) - 1;
  const std::uint64_t low = (kParts + (bucket & (kParts - 1))) << shift;
  return low + (std::uint64_t{1} << shift) / 2;
}

void Histogram::Add(absl::Duration duration) {
  const std::int64_t nanos =
      absl::ToInt64Nanoseconds(std::clamp(duration, absl::ZeroDuration(), kLongest));
  ++buckets_.at(BucketOf(static_cast<std::uint64_t>(nanos)));
  ++count_;
  max_ = std::max(max_, nanos);
  sum_ += static_cast<double>(nanos);
}

void Histogram::Merge(const Histogram& other) {
  for (std::size_t i = 0; i < kBuckets; ++i) buckets_.at(i) += other.buckets_.at(i);
  count_ += other.count_;
  max_ = std::max(max_, other.max_);
  sum_ += other.sum_;
}

absl::Duration Histogram::Mean() const {
  return count_ == 0 ? absl::ZeroDuration() : absl::Nanoseconds(sum_ / static_cast<double>(count_));
}

absl::Duration Histogram::Quantile(double share) const {
  if (count_ == 0) return absl::ZeroDuration();
  const auto wanted = std::clamp<std::int64_t>(
      static_cast<std::int64_t>(std::ceil(share * static_cast<double>(count_))), 1, count_);
  if (wanted == count_) return max();
  std::int64_t seen = 0;
  std::size_t bucket = 0;
  while (bucket < kBuckets - 1 && seen + buckets_.at(bucket) < wanted) {
    seen += buckets_.at(bucket++);
  }
  return absl::Nanoseconds(std::min(static_cast<std::int64_t>(MiddleOf(bucket)), max_));
}

}  // namespace clinicd::bench
