// When calls are meant to be sent, whatever became of those before: open loop.
#pragma once

#include <cstdint>
#include <random>

#include "absl/time/time.h"

namespace clinicd::bench {

enum class ArrivalKind {
  // Equal distances.
  kConstant,
  // Independent of each other, as those of many people are.
  kPoisson,
};

// A schedule of arrivals, the same for the same seed. Not thread-safe.
class Arrivals final {
 public:
  // `rate` is how many a second, more than 0.
  Arrivals(ArrivalKind kind, double rate, std::uint64_t seed);

  // When the next one is due, counted from the start of the run. Never before the one before it.
  absl::Duration Next();

 private:
  const ArrivalKind kind_;
  const double rate_;
  std::mt19937_64 engine_;
  // Nanoseconds from the start.
  double at_ = 0;
  std::int64_t count_ = 0;
};

}  // namespace clinicd::bench
