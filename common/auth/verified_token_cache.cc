#include "common/auth/verified_token_cache.h"

#include <algorithm>

#include "common/base/text.h"

namespace clinicd::auth {

VerifiedTokenCache::VerifiedTokenCache(const TokenVerifier& verifier, std::size_t capacity)
    : verifier_(verifier), shard_capacity_(std::max<std::size_t>(1, capacity / kShards)) {}

VerifiedTokenCache::Shard& VerifiedTokenCache::ShardOf(std::string_view token) {
  // A signature is as good as random; but its last letter carries two bits only.
  const auto letter = token.size() < 3 ? '\0' : token[token.size() - 3];
  return shards_[static_cast<unsigned char>(letter) % kShards];
}

absl::StatusOr<Claims> VerifiedTokenCache::Verify(std::string_view token, absl::Time now) {
  if (const std::optional<Claims> known = Find(token)) {
    const absl::Status times = CheckTimes(*known, now);
    if (times.ok()) return *known;
    Drop(token);
    return times;
  }
  // Read before verifying: if keys are replaced meanwhile, what is kept counts as outdated.
  const std::uint64_t generation = verifier_.generation();
  absl::StatusOr<Claims> claims = verifier_.Verify(token, now);
  if (claims.ok()) Keep(token, generation, *claims);
  return claims;
}

std::optional<Claims> VerifiedTokenCache::Find(std::string_view token) {
  Shard& shard = ShardOf(token);
  const absl::MutexLock lock(&shard.mutex);
  const auto found = shard.index.find(ToAbsl(token));
  const bool outdated =
      found != shard.index.end() && found->second->generation != verifier_.generation();
  if (found == shard.index.end() || outdated) ++shard.stats.misses;
  if (found == shard.index.end()) return std::nullopt;
  const auto entry = found->second;
  if (outdated) {
    shard.index.erase(found);
    shard.entries.erase(entry);
    return std::nullopt;
  }
  ++shard.stats.hits;
  shard.entries.splice(shard.entries.begin(), shard.entries, entry);
  return entry->claims;
}

void VerifiedTokenCache::Keep(std::string_view token, std::uint64_t generation,
                              const Claims& claims) {
  Shard& shard = ShardOf(token);
  const absl::MutexLock lock(&shard.mutex);
  if (shard.index.contains(ToAbsl(token))) return;
  if (shard.entries.size() >= shard_capacity_) {
    shard.index.erase(ToAbsl(shard.entries.back().token));
    shard.entries.pop_back();
  }
  shard.entries.push_front({std::string(token), generation, claims});
  shard.index.emplace(ToAbsl(shard.entries.front().token), shard.entries.begin());
}

void VerifiedTokenCache::Drop(std::string_view token) {
  Shard& shard = ShardOf(token);
  const absl::MutexLock lock(&shard.mutex);
  const auto found = shard.index.find(ToAbsl(token));
  if (found == shard.index.end()) return;
  const auto entry = found->second;
  shard.index.erase(found);
  shard.entries.erase(entry);
}

std::size_t VerifiedTokenCache::size() const {
  std::size_t total = 0;
  for (const Shard& shard : shards_) {
    const absl::MutexLock lock(&shard.mutex);
    total += shard.entries.size();
  }
  return total;
}

VerifiedTokenCache::Stats VerifiedTokenCache::stats() const {
  Stats total;
  for (const Shard& shard : shards_) {
    const absl::MutexLock lock(&shard.mutex);
    total.hits += shard.stats.hits;
    total.misses += shard.stats.misses;
  }
  return total;
}

}  // namespace clinicd::auth
