// How many connections there may be.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/edge/counters.h"
#include "common/edge/limits.h"
#include "common/edge/rate_limit.h"

namespace clinicd::edge {

// Counts connections in all and by client network. Thread-safe.
class ConnectionGate final {
 public:
  explicit ConnectionGate(const EdgeLimits& limits) : limits_(limits) {}

  // Lets a connection of `network` in, to be left with Leave(); otherwise why not. An empty
  // network, that of Unix sockets, is limited in all only.
  std::optional<Cut> Enter(const std::string& network, absl::Time now);
  void Leave(const std::string& network);

  std::size_t connections() const;
  // Whether all have left before `deadline`.
  bool WaitUntilEmpty(absl::Duration patience) const;

 private:
  struct Network {
    Network(std::uint32_t burst, std::uint32_t rate) : arrivals(burst, rate) {}
    std::size_t connections = 0;
    RateLimit arrivals;
  };

  void ForgetIdle(absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const EdgeLimits& limits_;
  mutable absl::Mutex mutex_;
  std::size_t connections_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::flat_hash_map<std::string, Network> networks_ ABSL_GUARDED_BY(mutex_);
  std::size_t forget_at_ ABSL_GUARDED_BY(mutex_) = 1024;
};

}  // namespace clinicd::edge
