// Follows the changes of rights that any node makes.
#pragma once

#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "services/identity/authz_state.h"

namespace clinicd::db {
class Listener;
}

namespace clinicd::identity {

// Keeps an AuthzState up to date over a connection of its own: it looks when it is notified, and
// every so often in any case. While the database is away the state grows old, and so admits nobody.
class AuthzWatcher final {
 public:
  struct Options {
    // libpq connection string of clinicd_auth.
    std::string conninfo;
    // Longest time between two looks.
    absl::Duration poll_every = absl::Milliseconds(200);
    // How far back to look on the first look; what happened before has expired.
    absl::Duration window = absl::Minutes(12);
    // How far back to look on later ones: more than any transaction can last, because a change
    // carries the time when its transaction began and is seen when it ends.
    absl::Duration overlap = absl::Minutes(1);
  };

  // `clock` is the one of `state`.
  AuthzWatcher(Options options, AuthzState& state, const Clock& clock);
  ~AuthzWatcher();
  AuthzWatcher(const AuthzWatcher&) = delete;
  AuthzWatcher& operator=(const AuthzWatcher&) = delete;

  // Starts following; to be called once.
  void Start();
  // Ends it; harmless when it was not started or has ended.
  void Stop();
  // Waits until the first look has been taken; false if that takes longer than `timeout`.
  bool WaitUntilKnown(absl::Duration timeout) const;

 private:
  void Loop();
  // Follows over one connection until that breaks or Stop() is called.
  void Follow(db::Listener& listener);
  // Takes one look; false: the connection broke.
  bool Look(db::Listener& listener, absl::Duration lookback);
  bool stopping() const;
  // Waits before the next attempt to connect; returns at once when stopping.
  void Pause();

  const Options options_;
  AuthzState& state_;
  const Clock& clock_;
  mutable absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  bool known_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace clinicd::identity
