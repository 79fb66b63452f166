// Whether the server can do its work now.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"

namespace clinicd::metrics {

// The checks behind /readyz. Thread-safe.
class Readiness final {
 public:
  struct Result {
    std::string name;
    absl::Status status;
  };

  // Adds a check under a name in lower_snake_case. `check` runs on the admin listener's threads at
  // each request: it reports what is known and never waits. It must work as long as this object
  // lives.
  void AddCheck(std::string name, std::function<absl::Status()> check);

  // The results of all checks in the order they were added. Without any check the server is not
  // ready: it is still being put together.
  std::vector<Result> Evaluate() const;

 private:
  mutable absl::Mutex mutex_;
  std::vector<std::pair<std::string, std::function<absl::Status()>>> checks_
      ABSL_GUARDED_BY(mutex_);
};

}  // namespace clinicd::metrics
