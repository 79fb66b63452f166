#include "common/auth/work_gate.h"

#include <algorithm>

#include "common/status/error.h"

namespace clinicd::auth {
namespace {

absl::Status Busy() {
  return status::Error(absl::StatusCode::kResourceExhausted, status::ErrorReason::SERVER_BUSY,
                       "Too many people sign in at this moment; try again shortly.")
      .RetryAfter(absl::Seconds(1));
}

}  // namespace

absl::StatusOr<WorkGate::Ticket> WorkGate::Enter(absl::Time deadline) {
  const absl::Duration wait = std::min(limits_.wait_max, deadline - clock_.Now());
  const absl::MutexLock lock(&mutex_);
  if (wait <= absl::ZeroDuration()) return Busy();
  if (!HasPlace()) {
    if (waiting_ >= limits_.waiting_max) return Busy();
    ++waiting_;
    const bool came = mutex_.AwaitWithTimeout(absl::Condition(this, &WorkGate::HasPlace), wait);
    --waiting_;
    if (!came) return Busy();
  }
  ++working_;
  return Ticket(this);
}

void WorkGate::Leave() {
  const absl::MutexLock lock(&mutex_);
  --working_;
}

std::size_t WorkGate::working() const {
  const absl::MutexLock lock(&mutex_);
  return working_;
}

std::size_t WorkGate::waiting() const {
  const absl::MutexLock lock(&mutex_);
  return waiting_;
}

}  // namespace clinicd::auth
