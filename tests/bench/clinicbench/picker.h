// Which of many is asked for.
#pragma once

#include <cstdint>
#include <random>
#include <vector>

namespace clinicd::bench {

enum class Spread {
  kUniform,
  // The n-th is asked for in proportion to 1 / n^1.05: few clinics and few patients cause most of
  // the calls, as in life.
  kZipf,
};

// Draws numbers from 1 to `count`. Immutable, so that several may use one.
class Picker final {
 public:
  Picker(Spread spread, int count);

  int Pick(std::mt19937_64& engine) const;
  // How likely `number` is.
  double Probability(int number) const;

 private:
  const int count_;
  // At n - 1, how likely a number up to n is; empty where all are equally likely.
  std::vector<double> up_to_;
};

}  // namespace clinicd::bench
