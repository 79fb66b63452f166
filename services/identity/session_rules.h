// Decisions about sign-ins and sessions. Pure.
#pragma once

#include <optional>

#include "absl/time/time.h"
#include "common/auth/refresh_token.h"
#include "services/identity/session.h"

namespace clinicd::identity {

// Failures that cost no waiting.
inline constexpr int kFreeFailures = 5;

// How long to wait after the given number of consecutive failures: nothing before the fifth, then
// 1, 2, 4, 8 and 15 minutes, and 30 from the fiftieth on: at most 100 guesses a day.
absl::Duration DelayAfter(int failures);

// How long until the next attempt is allowed; zero: it is.
absl::Duration WaitLeft(const SignInFailures& failures, absl::Time now);

// What to do with a refresh token.
enum class RefreshVerdict {
  // It is no token of a running session.
  kInvalid,
  // Spend it for a new one.
  kExchange,
  // It was spent a moment ago: give the same successor, provided that has not been used.
  kRepeat,
  // It was spent: somebody has a copy. End the session.
  kReuse,
};

// `facts` are those of the token's id; `grace` is how long after an exchange it may be repeated.
RefreshVerdict JudgeRefresh(const RefreshFacts& facts, const crypto::SecretBytes& secret,
                            absl::Time now, absl::Duration grace);

}  // namespace clinicd::identity
