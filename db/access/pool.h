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

// Clinics that wait take turns, so that one with many calls holds up its own only; of one clinic
// the longest waiting comes first. Where more wait than there are workers, a call is refused at
// once that would have to wait, at the pace of its clinic, for more than `patience` or half of its
// time: what is taken is answered in time, whatever else is asked. When the queue is full, a call
// of a clinic with fewer waiting takes the place of the newest of the one with the most.
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
    int running = 0;
    // Connections opened, the first ones included.
    std::int64_t connects = 0;
    std::int64_t refused = 0;
    // True when the last attempt to connect succeeded.
    bool connected = false;
  };
  struct Job {
    // Whose turn it takes; nil: that of what belongs to no clinic.
    ClinicId clinic = {};
    // Past this time the job is not started; `run` gets DEADLINE_EXCEEDED instead of a worker.
    absl::Time deadline = absl::InfiniteFuture();
    // Called exactly once, on a worker thread; or, with an error, on a thread that submits:
    // UNAVAILABLE (SHUTTING_DOWN), or RESOURCE_EXHAUSTED (SERVER_BUSY) when another's call took its
    // place. `canceller` is valid until the job returns.
    std::function<void(absl::StatusOr<Worker*> worker, std::shared_ptr<Canceller> canceller)> run;
  };

  Pool(Options options, const Clock& clock);
  // Runs what is queued, then stops.
  ~Pool();
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  // Takes the job, unless its clinic has too much waiting already.
  bool TrySubmit(Job job);
  // Takes no more jobs, runs what is queued, ends the threads.
  void Stop();

  Stats stats() const;

 private:
  class WorkerThread;

  void RunCancels();
  // What waits of one clinic, the longest waiting first; never empty.
  struct Line {
    std::deque<Job> waiting;
    // Between two that are taken, with the last 32 or so weighing most.
    absl::Duration pace = absl::ZeroDuration();
    absl::Time last_taken = absl::InfinitePast();
  };
  enum class Room { kFree, kOfAnother, kNone };
  Room RoomFor(const Job& job) const ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  bool WouldWaitTooLong(const Job& job, const Line& line) const;
  const ClinicId& Busiest() const ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  void Put(Job job) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  Job TakeNext() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  Job TakeNewest(const ClinicId& clinic) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // How long to wait before the next attempt to connect; zero: now.
  absl::Duration BackoffLeft() const;
  void NoteConnect(bool success);
  void RequestCancel(std::function<void()> cancel);

  const Options options_;
  const Clock& clock_;
  mutable absl::Mutex mutex_;
  // Clinics with something waiting, in the order of their turns.
  std::deque<ClinicId> turns_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<ClinicId, Line> lines_ ABSL_GUARDED_BY(mutex_);
  std::size_t queued_ ABSL_GUARDED_BY(mutex_) = 0;
  int running_ ABSL_GUARDED_BY(mutex_) = 0;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::int64_t refused_ ABSL_GUARDED_BY(mutex_) = 0;
  std::deque<std::function<void()>> cancels_ ABSL_GUARDED_BY(mutex_);
  bool cancels_stopping_ ABSL_GUARDED_BY(mutex_) = false;

  mutable absl::Mutex connect_mutex_;
  absl::Duration backoff_ ABSL_GUARDED_BY(connect_mutex_) = absl::ZeroDuration();
  absl::Time next_attempt_ ABSL_GUARDED_BY(connect_mutex_) = absl::InfinitePast();
  std::int64_t connects_ ABSL_GUARDED_BY(connect_mutex_) = 0;
  bool connected_ ABSL_GUARDED_BY(connect_mutex_) = false;

  std::vector<std::unique_ptr<WorkerThread>> workers_;
  std::thread cancel_thread_;
};

}  // namespace clinicd::db
