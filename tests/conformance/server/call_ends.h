// How calls ended, told to whoever asks for them by name.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace clinicd::conformance {

// Thread-safe.
class CallEnds final {
 public:
  using Listener = std::function<void(bool cancelled)>;

  // Once for each name; the empty name is nobody's.
  void Tell(const std::string& key, bool cancelled);
  // Calls `listener` once the call of that name is over, on this thread if it is already.
  void Await(const std::string& key, Listener listener);

 private:
  absl::Mutex mutex_;
  std::map<std::string, bool> ended_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, std::vector<Listener>> waiting_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace clinicd::conformance
