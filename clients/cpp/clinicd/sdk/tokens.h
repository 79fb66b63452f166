// The tokens of a session, and where they are kept.
#pragma once

#include <functional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace clinicd::sdk {

struct Tokens {
  std::string access_token = {};
  absl::Time access_expire_time = absl::InfinitePast();
  // Good for one exchange; using it twice ends the session.
  std::string refresh_token = {};
  absl::Time refresh_expire_time = absl::InfinitePast();
};

// Keeps the tokens of one session. Several processes that share a session share a store, which lets
// one at a time change them. Thread-safe.
class TokenStore {
 public:
  virtual ~TokenStore() = default;

  virtual absl::StatusOr<Tokens> Load() = 0;
  // Replaces the tokens by what `change` makes of them, and returns that. Nobody else reads or
  // changes them meanwhile; if `change` fails they stay as they are.
  virtual absl::StatusOr<Tokens> Update(
      const std::function<absl::StatusOr<Tokens>(const Tokens&)>& change) = 0;
};

// In memory, for a session that ends with its process.
class MemoryTokenStore final : public TokenStore {
 public:
  explicit MemoryTokenStore(Tokens tokens) : tokens_(std::move(tokens)) {}

  absl::StatusOr<Tokens> Load() override {
    const absl::MutexLock lock(&mutex_);
    return tokens_;
  }
  absl::StatusOr<Tokens> Update(
      const std::function<absl::StatusOr<Tokens>(const Tokens&)>& change) override {
    const absl::MutexLock lock(&mutex_);
    absl::StatusOr<Tokens> changed = change(tokens_);
    if (changed.ok()) tokens_ = *changed;
    return changed;
  }

 private:
  absl::Mutex mutex_;
  Tokens tokens_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace clinicd::sdk
