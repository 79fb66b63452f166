#include "services/identity/authz_watcher.h"

#include <memory>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "db/access/listener.h"
#include "services/identity/authz_store.h"

namespace clinicd::identity {
namespace {

constexpr absl::Duration kPauseBetweenAttempts = absl::Milliseconds(100);

}  // namespace

AuthzWatcher::AuthzWatcher(Options options, AuthzState& state, const Clock& clock)
    : options_(std::move(options)), state_(state), clock_(clock) {}

AuthzWatcher::~AuthzWatcher() { Stop(); }

void AuthzWatcher::Start() {
  thread_ = std::thread([this] { Loop(); });
}

void AuthzWatcher::Stop() {
  {
    const absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  if (thread_.joinable()) thread_.join();
}

bool AuthzWatcher::WaitUntilKnown(absl::Duration timeout) const {
  const absl::MutexLock lock(&mutex_);
  return mutex_.AwaitWithTimeout(absl::Condition(&known_), timeout);
}

bool AuthzWatcher::stopping() const {
  const absl::MutexLock lock(&mutex_);
  return stopping_;
}

void AuthzWatcher::Pause() {
  const absl::MutexLock lock(&mutex_);
  mutex_.AwaitWithTimeout(absl::Condition(&stopping_), kPauseBetweenAttempts);
}

void AuthzWatcher::Loop() {
  while (!stopping()) {
    const absl::StatusOr<std::unique_ptr<db::Listener>> listener =
        db::Listener::Open(options_.conninfo, kAuthzChannel);
    if (listener.ok()) Follow(**listener);
    Pause();
  }
}

void AuthzWatcher::Follow(db::Listener& listener) {
  // What happened while there was no connection is within the window, or has expired.
  absl::Duration lookback = options_.window;
  while (!stopping() && Look(listener, lookback)) {
    lookback = options_.overlap;
    if (!listener.Wait(options_.poll_every).ok()) return;
  }
}

bool AuthzWatcher::Look(db::Listener& listener, absl::Duration lookback) {
  const absl::Time as_of = clock_.Now();
  const absl::StatusOr<std::vector<AuthzChange>> changes = ListAuthzChanges(listener, lookback);
  if (!changes.ok()) return false;
  state_.Add(*changes);
  state_.Confirm(as_of);
  const absl::MutexLock lock(&mutex_);
  known_ = true;
  return true;
}

}  // namespace clinicd::identity
