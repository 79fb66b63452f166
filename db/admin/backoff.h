// Waiting for what gives no notice.
#pragma once

#include <algorithm>

#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace clinicd::db {

// Pauses that grow from 2 to 50 milliseconds, until a deadline.
class Backoff final {
 public:
  explicit Backoff(absl::Time deadline) : deadline_(deadline) {}

  // Pauses and returns true, or returns false when the deadline has passed.
  bool Wait() {
    if (absl::Now() >= deadline_) return false;
    absl::SleepFor(pause_);
    pause_ = std::min(pause_ * 1.5, absl::Milliseconds(50));
    return true;
  }

 private:
  absl::Time deadline_;
  absl::Duration pause_ = absl::Milliseconds(2);
};

}  // namespace clinicd::db
