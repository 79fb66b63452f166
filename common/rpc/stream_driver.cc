#include "common/rpc/stream_driver.h"

#include <utility>
#include <vector>

#include "absl/time/clock.h"

namespace clinicd::rpc {

StreamDriver::StreamDriver(Options options) : options_(std::move(options)) {
  thread_ = std::thread([this] { Loop(); });
}

StreamDriver::~StreamDriver() {
  {
    const absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  thread_.join();
}

std::uint64_t StreamDriver::Add(std::shared_ptr<DrivenStream> stream) {
  std::size_t count = 0;
  std::uint64_t number = 0;
  {
    const absl::MutexLock lock(&mutex_);
    if (streams_.size() >= options_.streams_max) return 0;
    number = ++last_number_;
    streams_[number] = std::move(stream);
    count = streams_.size();
  }
  if (options_.observe_count) options_.observe_count(count);
  return number;
}

void StreamDriver::Remove(std::uint64_t number) {
  // Destroyed when the lock has been given back.
  std::shared_ptr<DrivenStream> stream;
  std::size_t count = 0;
  {
    const absl::MutexLock lock(&mutex_);
    const auto found = streams_.find(number);
    if (found == streams_.end()) return;
    stream = std::move(found->second);
    streams_.erase(found);
    count = streams_.size();
  }
  if (options_.observe_count) options_.observe_count(count);
}

void StreamDriver::Wake(std::uint64_t number) {
  const absl::MutexLock lock(&mutex_);
  woken_.insert(number);
}

void StreamDriver::Drain() {
  const absl::MutexLock lock(&mutex_);
  draining_ = true;
  next_tick_ = absl::InfinitePast();
}

bool StreamDriver::draining() const {
  const absl::MutexLock lock(&mutex_);
  return draining_;
}

bool StreamDriver::TryBeginRead(std::uint64_t number) {
  const absl::MutexLock lock(&mutex_);
  if (reads_ < options_.reads_max) {
    ++reads_;
    return true;
  }
  if (is_waiting_.insert(number).second) waiting_.push_back(number);
  return false;
}

void StreamDriver::EndRead() {
  const absl::MutexLock lock(&mutex_);
  --reads_;
  // Some that wait may have ended, and do not take the place that they are woken for.
  while (!waiting_.empty()) {
    const std::uint64_t number = waiting_.front();
    waiting_.pop_front();
    is_waiting_.erase(number);
    if (!streams_.contains(number)) continue;
    woken_.insert(number);
    return;
  }
}

bool StreamDriver::TakeDue(std::vector<std::shared_ptr<DrivenStream>>& due) {
  const absl::MutexLock lock(&mutex_);
  const auto ready = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
    return stopping_ || !woken_.empty() || next_tick_ == absl::InfinitePast();
  };
  mutex_.AwaitWithDeadline(absl::Condition(&ready), next_tick_);
  if (stopping_) return false;
  const absl::Time now = absl::Now();
  if (now >= next_tick_) {
    next_tick_ = now + options_.tick;
    for (const auto& [number, stream] : streams_) due.push_back(stream);
  } else {
    for (const std::uint64_t number : woken_) {
      const auto found = streams_.find(number);
      if (found != streams_.end()) due.push_back(found->second);
    }
  }
  woken_.clear();
  return true;
}

void StreamDriver::Loop() {
  std::vector<std::shared_ptr<DrivenStream>> due;
  while (TakeDue(due)) {
    for (const std::shared_ptr<DrivenStream>& stream : due) stream->Drive();
    due.clear();
  }
}

}  // namespace clinicd::rpc
