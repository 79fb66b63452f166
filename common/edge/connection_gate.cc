#include "common/edge/connection_gate.h"

#include <algorithm>

namespace clinicd::edge {

std::optional<Cut> ConnectionGate::Enter(const std::string& network, absl::Time now) {
  const absl::MutexLock lock(&mutex_);
  if (connections_ >= limits_.connections) return Cut::kConnections;
  if (!network.empty()) {
    if (networks_.size() >= forget_at_) ForgetIdle(now);
    Network& from =
        networks_.try_emplace(network, limits_.connect_burst, limits_.connect_rate).first->second;
    if (from.connections >= limits_.connections_per_address) return Cut::kAddress;
    if (!from.arrivals.Take(now)) return Cut::kAddress;
    ++from.connections;
  }
  ++connections_;
  return std::nullopt;
}

void ConnectionGate::Leave(const std::string& network) {
  const absl::MutexLock lock(&mutex_);
  --connections_;
  const auto from = networks_.find(network);
  if (from != networks_.end()) --from->second.connections;
}

std::size_t ConnectionGate::connections() const {
  const absl::MutexLock lock(&mutex_);
  return connections_;
}

bool ConnectionGate::WaitUntilEmpty(absl::Duration patience) const {
  const absl::MutexLock lock(&mutex_);
  return mutex_.AwaitWithTimeout(
      absl::Condition(
          +[](const std::size_t* count) { return *count == 0; }, &connections_),
      patience);
}

// Otherwise addresses that came once would be remembered for ever.
void ConnectionGate::ForgetIdle(absl::Time now) {
  absl::erase_if(networks_, [now](const auto& entry) {
    return entry.second.connections == 0 && entry.second.arrivals.IsFull(now);
  });
  forget_at_ = std::max<std::size_t>(1024, 2 * networks_.size());
}

}  // namespace clinicd::edge
