#include "services/appointments/time_set.h"

#include <rapidcheck/catch.h>

#include <bitset>
#include <catch2/catch.hpp>

namespace clinicd::appointments {
namespace {

constexpr int kMinutes = 64;
// A bit for each minute: the same set, by other means.
using Minutes = std::bitset<kMinutes>;

absl::Time At(int minute) { return absl::UnixEpoch() + absl::Minutes(minute); }

// Also empty ones, and some whose end is before their begin.
rc::Gen<TimeRange> AnyRange() {
  return rc::gen::map(
      rc::gen::pair(rc::gen::inRange(0, kMinutes + 1), rc::gen::inRange(0, kMinutes + 1)),
      [](const std::pair<int, int>& ends) {
        return TimeRange{At(ends.first), At(ends.second)};
      });
}

Minutes BitsOf(const TimeRange& range) {
  Minutes bits;
  for (int i = 0; i < kMinutes; ++i) {
    bits[static_cast<std::size_t>(i)] = range.begin <= At(i) && At(i) < range.end;
  }
  return bits;
}

Minutes BitsOf(const std::vector<TimeRange>& ranges) {
  Minutes bits;
  for (const TimeRange& range : ranges) bits |= BitsOf(range);
  return bits;
}

void CheckIsFewest(const TimeSet& set) {
  const std::vector<TimeRange>& ranges = set.ranges();
  for (std::size_t i = 0; i < ranges.size(); ++i) {
    RC_ASSERT(ranges[i].begin < ranges[i].end);
    if (i > 0) RC_ASSERT(ranges[i - 1].end < ranges[i].begin);
  }
}

std::vector<TimeRange> AnyRanges() {
  return *rc::gen::container<std::vector<TimeRange>>(AnyRange());
}

TEST_CASE("TimeSet is a set of minutes under every operation", "[appointments][property]") {
  rc::prop("add and subtract", [] {
    TimeSet set;
    Minutes bits;
    for (const auto& [adds, range] : *rc::gen::container<std::vector<std::pair<bool, TimeRange>>>(
             rc::gen::pair(rc::gen::arbitrary<bool>(), AnyRange()))) {
      if (adds) {
        set.Add(range);
        bits |= BitsOf(range);
      } else {
        set.Subtract(range);
        bits &= ~BitsOf(range);
      }
      CheckIsFewest(set);
      RC_ASSERT(BitsOf(set.ranges()) == bits);
    }
  });
  rc::prop("union, intersection, difference", [] {
    const std::vector<TimeRange> a = AnyRanges();
    const std::vector<TimeRange> b = AnyRanges();
    const TimeSet either = Union(TimeSet(a), TimeSet(b));
    const TimeSet both = Intersection(TimeSet(a), TimeSet(b));
    const TimeSet rest = Difference(TimeSet(a), TimeSet(b));
    CheckIsFewest(either);
    CheckIsFewest(both);
    CheckIsFewest(rest);
    RC_ASSERT(BitsOf(either.ranges()) == (BitsOf(a) | BitsOf(b)));
    RC_ASSERT(BitsOf(both.ranges()) == (BitsOf(a) & BitsOf(b)));
    RC_ASSERT(BitsOf(rest.ranges()) == (BitsOf(a) & ~BitsOf(b)));
  });
}

TEST_CASE("TimeSet answers as a set of minutes does", "[appointments][property]") {
  rc::prop("contains, overlaps, missing, length", [] {
    const TimeSet set(AnyRanges());
    const Minutes bits = BitsOf(set.ranges());
    const TimeRange range = *AnyRange();
    const Minutes asked = BitsOf(range);
    RC_ASSERT(set.Contains(range) == ((asked & ~bits).none()));
    RC_ASSERT(set.Overlaps(range) == ((asked & bits).any()));
    RC_ASSERT(set.LengthWithin(range) ==
              absl::Minutes(static_cast<std::int64_t>((asked & bits).count())));
    std::optional<absl::Time> missing;
    for (int i = kMinutes - 1; i >= 0; --i) {
      if ((asked & ~bits)[static_cast<std::size_t>(i)]) missing = At(i);
    }
    RC_ASSERT(set.FirstMissing(range) == missing);
  });
  rc::prop("first fit", [] {
    const TimeSet set(AnyRanges());
    const Minutes bits = BitsOf(set.ranges());
    const int earliest = *rc::gen::inRange(0, kMinutes);
    const int length = *rc::gen::inRange(1, 20);
    std::optional<absl::Time> first;
    for (int i = earliest; i + length <= kMinutes && !first; ++i) {
      const Minutes needed = BitsOf(TimeRange{At(i), At(i + length)});
      if ((needed & ~bits).none()) first = At(i);
    }
    RC_ASSERT(set.FirstFit(At(earliest), absl::Minutes(length)) == first);
  });
}

}  // namespace
}  // namespace clinicd::appointments
