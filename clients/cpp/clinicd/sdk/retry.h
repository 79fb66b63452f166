// When, and how often, a call is repeated.
#pragma once

#include <functional>

#include "absl/status/status.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace clinicd::sdk {

struct RetryPolicy {
  // Of each attempt.
  absl::Duration attempt_timeout = absl::Seconds(20);
  // Of all attempts and the waits between them.
  absl::Duration deadline = absl::Seconds(60);
  int attempts_max = 5;
  // The wait behind the first attempt; twice as long behind each further one, up to the maximum,
  // and at random between half of it and all of it. A server that asks for a longer wait gets it;
  // one that asks for more than the maximum ends the call.
  absl::Duration backoff = absl::Milliseconds(100);
  absl::Duration backoff_max = absl::Seconds(5);
};

// Time, for tests to decide. Both must be callable by several threads.
struct Timing {
  std::function<absl::Time()> now = [] { return absl::Now(); };
  std::function<void(absl::Duration)> sleep = [](absl::Duration wait) { absl::SleepFor(wait); };
};

// Whether the same request may succeed later: UNAVAILABLE, RESOURCE_EXHAUSTED, DEADLINE_EXCEEDED,
// and ABORTED unless the cause is a lost edit.
bool MayPass(const absl::Status& status);

// How long to wait behind the failed attempt of this number, counted from 1.
absl::Duration WaitBehind(const RetryPolicy& policy, int attempt, const absl::Status& failure);

// Makes attempts, each with the deadline it is given, until one succeeds, fails for good, or the
// policy ends it; returns what the last one returned.
absl::Status Repeat(const RetryPolicy& policy, const Timing& timing,
                    const std::function<absl::Status(absl::Time deadline)>& attempt);

}  // namespace clinicd::sdk
