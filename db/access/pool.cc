#include "db/access/pool.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "common/status/error.h"
#include "db/access/db_errors.h"

namespace clinicd::db {
namespace {

constexpr int kPaceMemory = 32;

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

  // Ends the one before.
  bool Take(Job& job) {
    const absl::MutexLock lock(&pool_.mutex_);
    if (std::exchange(runs_, false)) --pool_.running_;
    const auto ready = [this]() ABSL_SHARED_LOCKS_REQUIRED(pool_.mutex_) {
      return pool_.queued_ > 0 || pool_.stopping_;
    };
    pool_.mutex_.Await(absl::Condition(&ready));
    if (pool_.queued_ == 0) return false;
    job = pool_.TakeNext();
    runs_ = true;
    ++pool_.running_;
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
  // Used by this thread only.
  bool runs_ = false;
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
  std::deque<Job>& waiting = lines_[job.clinic].waiting;
  if (waiting.empty()) turns_.push_back(job.clinic);
  waiting.push_back(std::move(job));
  ++queued_;
}

Pool::Job Pool::TakeNext() {
  const ClinicId clinic = turns_.front();
  turns_.pop_front();
  const auto entry = lines_.find(clinic);
  Line& line = entry->second;
  Job job = std::move(line.waiting.front());
  line.waiting.pop_front();
  --queued_;
  if (line.waiting.empty()) {
    lines_.erase(entry);
    return job;
  }
  turns_.push_back(clinic);
  const absl::Time now = clock_.Now();
  if (line.last_taken != absl::InfinitePast()) {
    line.pace += (now - line.last_taken - line.pace) / kPaceMemory;
  }
  line.last_taken = now;
  return job;
}

// Of a clinic that has more than one waiting.
Pool::Job Pool::TakeNewest(const ClinicId& clinic) {
  std::deque<Job>& waiting = lines_[clinic].waiting;
  Job job = std::move(waiting.back());
  waiting.pop_back();
  --queued_;
  return job;
}

const ClinicId& Pool::Busiest() const {
  return std::max_element(lines_.begin(), lines_.end(),
                          [](const auto& a, const auto& b) {
                            return a.second.waiting.size() < b.second.waiting.size();
                          })
      ->first;
}

bool Pool::WouldWaitTooLong(const Job& job, const Line& line) const {
  if (line.waiting.size() <= static_cast<std::size_t>(options_.workers)) return false;
  const absl::Duration wait = line.pace * static_cast<std::int64_t>(line.waiting.size());
  // What dies while it waits, or is answered too late, keeps a stream and a worker from a call that
  // could be answered; its client asks again.
  return wait > std::min(options_.patience, (job.deadline - clock_.Now()) / 2);
}

Pool::Room Pool::RoomFor(const Job& job) const {
  const auto own = lines_.find(job.clinic);
  if (own != lines_.end() && WouldWaitTooLong(job, own->second)) return Room::kNone;
  if (queued_ < options_.queue_max) return Room::kFree;
  const std::size_t waiting = own == lines_.end() ? 0 : own->second.waiting.size();
  // One more than the own, or the two would only take each other's place.
  return lines_.at(Busiest()).waiting.size() > waiting + 1 ? Room::kOfAnother : Room::kNone;
}

bool Pool::TrySubmit(Job job) {
  std::optional<Job> refused;
  absl::Status why = ShuttingDown();
  {
    const absl::MutexLock lock(&mutex_);
    if (stopping_) {
      refused = std::move(job);
    } else {
      const Room room = RoomFor(job);
      if (room != Room::kFree) ++refused_;
      if (room == Room::kNone) return false;
      if (room == Room::kOfAnother) {
        refused = TakeNewest(ClinicId(Busiest()));
        why = ServerBusy();
      }
      Put(std::move(job));
    }
  }
  if (refused) refused->run(std::move(why), nullptr);
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
    ++connects_;
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
    stats.running = running_;
    stats.refused = refused_;
  }
  const absl::MutexLock lock(&connect_mutex_);
  stats.connects = connects_;
  stats.connected = connected_;
  return stats;
}

}  // namespace clinicd::db
