// Worker threads, each owning one database connection, behind one bounded queue that is fair to
// clinics.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/ids.h"
#include "db/access/connection.h"

namespace clinicd::db {

// The connection of the worker that runs a job.
class Worker {
 public:
  virtual ~Worker() = default;
  // A usable connection; opens one where there is none. Errors: UNAVAILABLE
  // (DATABASE_UNAVAILABLE), at once while the pool backs off after failures.
  virtual absl::StatusOr<Connection*> Acquire() = 0;
};

// Has what a worker's connection runs stopped from another thread.
class Canceller {
 public:
  virtual ~Canceller() = default;
  // Asks for the job that is running now to be stopped. Never blocks; no effect once it has ended.
  virtual void Cancel() = 0;
};

// Clinics that wait take turns, so that one with many calls holds up its own only. Of one clinic
// the longest waiting comes first, until that has waited for `patience`: then there are more calls
// than can be answered, and the newest comes first, because it is the one somebody still waits for.
// Otherwise all would be answered just too late.
class Pool final {
 public:
  struct Options {
    ConnectionOptions connection;
    int workers = 8;
    std::size_t queue_max = 256;
    absl::Duration patience = absl::Milliseconds(500);
    absl::Duration backoff_min = absl::Milliseconds(50);
    absl::Duration backoff_max = absl::Seconds(2);
  };
  struct Stats {
    std::size_t queued = 0;
    std::int64_t reconnects = 0;
    std::int64_t refused = 0;
    // True when the last attempt to connect succeeded.
    bool connected = false;
  };
  struct Job {
    // Whose turn it takes; nil: that of what belongs to no clinic.
    ClinicId clinic = {};
    // Past this time the job is not started; `run` gets DEADLINE_EXCEEDED instead of a worker.
    absl::Time deadline = absl::InfiniteFuture();
    // Called exactly once, on a worker thread, or on the stopping thread with UNAVAILABLE
    // (SHUTTING_DOWN). `canceller` is valid until the job returns.
    std::function<void(absl::StatusOr<Worker*> worker, std::shared_ptr<Canceller> canceller)> run;
  };

  Pool(Options options, const Clock& clock);
  // Runs what is queued, then stops.
  ~Pool();
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  // Takes the job unless the queue is full or the pool is stopping.
  bool TrySubmit(Job job);
  // Takes no more jobs, runs what is queued, ends the threads.
  void Stop();

  Stats stats() const;

 private:
  class WorkerThread;

  void RunCancels();
  struct Waiting {
    Job job;
    absl::Time since;
  };
  void Put(Job job) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  Job TakeNext() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // How long to wait before the next attempt to connect; zero: now.
  absl::Duration BackoffLeft() const;
  void NoteConnect(bool success);
  void RequestCancel(std::function<void()> cancel);

  const Options options_;
  const Clock& clock_;
  mutable absl::Mutex mutex_;
  // Clinics with something waiting, in the order of their turns.
  std::deque<ClinicId> turns_ ABSL_GUARDED_BY(mutex_);
  // Of each of these, the longest waiting first; never empty.
  absl::flat_hash_map<ClinicId, std::deque<Waiting>> waiting_ ABSL_GUARDED_BY(mutex_);
  std::size_t queued_ ABSL_GUARDED_BY(mutex_) = 0;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::int64_t refused_ ABSL_GUARDED_BY(mutex_) = 0;
  std::deque<std::function<void()>> cancels_ ABSL_GUARDED_BY(mutex_);
  bool cancels_stopping_ ABSL_GUARDED_BY(mutex_) = false;

  mutable absl::Mutex connect_mutex_;
  absl::Duration backoff_ ABSL_GUARDED_BY(connect_mutex_) = absl::ZeroDuration();
  absl::Time next_attempt_ ABSL_GUARDED_BY(connect_mutex_) = absl::InfinitePast();
  std::int64_t reconnects_ ABSL_GUARDED_BY(connect_mutex_) = 0;
  bool connected_ ABSL_GUARDED_BY(connect_mutex_) = false;

  std::vector<std::unique_ptr<WorkerThread>> workers_;
  std::thread cancel_thread_;
};

}  // namespace clinicd::db
