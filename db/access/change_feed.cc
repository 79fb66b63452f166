#include "db/access/change_feed.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "common/base/try.h"
#include "db/access/db_errors.h"
#include "db/access/listener.h"
#include "db/queries/runner.h"

namespace clinicd::db {

// One row of a look: its snapshot, and a change unless there is none.
struct FollowedChange {
  std::string snapshot;
  std::optional<ClinicId> clinic;
  std::string entity_type;
  Uuid entity;
  absl::CivilDay was_on;
  absl::CivilDay is_on;
  absl::Duration age;
};

namespace {

constexpr absl::Duration kFirstLookMax = absl::Seconds(10);
constexpr absl::Duration kPauseBetweenAttempts = absl::Milliseconds(100);
// More than this in one look are not told one by one.
constexpr std::int32_t kLookMax = 5000;

FollowedChange ReadChange(const RowReader& row) {
  FollowedChange change;
  change.snapshot = row.Text("snapshot");
  change.clinic = row.OptionalId<ClinicId>("clinic_id");
  if (!change.clinic) return change;
  change.entity_type = row.Text("entity_type");
  change.entity = row.UuidValue("entity_id");
  change.was_on = row.Date("was_on");
  change.is_on = row.Date("is_on");
  change.age = absl::Microseconds(row.Int("age_us"));
  return change;
}

Uuid ReadEntity(const RowReader& row) { return row.UuidValue("entity_id"); }

// The oldest unfinished and the next transaction of a snapshot "10:20:10,14"; 0 for other text.
struct Bounds {
  std::int64_t oldest = 0;
  std::int64_t next = 0;
};
Bounds BoundsOf(std::string_view snapshot) {
  const std::vector<std::string> parts =
      absl::StrSplit(absl::string_view(snapshot.data(), snapshot.size()), ':');
  Bounds bounds;
  const bool known = parts.size() == 3 && absl::SimpleAtoi(parts[0], &bounds.oldest) &&
                     absl::SimpleAtoi(parts[1], &bounds.next);
  return known ? bounds : Bounds{};
}

bool Includes(const Interest& interest, absl::CivilDay day) {
  return interest.first_on <= day && day <= interest.last_on;
}

}  // namespace

ChangeSubscription::ChangeSubscription(ChangeFeed& feed, Interest interest,
                                       std::function<void()> wake)
    : feed_(feed), interest_(std::move(interest)), wake_(std::move(wake)) {}

ChangeSubscription::~ChangeSubscription() { feed_.Unsubscribe(*this); }

ChangeNews ChangeSubscription::Take() {
  const absl::MutexLock lock(&feed_.mutex_);
  const Bounds bounds = BoundsOf(feed_.snapshot_);
  ChangeNews news{.entities = {entities_.begin(), entities_.end()},
                  .everything = everything_,
                  .position = bounds.oldest,
                  .end = bounds.next};
  entities_.clear();
  everything_ = false;
  return news;
}

std::int64_t ChangeSubscription::QuietPosition() const {
  const absl::MutexLock lock(&feed_.mutex_);
  return everything_ || !entities_.empty() ? 0 : BoundsOf(feed_.snapshot_).oldest;
}

ChangeFeed::ChangeFeed(Options options, const Clock& clock)
    : options_(std::move(options)), clock_(clock) {}

ChangeFeed::~ChangeFeed() { Stop(); }

absl::Status ChangeFeed::Start() {
  thread_ = std::thread([this] { Loop(); });
  const absl::MutexLock lock(&mutex_);
  const auto known = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return !snapshot_.empty(); };
  const bool answered = mutex_.AwaitWithTimeout(absl::Condition(&known), kFirstLookMax);
  return answered ? absl::OkStatus() : DatabaseUnavailable();
}

