// Time and randomness that a test decides.
#pragma once

#include <cstdint>
#include <random>
#include <span>

#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/random.h"

namespace clinicd::testing {

// A clock that moves only when told to. Thread-safe.
class FakeClock final : public Clock {
 public:
  explicit FakeClock(absl::Time now) : now_(now) {}

  absl::Time Now() const override {
    const absl::MutexLock lock(&mutex_);
    return now_;
  }
  void Advance(absl::Duration duration) {
    const absl::MutexLock lock(&mutex_);
    now_ += duration;
  }

 private:
  mutable absl::Mutex mutex_;
  absl::Time now_;
};

// Repeats for a seed. Thread-safe.
class FakeRandom final : public Random {
 public:
  explicit FakeRandom(std::uint64_t seed) : engine_(seed) {}

  void Fill(std::span<std::uint8_t> bytes) override {
    const absl::MutexLock lock(&mutex_);
    for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(engine_());
  }

 private:
  absl::Mutex mutex_;
  std::mt19937_64 engine_;
};

}  // namespace clinicd::testing
