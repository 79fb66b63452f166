// Several calls in flight, in order where order matters.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace clinicd::client {

// Runs jobs on `count` threads. Jobs of the same key run one behind the other, in the order in
// which they were submitted. Thread-safe.
class Lanes final {
 public:
  explicit Lanes(std::size_t count);
  Lanes(const Lanes&) = delete;
  Lanes& operator=(const Lanes&) = delete;
  // Runs what was submitted, then stops.
  ~Lanes();

  // Waits while the key's lane has a number of jobs waiting already.
  void Submit(std::size_t key, std::function<void()> job);
  // Waits until all jobs have run.
  void Drain();

 private:
  class Lane final {
   public:
    Lane() : thread_([this] { Loop(); }) {}
    ~Lane();
    void Submit(std::function<void()> job);
    void Drain();

   private:
    void Loop();

    absl::Mutex mutex_;
    std::deque<std::function<void()>> jobs_ ABSL_GUARDED_BY(mutex_);
    bool busy_ ABSL_GUARDED_BY(mutex_) = false;
    bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
    // Last, because it uses the others.
    std::thread thread_;
  };

  std::vector<std::unique_ptr<Lane>> lanes_;
};

}  // namespace clinicd::client
