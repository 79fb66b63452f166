// Lets a few callers at a time into work that takes much memory or processor.
#pragma once

#include <cstddef>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/base/clock.h"

namespace clinicd::auth {

// Bounds how many work, how many wait, and for how long. Thread-safe; must outlive its tickets.
class WorkGate final {
 public:
  struct Limits {
    std::size_t working_max = 2;
    std::size_t waiting_max = 16;
    absl::Duration wait_max = absl::Milliseconds(1500);
  };

  // The right to work, given back when it goes.
  class Ticket final {
   public:
    Ticket(Ticket&& other) noexcept : gate_(std::exchange(other.gate_, nullptr)) {}
    Ticket& operator=(Ticket&&) = delete;
    ~Ticket() {
      if (gate_ != nullptr) gate_->Leave();
    }

   private:
    friend class WorkGate;
    explicit Ticket(WorkGate* gate) : gate_(gate) {}

    // Null once moved from.
    WorkGate* gate_;
  };

  WorkGate(const Limits& limits, const Clock& clock) : limits_(limits), clock_(clock) {}
  WorkGate(const WorkGate&) = delete;
  WorkGate& operator=(const WorkGate&) = delete;

  // Waits for a place. RESOURCE_EXHAUSTED (SERVER_BUSY, RetryInfo) at once if too many wait or
  // `deadline` has passed, and later if no place came free in time.
  absl::StatusOr<Ticket> Enter(absl::Time deadline);

  // How many work and wait now.
  std::size_t working() const;
  std::size_t waiting() const;

 private:
  void Leave();
  bool HasPlace() const ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
    return working_ < limits_.working_max;
  }

  const Limits limits_;
  const Clock& clock_;
  mutable absl::Mutex mutex_;
  std::size_t working_ ABSL_GUARDED_BY(mutex_) = 0;
  std::size_t waiting_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace clinicd::auth
