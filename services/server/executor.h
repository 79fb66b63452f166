// A bounded set of threads that may block.
#pragma once

#include <deque>
#include <functional>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "common/rpc/dispatcher.h"

namespace clinicd::server {

// Runs jobs on its own threads, in the order they came. Thread-safe.
class ThreadExecutor final : public rpc::Executor {
 public:
  ThreadExecutor(int threads, std::size_t queue_max);
  // Runs what is queued, then stops.
  ~ThreadExecutor() override;

  bool TrySubmit(std::function<void()> job) override;

 private:
  void Loop();

  const std::size_t queue_max_;
  absl::Mutex mutex_;
  std::deque<std::function<void()>> jobs_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace clinicd::server
