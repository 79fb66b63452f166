// Which access tokens no longer hold although they have not expired.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/auth/identity.h"
#include "common/base/clock.h"

namespace clinicd::identity {

// A change of rights, as the database keeps it.
struct AuthzChange {
  ClinicId clinic;
  Uuid id;
  UserId user;
  // The session that ended; nullopt: the change is about all sessions of the user.
  std::optional<SessionId> session;
  // The least epoch that tokens of the user need; nullopt: only a session ended.
  std::optional<std::int64_t> min_epoch;
  // By the clock of the database.
  absl::Time changed_at;
};

// What a node knows of changed rights. Knows nothing when made, and then admits nobody.
// Thread-safe.
class AuthzState final {
 public:
  struct Limits {
    // How long a change matters: as long as tokens live, and some more for clocks that differ.
    absl::Duration keep = absl::Minutes(12);
    // How old the knowledge may get before it counts as none.
    absl::Duration age_max = absl::Seconds(1);
  };

  // `clock` must never jump: ages are taken from it.
  AuthzState(const Limits& limits, const Clock& clock) : limits_(limits), clock_(clock) {}

  // Adds `changes`; the same change may come any number of times, in any order.
  void Add(const std::vector<AuthzChange>& changes);

  // Notes that every change that was visible at `as_of`, a time of `clock`, has been added.
  void Confirm(absl::Time as_of);

  // OK if the token that says `identity` still holds. Errors: UNAUTHENTICATED (SESSION_REVOKED);
  // UNAVAILABLE (DATABASE_UNAVAILABLE) when that is not known.
  absl::Status Check(const auth::Identity& identity) const;

  // Whether the knowledge is recent enough to admit anybody.
  bool fresh() const;
  // How many users and sessions are remembered.
  std::size_t size() const;

 private:
  using SessionKey = std::pair<ClinicId, SessionId>;
  using UserKey = std::pair<ClinicId, UserId>;
  struct MinEpoch {
    std::int64_t epoch = 0;
    absl::Time forget_at;
  };

  void Forget(absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const Limits limits_;
  const Clock& clock_;
  mutable absl::Mutex mutex_;
  absl::Time confirmed_at_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  absl::Time forget_next_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  // The value is when to forget the session.
  absl::flat_hash_map<SessionKey, absl::Time> ended_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<UserKey, MinEpoch> epochs_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace clinicd::identity