void ChangeFeed::Stop() {
  {
    const absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  if (thread_.joinable()) thread_.join();
}

bool ChangeFeed::stopping() const {
  const absl::MutexLock lock(&mutex_);
  return stopping_;
}

std::unique_ptr<ChangeSubscription> ChangeFeed::Subscribe(const Interest& interest,
                                                          std::function<void()> wake) {
  std::unique_ptr<ChangeSubscription> subscription(
      new ChangeSubscription(*this, interest, std::move(wake)));
  const absl::MutexLock lock(&mutex_);
  subscriptions_[{interest.clinic, interest.entity_type}].insert(subscription.get());
  return subscription;
}

void ChangeFeed::Unsubscribe(ChangeSubscription& subscription) {
  const absl::MutexLock lock(&mutex_);
  const auto found =
      subscriptions_.find(Kind(subscription.interest_.clinic, subscription.interest_.entity_type));
  if (found == subscriptions_.end()) return;
  found->second.erase(&subscription);
  if (found->second.empty()) subscriptions_.erase(found);
}

absl::Status ChangeFeed::Check() const {
  const absl::MutexLock lock(&mutex_);
  const bool fresh = clock_.Now() - looked_at_ <= options_.age_max;
  return fresh ? absl::OkStatus() : DatabaseUnavailable();
}

void ChangeFeed::Loop() {
  while (!stopping()) {
    const absl::StatusOr<std::unique_ptr<Listener>> listener =
        Listener::Open(options_.conninfo, "");
    if (listener.ok()) Follow(**listener);
    const absl::MutexLock lock(&mutex_);
    mutex_.AwaitWithTimeout(absl::Condition(&stopping_), kPauseBetweenAttempts);
  }
}

void ChangeFeed::Follow(Listener& listener) {
  while (!stopping()) {
    const absl::StatusOr<std::size_t> found = Look(listener);
    if (!found.ok()) return;
    const absl::Duration pause = *found > 0 ? options_.poll_busy : options_.poll_idle;
    if (!listener.Wait(pause).ok()) return;
  }
}

absl::StatusOr<std::size_t> ChangeFeed::Look(Listener& listener) {
  const absl::Time as_of = clock_.Now();
  std::string previous;
  {
    const absl::MutexLock lock(&mutex_);
    previous = snapshot_;
  }
  const bool first = previous.empty();
  Params params;
  // The first look learns where to start from, and reads nothing.
  params.SetOrNull("previous", previous)
      .Set("from_number",
           first ? std::numeric_limits<std::int64_t>::max() : BoundsOf(previous).oldest)
      .Set("row_limit", kLookMax + 1);
  CLINICD_ASSIGN_OR_RETURN(std::vector<FollowedChange> changes,
                           listener.Many(sql::kFollowChanges, params, ReadChange));
  if (changes.empty()) return DatabaseUnavailable();
  const std::string snapshot = changes.front().snapshot;
  if (!changes.front().clinic) changes.clear();
  absl::Duration lag;
  for (const FollowedChange& change : changes) lag = std::max(lag, change.age);
  // A database that went back in time has been replaced by an older one.
  const bool replaced = BoundsOf(snapshot).next < BoundsOf(previous).next;
  {
    const absl::MutexLock lock(&mutex_);
    snapshot_ = snapshot;
    looked_at_ = as_of;
    Dispatch(changes, replaced || changes.size() > kLookMax);
  }
  if (!changes.empty() && options_.observe_lag) options_.observe_lag(lag);
  return changes.size();
}

void ChangeFeed::Dispatch(const std::vector<FollowedChange>& changes, bool everything) {
  if (everything) {
    for (auto& [kind, subscriptions] : subscriptions_) {
      for (ChangeSubscription* subscription : subscriptions) Mark(*subscription, nullptr);
    }
    return;
  }
  for (const FollowedChange& change : changes) {
    const auto found = subscriptions_.find(Kind(*change.clinic, change.entity_type));
    if (found == subscriptions_.end()) continue;
    for (ChangeSubscription* subscription : found->second) {
      const Interest& interest = subscription->interest_;
      if (Includes(interest, change.was_on) || Includes(interest, change.is_on)) {
        Mark(*subscription, &change.entity);
      }
    }
  }
}

void ChangeFeed::Mark(ChangeSubscription& subscription, const Uuid* entity) const {
  const bool quiet = !subscription.everything_ && subscription.entities_.empty();
  if (entity != nullptr && !subscription.everything_) subscription.entities_.insert(*entity);
  if (entity == nullptr || subscription.entities_.size() > options_.pending_max) {
    subscription.everything_ = true;
    subscription.entities_.clear();
  }
  if (quiet) subscription.wake_();
}

absl::StatusOr<std::vector<Uuid>> ListChangedEntities(TenantTx& tx, const Interest& interest,
                                                      std::int64_t position, std::int32_t limit) {
  return tx.Many(sql::kListChangedEntities,
                 Params()
                     .Set("entity_type", interest.entity_type)
                     .Set("from_number", position)
                     .Set("first_on", interest.first_on)
                     .Set("last_on", interest.last_on)
                     .Set("row_limit", limit),
                 ReadEntity);
}

}  // namespace clinicd::db
