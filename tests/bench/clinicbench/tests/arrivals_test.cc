#include "tests/bench/clinicbench/arrivals.h"

#include <catch2/catch.hpp>
#include <vector>

namespace clinicd::bench {
namespace {

std::vector<absl::Duration> Taken(Arrivals arrivals, int count) {
  std::vector<absl::Duration> taken;
  for (int i = 0; i < count; ++i) taken.push_back(arrivals.Next());
  return taken;
}

}  // namespace

TEST_CASE("Constant arrivals are equally far apart and do not drift", "[bench][unit]") {
  const auto taken = Taken(Arrivals(ArrivalKind::kConstant, 3000, 1), 9001);

  CHECK(taken[0] == absl::ZeroDuration());
  CHECK(absl::ToDoubleMicroseconds(taken[1]) == Approx(333.333).epsilon(0.001));
  CHECK(absl::AbsDuration(taken[9000] - absl::Seconds(3)) < absl::Nanoseconds(10));
}

TEST_CASE("Poisson arrivals come at their rate, and clustered", "[bench][unit]") {
  constexpr int kCount = 50'000;
  const auto taken = Taken(Arrivals(ArrivalKind::kPoisson, 1000, 7), kCount);

  // Five standard deviations of the sum.
  CHECK(absl::ToDoubleSeconds(taken.back()) == Approx(50).margin(5 * 0.001 * 224));
  // Of an exponential distribution 1 - 1/e of the distances are shorter than the mean.
  int shorter = 0;
  absl::Duration before;
  for (const absl::Duration each : taken) {
    CHECK(each >= before);
    if (each - before < absl::Milliseconds(1)) ++shorter;
    before = each;
  }
  CHECK(shorter / static_cast<double>(kCount) == Approx(0.632).margin(0.012));
}

TEST_CASE("A seed makes one schedule, another seed another", "[bench][unit]") {
  const auto taken = Taken(Arrivals(ArrivalKind::kPoisson, 100, 7), 100);

  CHECK(taken == Taken(Arrivals(ArrivalKind::kPoisson, 100, 7), 100));
  CHECK(taken != Taken(Arrivals(ArrivalKind::kPoisson, 100, 8), 100));
}

}  // namespace clinicd::bench
