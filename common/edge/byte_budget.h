// Memory that all connections together may hold for bodies and answers.
#pragma once

#include <atomic>
#include <cstddef>

namespace clinicd::edge {

// Thread-safe.
class ByteBudget final {
 public:
  explicit ByteBudget(std::size_t limit) : limit_(limit) {}

  // Counts `bytes` as held; false, and nothing counted, when that is too much. Bodies get three
  // quarters of the whole at most: whoever fills them must not keep others from being answered.
  bool TryHoldBody(std::size_t bytes) { return TryHold(bytes, limit_ - limit_ / 4); }
  bool TryHoldAnswer(std::size_t bytes) { return TryHold(bytes, limit_); }
  void Release(std::size_t bytes) { held_.fetch_sub(bytes, std::memory_order_relaxed); }

  std::size_t held() const { return held_.load(std::memory_order_relaxed); }

 private:
  bool TryHold(std::size_t bytes, std::size_t limit) {
    if (held_.fetch_add(bytes, std::memory_order_relaxed) + bytes <= limit) return true;
    Release(bytes);
    return false;
  }

  const std::size_t limit_;
  std::atomic<std::size_t> held_ = 0;
};

}  // namespace clinicd::edge
