// What was read a moment ago.
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/base/clock.h"

namespace clinicd::db {

// Keeps the values that were used last, each for a limited time. Thread-safe; a value that somebody
// still uses outlives its entry.
template <typename Key, typename Value>
class ExpiringCache final {
 public:
  // `clock` must not jump and must outlive the cache.
  ExpiringCache(std::size_t size_max, absl::Duration life, const Clock& clock)
      : size_max_(size_max), life_(life), clock_(clock) {}
  ExpiringCache(const ExpiringCache&) = delete;
  ExpiringCache& operator=(const ExpiringCache&) = delete;

  // Null when there is none.
  std::shared_ptr<const Value> Find(const Key& key) {
    const absl::MutexLock lock(&mutex_);
    const auto found = index_.find(key);
    if (found == index_.end()) return nullptr;
    if (found->second->expires <= clock_.Now()) {
      entries_.erase(found->second);
      index_.erase(found);
      return nullptr;
    }
    entries_.splice(entries_.begin(), entries_, found->second);
    return found->second->value;
  }

  // Changes with every removal. To be asked before that is read which Put() gets.
  std::int64_t generation() const {
    const absl::MutexLock lock(&mutex_);
    return generation_;
  }

  // Keeps the value, unless anything was removed since `generation`: it may be what was meant.
  void Put(const Key& key, std::shared_ptr<const Value> value, std::int64_t generation) {
    const absl::MutexLock lock(&mutex_);
    if (generation != generation_) return;
    Erase(key);
    entries_.push_front({key, std::move(value), clock_.Now() + life_});
    index_[key] = entries_.begin();
    if (entries_.size() > size_max_) Erase(Key(entries_.back().key));
  }

  // Removes all entries whose keys `matches` is true for.
  template <typename Predicate>
  void RemoveIf(Predicate matches) {
    const absl::MutexLock lock(&mutex_);
    ++generation_;
    for (auto entry = entries_.begin(); entry != entries_.end();) {
      if (matches(entry->key)) {
        index_.erase(entry->key);
        entry = entries_.erase(entry);
      } else {
        ++entry;
      }
    }
  }

  std::size_t size() const {
    const absl::MutexLock lock(&mutex_);
    return entries_.size();
  }

 private:
  struct Entry {
    Key key;
    std::shared_ptr<const Value> value;
    absl::Time expires;
  };
  using Entries = std::list<Entry>;

  void Erase(const Key& key) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    const auto found = index_.find(key);
    if (found == index_.end()) return;
    entries_.erase(found->second);
    index_.erase(found);
  }

  const std::size_t size_max_;
  const absl::Duration life_;
  const Clock& clock_;
  mutable absl::Mutex mutex_;
  // Used last comes first.
  Entries entries_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<Key, typename Entries::iterator> index_ ABSL_GUARDED_BY(mutex_);
  std::int64_t generation_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace clinicd::db
