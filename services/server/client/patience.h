// How long work on many rows puts up with a server that is busy or away.
#pragma once

#include "absl/time/time.h"
#include "clinicd/sdk/retry.h"

namespace clinicd::client {

// Rather wait than end half-way with an import.
inline sdk::RetryPolicy Patience() {
  return {.attempt_timeout = absl::Seconds(30),
          .deadline = absl::Minutes(5),
          .attempts_max = 8,
          .backoff_max = absl::Seconds(10)};
}

}  // namespace clinicd::client
