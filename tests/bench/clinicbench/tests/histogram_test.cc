#include "tests/bench/clinicbench/histogram.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <random>
#include <vector>

namespace clinicd::bench {
namespace {

// From nanoseconds to a minute, every magnitude as often.
std::vector<std::int64_t> AnyDurations(std::size_t count, std::uint64_t seed) {
  std::mt19937_64 engine(seed);
  std::uniform_real_distribution<double> magnitude(0, std::log(60e9));
  std::vector<std::int64_t> nanos(count);
  for (std::int64_t& each : nanos) each = std::llround(std::exp(magnitude(engine)));
  return nanos;
}

}  // namespace

TEST_CASE("A histogram's quantiles are within 0.8 % of those of the sorted list", "[bench][unit]") {
  const auto seed = GENERATE(1U, 2U, 3U);
  std::vector<std::int64_t> nanos = AnyDurations(10'007, seed);
  Histogram histogram;
  for (const std::int64_t each : nanos) histogram.Add(absl::Nanoseconds(each));

  std::ranges::sort(nanos);
  for (const double share : {0.0, 0.001, 0.1, 0.5, 0.9, 0.99, 0.999}) {
    const auto rank = static_cast<std::size_t>(
        std::max(1.0, std::ceil(share * static_cast<double>(nanos.size()))));
    const auto exact = static_cast<double>(nanos[rank - 1]);
    INFO("share " << share);
    CHECK(absl::ToDoubleNanoseconds(histogram.Quantile(share)) ==
          Approx(exact).epsilon(0.008).margin(0.5));
  }
  CHECK(histogram.Quantile(1) == absl::Nanoseconds(nanos.back()));
  CHECK(histogram.max() == absl::Nanoseconds(nanos.back()));
  CHECK(histogram.count() == 10'007);
}

TEST_CASE("Merged histograms say what one of all would say", "[bench][unit]") {
  Histogram all;
  Histogram first;
  Histogram second;
  for (const std::int64_t each : AnyDurations(1000, 4)) {
    all.Add(absl::Nanoseconds(each));
    first.Add(absl::Nanoseconds(each));
  }
  for (const std::int64_t each : AnyDurations(3000, 5)) {
    all.Add(absl::Nanoseconds(each));
    second.Add(absl::Nanoseconds(each));
  }

  first.Merge(second);

  CHECK(first.count() == all.count());
  CHECK(first.max() == all.max());
  CHECK(absl::ToDoubleNanoseconds(first.Mean()) ==
        Approx(absl::ToDoubleNanoseconds(all.Mean())).epsilon(1e-9));
  for (const double share : {0.01, 0.5, 0.99}) CHECK(first.Quantile(share) == all.Quantile(share));
}

TEST_CASE("A histogram takes durations beyond its ends, and nothing", "[bench][unit]") {
  Histogram histogram;
  CHECK(histogram.Quantile(0.5) == absl::ZeroDuration());
  CHECK(histogram.Mean() == absl::ZeroDuration());

  histogram.Add(absl::Seconds(-1));
  CHECK(histogram.max() == absl::ZeroDuration());

  histogram.Add(absl::Hours(1));
  CHECK(histogram.max() == Histogram::kLongest);
  CHECK(histogram.count() == 2);
}

}  // namespace clinicd::bench
