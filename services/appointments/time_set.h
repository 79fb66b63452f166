// Sets of instants: working hours, what is booked, where a visit could start.
#pragma once

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "absl/time/time.h"

namespace clinicd::appointments {

// The instants from `begin` to before `end`; none where `end` is not after `begin`.
struct TimeRange {
  absl::Time begin = {};
  absl::Time end = {};

  bool empty() const { return begin >= end; }
  bool Contains(absl::Time time) const { return begin <= time && time < end; }
  bool Contains(const TimeRange& other) const { return begin <= other.begin && other.end <= end; }
  bool Overlaps(const TimeRange& other) const {
    return std::max(begin, other.begin) < std::min(end, other.end);
  }

  friend bool operator==(const TimeRange& a, const TimeRange& b) {
    return a.begin == b.begin && a.end == b.end;
  }
};

// A set of instants, kept as the fewest ranges: sorted, none of them empty, none touching the next.
// Sets with the same instants are therefore equal. A value; concurrent reads are safe.
class TimeSet final {
 public:
  TimeSet() = default;
  // The instants of any of `ranges`, which come in any order and may overlap. n log n.
  explicit TimeSet(std::vector<TimeRange> ranges);
  explicit TimeSet(const TimeRange& range);

  // Put in and take out the instants of one range. Linear.
  void Add(const TimeRange& range);
  void Subtract(const TimeRange& range);

  const std::vector<TimeRange>& ranges() const& { return ranges_; }
  // By value, so that a loop over the ranges of a temporary set does not outlive them.
  std::vector<TimeRange> ranges() && { return std::move(ranges_); }
  bool empty() const { return ranges_.empty(); }

  // Whether all instants of `range` are in the set; an empty range always is. Logarithmic, like
  // the next two.
  bool Contains(const TimeRange& range) const;
  bool Contains(absl::Time time) const;
  // Whether any instant of `range` is in the set.
  bool Overlaps(const TimeRange& range) const;

  // The first instant of `range` that is not in the set; nullopt if all are.
  std::optional<absl::Time> FirstMissing(const TimeRange& range) const;

  // The earliest instant from `earliest` on at which something of `length`, which is positive,
  // can begin and stay in the set to its end; nullopt where nothing so long fits.
  std::optional<absl::Time> FirstFit(absl::Time earliest, absl::Duration length) const;

  // How long the instants last that are in the set and in `range`.
  absl::Duration LengthWithin(const TimeRange& range) const;

  friend bool operator==(const TimeSet& a, const TimeSet& b) { return a.ranges_ == b.ranges_; }

 private:
  friend TimeSet Intersection(const TimeSet& a, const TimeSet& b);
  friend TimeSet Difference(const TimeSet& a, const TimeSet& b);

  // Where the first range that ends after `time` is.
  std::vector<TimeRange>::const_iterator FirstEndingAfter(absl::Time time) const;

  std::vector<TimeRange> ranges_;
};

// The instants of either set, of both, and of `a` alone. Linear in the ranges of both.
TimeSet Union(const TimeSet& a, const TimeSet& b);
TimeSet Intersection(const TimeSet& a, const TimeSet& b);
TimeSet Difference(const TimeSet& a, const TimeSet& b);

}  // namespace clinicd::appointments
