// Remembers which access tokens were verified, so that a signature is checked once a token and not
// once a call.
#pragma once

#include <array>
#include <cstdint>
#include <list>
#include <optional>
#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/auth/access_token.h"

namespace clinicd::auth {

// A bounded cache in front of a verifier. Thread-safe.
//
// Only tokens that verified are kept, under their whole text: a text that differs anywhere is
// verified anew, and strangers cannot fill the cache with what they make up. The least recently
// used token goes first; an expired one goes when it is seen again. Whether session and rights are
// still what the token says is not known here: the caller checks that with each call.
class VerifiedTokenCache final {
 public:
  // Tokens that had been verified before, and those whose signature had to be.
  struct Stats {
    std::int64_t hits = 0;
    std::int64_t misses = 0;
  };

  // Keeps about `capacity` tokens, at some 700 bytes each.
  VerifiedTokenCache(const TokenVerifier& verifier, std::size_t capacity);

  // As TokenVerifier::Verify().
  absl::StatusOr<Claims> Verify(std::string_view token, absl::Time now);

  // Number of tokens held now.
  std::size_t size() const;
  Stats stats() const;

 private:
  struct Entry {
    std::string token;
    std::uint64_t generation;
    Claims claims;
  };
  // Tokens spread over shards by their signature's last letters, so that calls rarely wait.
  struct Shard {
    mutable absl::Mutex mutex;
    Stats stats ABSL_GUARDED_BY(mutex);
    // Most recently used first.
    std::list<Entry> entries ABSL_GUARDED_BY(mutex);
    // Keys are the texts in `entries`, whose addresses do not change.
    absl::flat_hash_map<absl::string_view, std::list<Entry>::iterator> index ABSL_GUARDED_BY(mutex);
  };
  static constexpr std::size_t kShards = 16;

  Shard& ShardOf(std::string_view token);
  // The remembered claims of `token`; nullopt if it is to be verified.
  std::optional<Claims> Find(std::string_view token);
  void Keep(std::string_view token, std::uint64_t generation, const Claims& claims);
  void Drop(std::string_view token);

  const TokenVerifier& verifier_;
  const std::size_t shard_capacity_;
  std::array<Shard, kShards> shards_;
};

}  // namespace clinicd::auth
