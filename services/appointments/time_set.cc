#include "services/appointments/time_set.h"

#include <iterator>
#include <utility>

namespace clinicd::appointments {
namespace {

bool BeginsBefore(const TimeRange& a, const TimeRange& b) { return a.begin < b.begin; }

// The same instants in the fewest ranges; `sorted` is in the order of begins.
std::vector<TimeRange> Joined(std::vector<TimeRange> sorted) {
  std::size_t count = 0;
  for (const TimeRange& range : sorted) {
    if (range.empty()) continue;
    if (count > 0 && range.begin <= sorted[count - 1].end) {
      sorted[count - 1].end = std::max(sorted[count - 1].end, range.end);
    } else {
      sorted[count++] = range;
    }
  }
  sorted.resize(count);
  return sorted;
}

}  // namespace

TimeSet::TimeSet(std::vector<TimeRange> ranges) {
  if (!std::is_sorted(ranges.begin(), ranges.end(), BeginsBefore)) {
    std::sort(ranges.begin(), ranges.end(), BeginsBefore);
  }
  ranges_ = Joined(std::move(ranges));
}

TimeSet::TimeSet(const TimeRange& range) {
  if (!range.empty()) ranges_.push_back(range);
}

void TimeSet::Add(const TimeRange& range) {
  // What comes in order, as from a database, costs nothing.
  if (!range.empty() && (ranges_.empty() || ranges_.back().end < range.begin)) {
    ranges_.push_back(range);
  } else {
    *this = Union(*this, TimeSet(range));
  }
}

void TimeSet::Subtract(const TimeRange& range) { *this = Difference(*this, TimeSet(range)); }

bool TimeSet::Contains(const TimeRange& range) const {
  if (range.empty()) return true;
  const auto found = FirstEndingAfter(range.begin);
  return found != ranges_.end() && found->Contains(range);
}

bool TimeSet::Contains(absl::Time time) const {
  const auto found = FirstEndingAfter(time);
  return found != ranges_.end() && found->Contains(time);
}

bool TimeSet::Overlaps(const TimeRange& range) const {
  const auto found = FirstEndingAfter(range.begin);
  return found != ranges_.end() && found->Overlaps(range);
}

std::optional<absl::Time> TimeSet::FirstMissing(const TimeRange& range) const {
  if (range.empty()) return std::nullopt;
  const auto found = FirstEndingAfter(range.begin);
  if (found == ranges_.end() || !found->Contains(range.begin)) return range.begin;
  return found->end < range.end ? std::optional(found->end) : std::nullopt;
}

std::optional<absl::Time> TimeSet::FirstFit(absl::Time earliest, absl::Duration length) const {
  for (auto range = FirstEndingAfter(earliest); range != ranges_.end(); ++range) {
    const absl::Time begin = std::max(range->begin, earliest);
    if (range->end - begin >= length) return begin;
  }
  return std::nullopt;
}

absl::Duration TimeSet::LengthWithin(const TimeRange& range) const {
  absl::Duration length;
  if (range.empty()) return length;
  for (auto it = FirstEndingAfter(range.begin); it != ranges_.end() && it->begin < range.end;
       ++it) {
    length += std::min(it->end, range.end) - std::max(it->begin, range.begin);
  }
  return length;
}

std::vector<TimeRange>::const_iterator TimeSet::FirstEndingAfter(absl::Time time) const {
  return std::upper_bound(ranges_.begin(), ranges_.end(), time,
                          [](absl::Time t, const TimeRange& range) { return t < range.end; });
}

TimeSet Union(const TimeSet& a, const TimeSet& b) {
  std::vector<TimeRange> merged;
  merged.reserve(a.ranges().size() + b.ranges().size());
  std::merge(a.ranges().begin(), a.ranges().end(), b.ranges().begin(), b.ranges().end(),
             std::back_inserter(merged), BeginsBefore);
  return TimeSet(std::move(merged));
}

TimeSet Intersection(const TimeSet& a, const TimeSet& b) {
  TimeSet both;
  auto of_b = b.ranges_.begin();
  for (const TimeRange& of_a : a.ranges_) {
    while (of_b != b.ranges_.end() && of_b->end <= of_a.begin) ++of_b;
    for (auto it = of_b; it != b.ranges_.end() && it->begin < of_a.end; ++it) {
      both.ranges_.push_back({std::max(of_a.begin, it->begin), std::min(of_a.end, it->end)});
    }
  }
  return both;
}

TimeSet Difference(const TimeSet& a, const TimeSet& b) {
  TimeSet rest;
  auto of_b = b.ranges_.begin();
  for (const TimeRange& of_a : a.ranges_) {
    while (of_b != b.ranges_.end() && of_b->end <= of_a.begin) ++of_b;
    absl::Time begin = of_a.begin;
    for (auto it = of_b; it != b.ranges_.end() && it->begin < of_a.end; ++it) {
      if (begin < it->begin) rest.ranges_.push_back({begin, it->begin});
      begin = std::max(begin, it->end);
    }
    if (begin < of_a.end) rest.ranges_.push_back({begin, of_a.end});
  }
  return rest;
}

}  // namespace clinicd::appointments
