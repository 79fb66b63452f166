#include "tests/bench/clinicbench/arrivals.h"

#include <cmath>

namespace clinicd::bench {
namespace {

constexpr double kNanosOfSecond = 1e9;

}  // namespace

Arrivals::Arrivals(ArrivalKind kind, double rate, std::uint64_t seed)
    : kind_(kind), rate_(rate), engine_(seed) {}

absl::Duration Arrivals::Next() {
  // A multiple of the distance instead of a sum, which would drift.
  if (kind_ == ArrivalKind::kConstant) {
    return absl::Nanoseconds(static_cast<double>(count_++) / rate_ * kNanosOfSecond);
  }
  // In (0, 1], so that it has a logarithm. Not of the standard library, whose distributions differ
  // between implementations.
  const double uniform = (static_cast<double>(engine_() >> 11) + 1) * 0x1p-53;
  at_ += -std::log(uniform) / rate_ * kNanosOfSecond;
  return absl::Nanoseconds(at_);
}

}  // namespace clinicd::bench
