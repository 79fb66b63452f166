#include "common/rpc/call_runner.h"

#include <utility>

namespace clinicd::rpc {

bool CallTask::cancelled() const {
  const absl::MutexLock lock(&mutex_);
  return cancelled_;
}

void CallTask::SetCancelHook(std::function<void()> hook) {
  const absl::MutexLock lock(&mutex_);
  hook_ = std::move(hook);
  if (cancelled_ && hook_) hook_();
}

void CallTask::NotifyCancelled() {
  const absl::MutexLock lock(&mutex_);
  cancelled_ = true;
  if (hook_) hook_();
}

}  // namespace clinicd::rpc
