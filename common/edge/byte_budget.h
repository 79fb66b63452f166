// Memory that all connections together may hold for bodies and answers.
#pragma once

#include <atomic>
#include <cstddef>

namespace clinicd::edge {

// Thread-safe.
class ByteBudget final {
 public:
  explicit ByteBudget(std::size_t limit) : limit_(limit) {}

  // Counts `bytes` as held; false, and nothing counted, when that is too much.
  bool TryHold(std::size_t bytes) {
    if (held_.fetch_add(bytes, std::memory_order_relaxed) + bytes <= limit_) return true;
    Release(bytes);
    return false;
  }
  void Release(std::size_t bytes) { held_.fetch_sub(bytes, std::memory_order_relaxed); }

  std::size_t held() const { return held_.load(std::memory_order_relaxed); }

 private:
  const std::size_t limit_;
  std::atomic<std::size_t> held_ = 0;
};

}  // namespace clinicd::edge
