// Counts failed sign-ins of logins that do not exist.
#pragma once

#include <cstddef>
#include <list>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "services/identity/session.h"

namespace clinicd::identity {

// Makes logins that do not exist slow down like those that do, so that being slowed down tells
// nobody that a user exists. Bounded: forgets the login that failed longest ago. Of this node only.
// Thread-safe.
class FailureMemory final {
 public:
  explicit FailureMemory(std::size_t capacity) : capacity_(capacity) {}

  SignInFailures Of(const LoginKey& key) const;
  void Count(const LoginKey& key, absl::Time now);

 private:
  // A digest, so that what strangers type is not kept.
  using Digest = std::string;
  using Entry = std::pair<Digest, SignInFailures>;

  static Digest DigestOf(const LoginKey& key);

  const std::size_t capacity_;
  mutable absl::Mutex mutex_;
  // The latest failure first.
  std::list<Entry> entries_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<Digest, std::list<Entry>::iterator> index_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace clinicd::identity
