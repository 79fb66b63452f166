// Memory that all connections together may hold for requests and answers.
#pragma once

#include <atomic>
#include <cstddef>

namespace clinicd::edge {

// Thread-safe.
class ByteBudget final {
 public:
  explicit ByteBudget(std::size_t limit) : limit_(limit) {}

  // Counts `bytes` as held; false, and nothing counted, when that is too much. Requests, bodies and
  // heads, get three quarters of the whole at most: whoever fills them must not keep others from
  // being answered.
  bool TryHoldRequest(std::size_t bytes) { return TryHold(bytes, limit_ - limit_ / 4); }
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

// What one holder has of the part for requests, given back at the end. Not thread-safe.
class HeldBytes final {
 public:
  explicit HeldBytes(ByteBudget& budget) : budget_(budget) {}
  ~HeldBytes() { budget_.Release(bytes_); }
  HeldBytes(const HeldBytes&) = delete;
  HeldBytes& operator=(const HeldBytes&) = delete;
  HeldBytes(HeldBytes&&) = delete;
  HeldBytes& operator=(HeldBytes&&) = delete;

  // Holds `bytes` instead of what it held; false, and nothing changed, when that is too much.
  bool Set(std::size_t bytes) {
    if (bytes > bytes_ && !budget_.TryHoldRequest(bytes - bytes_)) return false;
    if (bytes < bytes_) budget_.Release(bytes_ - bytes);
    bytes_ = bytes;
    return true;
  }

 private:
  ByteBudget& budget_;
  std::size_t bytes_ = 0;
};

}  // namespace clinicd::edge
