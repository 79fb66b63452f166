#include "services/server/job_thread.h"

namespace clinicd::server {

void JobThread::Start() {
  thread_ = std::thread([this] { Run(); });
}

void JobThread::RequestStop() {
  const absl::MutexLock lock(&mutex_);
  stopping_ = true;
}

void JobThread::Stop() {
  RequestStop();
  if (thread_.joinable()) thread_.join();
}

bool JobThread::Stopping() const {
  const absl::MutexLock lock(&mutex_);
  return stopping_;
}

void JobThread::Run() {
  while (!Stopping() && options_.work()) {
    const absl::MutexLock lock(&mutex_);
    mutex_.AwaitWithTimeout(absl::Condition(&stopping_), options_.interval);
  }
  if (options_.at_end) options_.at_end();
}

}  // namespace clinicd::server
