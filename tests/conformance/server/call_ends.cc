#include "tests/conformance/server/call_ends.h"

#include <utility>

namespace clinicd::conformance {

void CallEnds::Tell(const std::string& key, bool cancelled) {
  if (key.empty()) return;
  std::vector<Listener> listeners;
  {
    const absl::MutexLock lock(&mutex_);
    ended_.emplace(key, cancelled);
    if (auto found = waiting_.extract(key)) listeners = std::move(found.mapped());
  }
  for (const Listener& listener : listeners) listener(cancelled);
}

void CallEnds::Await(const std::string& key, Listener listener) {
  bool cancelled = false;
  {
    const absl::MutexLock lock(&mutex_);
    const auto found = ended_.find(key);
    if (found == ended_.end()) {
      waiting_[key].push_back(std::move(listener));
      return;
    }
    cancelled = found->second;
  }
  listener(cancelled);
}

}  // namespace clinicd::conformance
