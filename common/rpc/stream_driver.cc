#include "common/rpc/stream_driver.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/status/error.h"

namespace clinicd::rpc {
namespace {

using status::ErrorReason;

absl::Status TooManyStreams() {
  return status::Error(absl::StatusCode::kResourceExhausted, ErrorReason::SERVER_BUSY,
                       "Too many streams are open on this server; try again shortly.")
      .RetryAfter(absl::Seconds(1));
}

absl::Status TooManyOfUser(std::size_t max) {
  return status::Error(absl::StatusCode::kResourceExhausted, ErrorReason::STREAM_LIMIT_REACHED,
                       "You have too many streams open on this server; end one first.")
      .With("max", absl::StrCat(max));
}

}  // namespace

StreamDriver::StreamDriver(Options options) : options_(std::move(options)) {
  thread_ = std::thread([this] { Loop(); });
}

StreamDriver::~StreamDriver() { Stop(); }

void StreamDriver::Stop() {
  {
    const absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  if (thread_.joinable()) thread_.join();
}

absl::StatusOr<std::uint64_t> StreamDriver::Add(std::shared_ptr<DrivenStream> stream,
                                                std::optional<UserId> user) {
  std::size_t count = 0;
  std::uint64_t number = 0;
  {
    const absl::MutexLock lock(&mutex_);
    if (streams_.size() >= options_.streams_max) return TooManyStreams();
    if (user) {
      std::size_t& of_user = of_users_[*user];
      if (of_user >= options_.streams_of_user_max) {
        return TooManyOfUser(options_.streams_of_user_max);
      }
      ++of_user;
    }
    number = ++last_number_;
    streams_[number] = Driven{std::move(stream), user};
    count = streams_.size();
  }
  if (options_.observe_count) options_.observe_count(count);
  return number;
}

void StreamDriver::Remove(std::uint64_t number) {
  // Destroyed when the lock has been given back.
  Driven driven;
  std::size_t count = 0;
  {
    const absl::MutexLock lock(&mutex_);
    const auto found = streams_.find(number);
    if (found == streams_.end()) return;
    driven = std::move(found->second);
    streams_.erase(found);
    count = streams_.size();
    if (driven.user && --of_users_[*driven.user] == 0) of_users_.erase(*driven.user);
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
    for (const auto& [number, driven] : streams_) due.push_back(driven.stream);
  } else {
    for (const std::uint64_t number : woken_) {
      const auto found = streams_.find(number);
      if (found != streams_.end()) due.push_back(found->second.stream);
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
