// Tells those who watch something that it has changed, on whichever server that was.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/uuid.h"
#include "db/access/tenant_tx.h"

namespace clinicd::db {

class ChangeFeed;
class Listener;
struct FollowedChange;

// What somebody wants to hear of: things of a kind that are, or were, on one of some days.
struct Interest {
  ClinicId clinic = {};
  std::string entity_type = {};
  // In UTC, both inclusive.
  absl::CivilDay first_on = {};
  absl::CivilDay last_on = {};
};

// What has changed since it was asked last.
struct ChangeNews {
  // Each thing once, in no order.
  std::vector<Uuid> entities = {};
  // True where that is not known in detail: anything may have changed.
  bool everything = false;
  // Every change of a transaction below this number is in these news or in earlier ones.
  std::int64_t position = 0;
  // No transaction had this number or a higher one.
  std::int64_t end = 0;
};

// One who listens, until destroyed. The feed must outlive it. Thread-safe. Remembers at most some
// hundred things; what is more becomes "everything".
class ChangeSubscription final {
 public:
  ~ChangeSubscription();
  ChangeSubscription(const ChangeSubscription&) = delete;
  ChangeSubscription& operator=(const ChangeSubscription&) = delete;

  // What has changed since the last call, or since the subscription began.
  ChangeNews Take();
  // The position up to which there is nothing to take; 0 when there is something.
  std::int64_t QuietPosition() const;

 private:
  friend class ChangeFeed;
  ChangeSubscription(ChangeFeed& feed, Interest interest, std::function<void()> wake);

  ChangeFeed& feed_;
  const Interest interest_;
  const std::function<void()> wake_;
  // Guarded by the mutex of the feed.
  absl::flat_hash_set<Uuid> entities_;
  bool everything_ = false;
};

// Follows the change table over a connection of its own, a few times a second, and never while
// anybody's transaction waits: writers notify nobody. Nothing that commits is missed, however late,
// also while the connection is broken. Thread-safe.
class ChangeFeed final {
 public:
  struct Options {
    // libpq connection string of clinicd_auth.
    std::string conninfo = {};
    // Between two looks, when the last one found something and when not.
    absl::Duration poll_busy = absl::Milliseconds(100);
    absl::Duration poll_idle = absl::Milliseconds(250);
    // How long ago the last look may be before subscribers cannot rely on it.
    absl::Duration age_max = absl::Seconds(5);
    // Things that a subscription remembers.
    std::size_t pending_max = 500;
    // Called after a look that found changes, from the following thread: how long ago the
    // transaction of the oldest began.
    std::function<void(absl::Duration)> observe_lag = {};
  };

  // `clock` must never jump: ages are taken from it.
  ChangeFeed(Options options, const Clock& clock);
  ~ChangeFeed();
  ChangeFeed(const ChangeFeed&) = delete;
  ChangeFeed& operator=(const ChangeFeed&) = delete;

  // Starts following, and waits for the first look; to be called once. UNAVAILABLE
  // (DATABASE_UNAVAILABLE) when the database does not answer for a while.
  absl::Status Start();
  // Ends it; harmless when it was not started or has ended.
  void Stop();

  // Listens from now on. `wake` is called when there is something to take and nothing was before;
  // it must not block, and must not call the feed.
  std::unique_ptr<ChangeSubscription> Subscribe(const Interest& interest,
                                                std::function<void()> wake);

  // OK if changes are known up to now; UNAVAILABLE (DATABASE_UNAVAILABLE) otherwise.
  absl::Status Check() const;

 private:
  friend class ChangeSubscription;
  using Kind = std::pair<ClinicId, std::string>;

  void Loop();
  // Follows over one connection until that breaks or Stop() is called.
  void Follow(Listener& listener);
  // Takes one look. The number of changes that it found.
  absl::StatusOr<std::size_t> Look(Listener& listener);
  void Dispatch(const std::vector<FollowedChange>& changes, bool everything)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Mark(ChangeSubscription& subscription, const Uuid* entity) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Unsubscribe(ChangeSubscription& subscription);
  bool stopping() const;

  const Options options_;
  const Clock& clock_;
  mutable absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  // The snapshot of the last look, as PostgreSQL writes it; empty before the first one.
  std::string snapshot_ ABSL_GUARDED_BY(mutex_);
  absl::Time looked_at_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  absl::flat_hash_map<Kind, absl::flat_hash_set<ChangeSubscription*>> subscriptions_
      ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
};

// The things of the interest that have changed in transactions from `position` on, at most `limit`
// of them. Errors: as TenantTx.
absl::StatusOr<std::vector<Uuid>> ListChangedEntities(TenantTx& tx, const Interest& interest,
                                                      std::int64_t position, std::int32_t limit);

}  // namespace clinicd::db
