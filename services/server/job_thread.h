// The thread of a job that a server does again and again.
#pragma once

#include <functional>
#include <thread>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace clinicd::server {

// Thread-safe. Make it the last member of a job: what the thread uses must outlive it.
class JobThread final {
 public:
  struct Options {
    // Does it once; true: again after `interval`, false: never again. Looks at Stopping() where it
    // takes long.
    std::function<bool()> work;
    // Between the end of one time and the begin of the next.
    absl::Duration interval;
    // Done last, in the same thread; may be empty.
    std::function<void()> at_end = {};
  };

  explicit JobThread(Options options) : options_(std::move(options)) {}
  ~JobThread() { Stop(); }
  JobThread(const JobThread&) = delete;
  JobThread& operator=(const JobThread&) = delete;
  JobThread(JobThread&&) = delete;
  JobThread& operator=(JobThread&&) = delete;

  // Begins; once.
  void Start();
  // Has it end with what it is at. Does not wait.
  void RequestStop();
  // The same, and waits for it. Harmless when it has ended.
  void Stop();
  // Whether that was asked for.
  bool Stopping() const;

 private:
  void Run();

  const Options options_;
  mutable absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace clinicd::server
