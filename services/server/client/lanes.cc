#include "services/server/client/lanes.h"

#include <utility>

namespace clinicd::client {
namespace {

constexpr std::size_t kWaitingMax = 64;

}  // namespace

Lanes::Lanes(std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) lanes_.push_back(std::make_unique<Lane>());
}

Lanes::~Lanes() = default;

void Lanes::Submit(std::size_t key, std::function<void()> job) {
  lanes_[key % lanes_.size()]->Submit(std::move(job));
}

void Lanes::Drain() {
  for (const auto& lane : lanes_) lane->Drain();
}

Lanes::Lane::~Lane() {
  {
    const absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  thread_.join();
}

void Lanes::Lane::Submit(std::function<void()> job) {
  const auto has_room = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return jobs_.size() < kWaitingMax;
  };
  const absl::MutexLock lock(&mutex_, absl::Condition(&has_room));
  jobs_.push_back(std::move(job));
}

void Lanes::Lane::Drain() {
  const auto is_idle = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return jobs_.empty() && !busy_;
  };
  const absl::MutexLock lock(&mutex_, absl::Condition(&is_idle));
}

void Lanes::Lane::Loop() {
  const auto has_work = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return !jobs_.empty() || stopping_;
  };
  for (;;) {
    std::function<void()> job;
    {
      const absl::MutexLock lock(&mutex_, absl::Condition(&has_work));
      if (jobs_.empty()) return;
      job = std::move(jobs_.front());
      jobs_.pop_front();
      busy_ = true;
    }
    job();
    const absl::MutexLock lock(&mutex_);
    busy_ = false;
  }
}

}  // namespace clinicd::client
