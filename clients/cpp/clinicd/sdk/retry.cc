#include "clinicd/sdk/retry.h"

#include <algorithm>

#include "clinicd/sdk/error.h"
#include "clinicd/sdk/request_id.h"

namespace clinicd::sdk {

bool MayPass(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kResourceExhausted:
    case absl::StatusCode::kDeadlineExceeded:
      return true;
    case absl::StatusCode::kAborted:
      return ReasonOf(status) != type::v1::ETAG_MISMATCH;
    default:
      return false;
  }
}

absl::Duration WaitBehind(const RetryPolicy& policy, int attempt, const absl::Status& failure) {
  constexpr int kDoublingsMax = 20;
  const int doublings = std::clamp(attempt - 1, 0, kDoublingsMax);
  const absl::Duration longest = std::min(policy.backoff * (1 << doublings), policy.backoff_max);
  return std::max(longest * Jittered(1.0),
                  DetailsOf(failure).retry_delay.value_or(absl::ZeroDuration()));
}

absl::Status Repeat(const RetryPolicy& policy, const Timing& timing,
                    const std::function<absl::Status(absl::Time deadline)>& attempt) {
  const absl::Time end = timing.now() + policy.deadline;
  for (int attempts = 1;; ++attempts) {
    absl::Status status = attempt(std::min(timing.now() + policy.attempt_timeout, end));
    if (status.ok() || !MayPass(status) || attempts >= policy.attempts_max) return status;
    const absl::Duration wait = WaitBehind(policy, attempts, status);
    if (wait > policy.backoff_max || timing.now() + wait >= end) return status;
    timing.sleep(wait);
  }
}

}  // namespace clinicd::sdk
