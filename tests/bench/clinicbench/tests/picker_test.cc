#include "tests/bench/clinicbench/picker.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <vector>

namespace clinicd::bench {

TEST_CASE("A picker draws each number as often as its share", "[bench][unit]") {
  const auto spread = GENERATE(Spread::kUniform, Spread::kZipf);
  constexpr int kNumbers = 50;
  constexpr int kDraws = 200'000;
  const Picker picker(spread, kNumbers);
  std::mt19937_64 engine(3);
  std::vector<int> drawn(kNumbers + 1);

  for (int i = 0; i < kDraws; ++i) ++drawn.at(static_cast<std::size_t>(picker.Pick(engine)));

  CHECK(drawn[0] == 0);
  double sum = 0;
  for (int number = 1; number <= kNumbers; ++number) {
    const double wanted = picker.Probability(number) * kDraws;
    sum += picker.Probability(number);
    INFO("number " << number);
    // Five standard deviations.
    CHECK(drawn[static_cast<std::size_t>(number)] == Approx(wanted).margin(5 * std::sqrt(wanted)));
  }
  CHECK(sum == Approx(1));
}

TEST_CASE("Zipf's shares fall with the 1.05th power", "[bench][unit]") {
  const Picker picker(Spread::kZipf, 1000);

  CHECK(picker.Probability(1) / picker.Probability(2) == Approx(std::pow(2, 1.05)));
  CHECK(picker.Probability(10) / picker.Probability(1000) == Approx(std::pow(100, 1.05)));
}

}  // namespace clinicd::bench
