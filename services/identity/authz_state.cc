#include "services/identity/authz_state.h"

#include <algorithm>

#include "services/identity/identity_errors.h"

namespace clinicd::identity {
namespace {

// Forgetting looks at every entry, so not at each turn.
constexpr absl::Duration kForgetEvery = absl::Minutes(1);

}  // namespace

void AuthzState::Add(const std::vector<AuthzChange>& changes) {
  const absl::Time now = clock_.Now();
  const absl::Time forget_at = now + limits_.keep;
  const absl::MutexLock lock(&mutex_);
  for (const AuthzChange& change : changes) {
    if (change.session) ended_[{change.clinic, *change.session}] = forget_at;
    if (change.min_epoch) {
      MinEpoch& known = epochs_[{change.clinic, change.user}];
      known.epoch = std::max(known.epoch, *change.min_epoch);
      known.forget_at = forget_at;
    }
  }
  Forget(now);
}

void AuthzState::Forget(absl::Time now) {
  if (now < forget_next_) return;
  forget_next_ = now + kForgetEvery;
  absl::erase_if(ended_, [now](const auto& entry) { return entry.second <= now; });
  absl::erase_if(epochs_, [now](const auto& entry) { return entry.second.forget_at <= now; });
}

void AuthzState::Confirm(absl::Time as_of) {
  const absl::MutexLock lock(&mutex_);
  confirmed_at_ = std::max(confirmed_at_, as_of);
}

absl::Status AuthzState::Check(const auth::Identity& identity) const {
  const absl::Time now = clock_.Now();
  const absl::ReaderMutexLock lock(&mutex_);
  if (now - confirmed_at_ > limits_.age_max) return RightsUnknown();
  if (ended_.contains({identity.clinic, identity.session})) return SessionRevoked();
  const auto least = epochs_.find({identity.clinic, identity.user});
  if (least != epochs_.end() && identity.authz_epoch < least->second.epoch) return SessionRevoked();
  return absl::OkStatus();
}

bool AuthzState::fresh() const {
  const absl::Time now = clock_.Now();
  const absl::ReaderMutexLock lock(&mutex_);
  return now - confirmed_at_ <= limits_.age_max;
}

std::size_t AuthzState::size() const {
  const absl::ReaderMutexLock lock(&mutex_);
  return ended_.size() + epochs_.size();
}

}  // namespace clinicd::identity
