#include "tests/bench/clinicbench/picker.h"

#include <algorithm>
#include <cmath>

namespace clinicd::bench {
namespace {

constexpr double kExponent = 1.05;

// In [0, 1).
double Uniform(std::mt19937_64& engine) { return static_cast<double>(engine() >> 11) * 0x1p-53; }

}  // namespace

Picker::Picker(Spread spread, int count) : count_(count) {
  if (spread == Spread::kUniform) return;
  double sum = 0;
  for (int n = 1; n <= count; ++n) {
    sum += std::pow(n, -kExponent);
    up_to_.push_back(sum);
  }
  for (double& share : up_to_) share /= sum;
}

int Picker::Pick(std::mt19937_64& engine) const {
  const double at = Uniform(engine);
  if (up_to_.empty()) return 1 + static_cast<int>(at * count_);
  const auto found = std::ranges::upper_bound(up_to_, at);
  return std::min(count_, 1 + static_cast<int>(found - up_to_.begin()));
}

double Picker::Probability(int number) const {
  if (up_to_.empty()) return 1.0 / count_;
  const auto index = static_cast<std::size_t>(number - 1);
  return index == 0 ? up_to_.front() : up_to_.at(index) - up_to_.at(index - 1);
}

}  // namespace clinicd::bench
