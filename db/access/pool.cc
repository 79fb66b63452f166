#include "db/access/pool.h"

#include <algorithm>
#include <utility>

#include "common/status/error.h"
#include "db/access/db_errors.h"

namespace clinicd::db {
namespace {

absl::Status ShuttingDown() {
  return status::Error(absl::StatusCode::kUnavailable, status::ErrorReason::SHUTTING_DOWN,
                       "The server is shutting down; connect again.")
      .RetryAfter(absl::Seconds(1));
}

}  // namespace

class Pool::WorkerThread final : public Worker {
 public:
  explicit WorkerThread(Pool& pool) : pool_(pool), thread_([this] { Loop(); }) {}
  ~WorkerThread() override { thread_.join(); }

  absl::StatusOr<Connection*> Acquire() override {
    if (connection_ != nullptr && connection_->usable()) return connection_.get();
    Replace(nullptr);
    if (const absl::Duration wait = pool_.BackoffLeft(); wait > absl::ZeroDuration()) {
      return DatabaseUnavailable(wait);
    }
    absl::StatusOr<std::unique_ptr<Connection>> opened =
        Connection::Open(pool_.options_.connection);
    pool_.NoteConnect(opened.ok());
    if (!opened.ok()) {
      return DatabaseUnavailable(std::max(pool_.BackoffLeft(), absl::Milliseconds(50)));
    }
    Replace(*std::move(opened));
    return connection_.get();
  }

 private:
  // Stops one job; outlives it, so that a late call finds nothing to stop.
  class JobCanceller final : public Canceller, public std::enable_shared_from_this<JobCanceller> {
   public:
    explicit JobCanceller(WorkerThread& worker) : worker_(&worker) {}

    void Cancel() override {
      const absl::MutexLock lock(&mutex_);
      if (worker_ == nullptr) return;
      worker_->pool_.RequestCancel([self = shared_from_this()] { self->Send(); });
    }
    // After this returns, no cancel request of this job is on its way.
    void Detach() {
      const absl::MutexLock lock(&mutex_);
      worker_ = nullptr;
    }

   private:
    void Send() {
      const absl::MutexLock lock(&mutex_);
      if (worker_ != nullptr) worker_->SendCancel();
    }

    absl::Mutex mutex_;
    WorkerThread* worker_ ABSL_GUARDED_BY(mutex_);
  };

  void Replace(std::unique_ptr<Connection> connection) {
    const absl::MutexLock lock(&connection_mutex_);
    connection_ = std::move(connection);
  }

  void SendCancel() {
    const absl::MutexLock lock(&connection_mutex_);
    if (connection_ != nullptr) connection_->Cancel();
  }

  bool Take(Job& job) {
    const absl::MutexLock lock(&pool_.mutex_);
    const auto ready = [this]() ABSL_SHARED_LOCKS_REQUIRED(pool_.mutex_) {
      return pool_.queued_ > 0 || pool_.stopping_;
    };
    pool_.mutex_.Await(absl::Condition(&ready));
    if (pool_.queued_ == 0) return false;
    job = pool_.TakeNext();
    return true;
  }

  void Loop() {
    for (Job job; Take(job);) {
      if (pool_.clock_.Now() >= job.deadline) {
        job.run(DeadlinePassed(), nullptr);
      } else {
        const auto canceller = std::make_shared<JobCanceller>(*this);
        job.run(this, canceller);
        canceller->Detach();
      }
      job = Job();
    }
  }

  Pool& pool_;
  // Guards the pointer against SendCancel(); the connection itself is used by this thread only.
  absl::Mutex connection_mutex_;
  std::unique_ptr<Connection> connection_;
  std::thread thread_;
};

Pool::Pool(Options options, const Clock& clock)
    : options_(std::move(options)), clock_(clock), cancel_thread_([this] { RunCancels(); }) {
  for (int i = 0; i < options_.workers; ++i) {
    workers_.push_back(std::make_unique<WorkerThread>(*this));
  }
}

Pool::~Pool() { Stop(); }

void Pool::Stop() {
  {
    const absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  workers_.clear();
  {
    const absl::MutexLock lock(&mutex_);
    cancels_stopping_ = true;
  }
  if (cancel_thread_.joinable()) cancel_thread_.join();
}

void Pool::Put(Job job) {
  std::deque<Waiting>& waiting = waiting_[job.clinic];
  if (waiting.empty()) turns_.push_back(job.clinic);
  waiting.push_back({.job = std::move(job), .since = clock_.Now()});
  ++queued_;
}

Pool::Job Pool::TakeNext() {
  const ClinicId clinic = turns_.front();
  turns_.pop_front();
  const auto entry = waiting_.find(clinic);
  std::deque<Waiting>& waiting = entry->second;
  const bool newest = clock_.Now() - waiting.front().since > options_.patience;
  Job job = std::move(newest ? waiting.back().job : waiting.front().job);
  newest ? waiting.pop_back() : waiting.pop_front();
  if (waiting.empty()) {
    waiting_.erase(entry);
  } else {
    turns_.push_back(clinic);
  }
  --queued_;
  return job;
}

bool Pool::TrySubmit(Job job) {
  {
    const absl::MutexLock lock(&mutex_);
    if (!stopping_) {
      if (queued_ >= options_.queue_max) {
        ++refused_;
        return false;
      }
      Put(std::move(job));
      return true;
    }
  }
  job.run(ShuttingDown(), nullptr);
  return true;
}

void Pool::RequestCancel(std::function<void()> cancel) {
  const absl::MutexLock lock(&mutex_);
  cancels_.push_back(std::move(cancel));
}

// A thread of its own, because asking the server to cancel opens a connection and waits for it.
void Pool::RunCancels() {
  while (true) {
    std::function<void()> cancel;
    {
      const absl::MutexLock lock(&mutex_);
      const auto ready = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
        return !cancels_.empty() || cancels_stopping_;
      };
      mutex_.Await(absl::Condition(&ready));
      if (cancels_.empty()) return;
      cancel = std::move(cancels_.front());
      cancels_.pop_front();
    }
    cancel();
  }
}

absl::Duration Pool::BackoffLeft() const {
  const absl::MutexLock lock(&connect_mutex_);
  return std::max(next_attempt_ - clock_.Now(), absl::ZeroDuration());
}

void Pool::NoteConnect(bool success) {
  const absl::MutexLock lock(&connect_mutex_);
  connected_ = success;
  if (success) {
    ++reconnects_;
    backoff_ = absl::ZeroDuration();
    next_attempt_ = absl::InfinitePast();
    return;
  }
  backoff_ = std::clamp(backoff_ * 2, options_.backoff_min, options_.backoff_max);
  next_attempt_ = clock_.Now() + backoff_;
}

Pool::Stats Pool::stats() const {
  Stats stats;
  {
    const absl::MutexLock lock(&mutex_);
    stats.queued = queued_;
    stats.refused = refused_;
  }
  const absl::MutexLock lock(&connect_mutex_);
  stats.reconnects = reconnects_;
  stats.connected = connected_;
  return stats;
}

}  // namespace clinicd::db
