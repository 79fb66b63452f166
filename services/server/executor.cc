#include "services/server/executor.h"

#include <utility>

namespace clinicd::server {

ThreadExecutor::ThreadExecutor(int threads, std::size_t queue_max) : queue_max_(queue_max) {
  for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { Loop(); });
}

ThreadExecutor::~ThreadExecutor() {
  {
    const absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  for (std::thread& thread : threads_) thread.join();
}

bool ThreadExecutor::TrySubmit(std::function<void()> job) {
  const absl::MutexLock lock(&mutex_);
  if (stopping_ || jobs_.size() >= queue_max_) return false;
  jobs_.push_back(std::move(job));
  return true;
}

void ThreadExecutor::Loop() {
  while (true) {
    std::function<void()> job;
    {
      const absl::MutexLock lock(&mutex_);
      const auto ready = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
        return !jobs_.empty() || stopping_;
      };
      mutex_.Await(absl::Condition(&ready));
      if (jobs_.empty()) return;
      job = std::move(jobs_.front());
      jobs_.pop_front();
    }
    job();
  }
}

}  // namespace clinicd::server
