#include "services/appointments/time_set.h"

#include <catch2/catch.hpp>

namespace clinicd::appointments {
namespace {

absl::Time At(int minute) { return absl::UnixEpoch() + absl::Minutes(minute); }

TimeRange Range(int begin, int end) { return {At(begin), At(end)}; }

TEST_CASE("TimeSet keeps the fewest ranges, whatever it is given", "[appointments][unit]") {
  const TimeSet set({Range(50, 60), Range(10, 20), Range(20, 30), Range(15, 18), Range(40, 40),
                     Range(70, 65), Range(31, 35)});

  CHECK(set.ranges() == std::vector{Range(10, 30), Range(31, 35), Range(50, 60)});
}

TEST_CASE("TimeSet joins what is added to its neighbours", "[appointments][unit]") {
  TimeSet set(Range(10, 20));

  set.Add(Range(30, 40));
  CHECK(set.ranges() == std::vector{Range(10, 20), Range(30, 40)});
  set.Add(Range(20, 30));
  CHECK(set.ranges() == std::vector{Range(10, 40)});
  set.Add(Range(0, 5));
  CHECK(set.ranges() == std::vector{Range(0, 5), Range(10, 40)});
  set.Add(Range(50, 50));
  CHECK(set.ranges() == std::vector{Range(0, 5), Range(10, 40)});
}

TEST_CASE("TimeSet loses what is subtracted and nothing beside it", "[appointments][unit]") {
  TimeSet set({Range(10, 20), Range(30, 40)});

  set.Subtract(Range(20, 30));
  CHECK(set.ranges() == std::vector{Range(10, 20), Range(30, 40)});
  set.Subtract(Range(19, 31));
  CHECK(set.ranges() == std::vector{Range(10, 19), Range(31, 40)});
  set.Subtract(Range(33, 35));
  CHECK(set.ranges() == std::vector{Range(10, 19), Range(31, 33), Range(35, 40)});
  set.Subtract(Range(0, 100));
  CHECK(set.empty());
}

TEST_CASE("TimeSet contains what lies in one of its ranges, the end excluded",
          "[appointments][unit]") {
  const TimeSet set({Range(10, 20), Range(30, 40)});

  CHECK(set.Contains(Range(10, 20)));
  CHECK_FALSE(set.Contains(Range(9, 20)));
  CHECK_FALSE(set.Contains(Range(10, 21)));
  CHECK_FALSE(set.Contains(Range(15, 35)));
  CHECK(set.Contains(Range(25, 25)));
  CHECK(set.Contains(At(10)));
  CHECK_FALSE(set.Contains(At(20)));
}

TEST_CASE("A visit that ends when the next begins does not overlap it", "[appointments][unit]") {
  const TimeSet set({Range(10, 20), Range(30, 40)});

  CHECK_FALSE(set.Overlaps(Range(20, 30)));
  CHECK(set.Overlaps(Range(20, 31)));
  CHECK(set.Overlaps(Range(19, 30)));
  CHECK_FALSE(set.Overlaps(Range(15, 15)));
  CHECK_FALSE(set.Overlaps(Range(40, 50)));
}

TEST_CASE("TimeSet names the first instant that it lacks", "[appointments][unit]") {
  const TimeSet set({Range(10, 20), Range(30, 40)});

  CHECK(set.FirstMissing(Range(5, 15)) == At(5));
  CHECK(set.FirstMissing(Range(15, 35)) == At(20));
  CHECK(set.FirstMissing(Range(40, 41)) == At(40));
  CHECK_FALSE(set.FirstMissing(Range(30, 40)));
  CHECK_FALSE(set.FirstMissing(Range(25, 25)));
}

TEST_CASE("TimeSet finds the first place for a length", "[appointments][unit]") {
  const TimeSet set({Range(10, 20), Range(30, 45)});

  CHECK(set.FirstFit(At(0), absl::Minutes(10)) == At(10));
  CHECK(set.FirstFit(At(0), absl::Minutes(11)) == At(30));
  CHECK(set.FirstFit(At(11), absl::Minutes(9)) == At(11));
  CHECK(set.FirstFit(At(11), absl::Minutes(10)) == At(30));
  CHECK(set.FirstFit(At(35), absl::Minutes(10)) == At(35));
  CHECK_FALSE(set.FirstFit(At(36), absl::Minutes(10)));
}

TEST_CASE("TimeSet measures what of it lies in a range", "[appointments][unit]") {
  const TimeSet set({Range(10, 20), Range(30, 45)});

  CHECK(set.LengthWithin(Range(0, 100)) == absl::Minutes(25));
  CHECK(set.LengthWithin(Range(15, 31)) == absl::Minutes(6));
  CHECK(set.LengthWithin(Range(20, 30)) == absl::ZeroDuration());
  CHECK(set.LengthWithin(Range(16, 15)) == absl::ZeroDuration());
}

TEST_CASE("TimeSet knows infinite ends", "[appointments][unit]") {
  const TimeSet always(TimeRange{absl::InfinitePast(), absl::InfiniteFuture()});

  const TimeSet rest = Difference(always, TimeSet(Range(10, 20)));

  CHECK(rest.ranges() ==
        std::vector<TimeRange>{{absl::InfinitePast(), At(10)}, {At(20), absl::InfiniteFuture()}});
  CHECK(rest.FirstFit(At(5), absl::Hours(1)) == At(20));
}

}  // namespace
}  // namespace clinicd::appointments
