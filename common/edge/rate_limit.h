// How often something may happen.
#pragma once

#include <algorithm>
#include <cstdint>

#include "absl/time/time.h"

namespace clinicd::edge {

// A bucket of `burst` permits that fills up with `per_second`. Not thread-safe.
class RateLimit final {
 public:
  RateLimit(std::uint32_t burst, std::uint32_t per_second)
      : burst_(burst), per_second_(per_second), permits_(burst) {}

  // Whether it may happen once more.
  bool Take(absl::Time now) {
    if (last_ < now) {
      if (last_ != absl::InfinitePast()) {
        permits_ = std::min(burst_, permits_ + absl::ToDoubleSeconds(now - last_) * per_second_);
      }
      last_ = now;
    }
    if (permits_ < 1) return false;
    permits_ -= 1;
    return true;
  }
  // Whether nothing has been taken for so long that a new bucket would say the same.
  bool IsFull(absl::Time now) const {
    return last_ == absl::InfinitePast() ||
           permits_ + absl::ToDoubleSeconds(now - last_) * per_second_ >= burst_;
  }

 private:
  double burst_;
  double per_second_;
  double permits_;
  absl::Time last_ = absl::InfinitePast();
};

}  // namespace clinicd::edge
