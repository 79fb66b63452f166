#include "services/identity/failure_memory.h"

#include "common/crypto/digest.h"

namespace clinicd::identity {

FailureMemory::Digest FailureMemory::DigestOf(const LoginKey& key) {
  const crypto::Sha256Digest digest = crypto::Sha256(crypto::JoinParts({key.slug, key.email_key}));
  return Digest(crypto::AsView(digest));
}

SignInFailures FailureMemory::Of(const LoginKey& key) const {
  const Digest digest = DigestOf(key);
  const absl::MutexLock lock(&mutex_);
  const auto found = index_.find(digest);
  return found == index_.end() ? SignInFailures() : found->second->second;
}

void FailureMemory::Count(const LoginKey& key, absl::Time now) {
  const Digest digest = DigestOf(key);
  const absl::MutexLock lock(&mutex_);
  const auto found = index_.find(digest);
  if (found == index_.end()) {
    entries_.emplace_front(digest, SignInFailures());
    index_[digest] = entries_.begin();
  } else {
    entries_.splice(entries_.begin(), entries_, found->second);
  }
  SignInFailures& failures = entries_.front().second;
  ++failures.count;
  failures.last_at = now;
  if (entries_.size() <= capacity_) return;
  index_.erase(entries_.back().first);
  entries_.pop_back();
}

}  // namespace clinicd::identity
