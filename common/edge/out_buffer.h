// Bytes of an answer that wait to be sent.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace clinicd::edge {

// Takes next to no memory while it is empty, as those of most streams are.
class OutBuffer final {
 public:
  void Add(std::string bytes) {
    if (bytes.empty()) return;
    size_ += bytes.size();
    parts_.push_back(std::move(bytes));
  }

  // Moves at most `room` bytes to `to`; how many.
  std::size_t Take(char* to, std::size_t room) {
    std::size_t taken = 0;
    while (taken < room && first_ < parts_.size()) {
      std::string& part = parts_[first_];
      const std::size_t bytes = std::min(room - taken, part.size() - offset_);
      part.copy(to + taken, bytes, offset_);
      taken += bytes;
      offset_ += bytes;
      if (offset_ < part.size()) break;
      part = std::string();
      ++first_;
      offset_ = 0;
    }
    size_ -= taken;
    if (2 * first_ >= parts_.size()) DropTaken();
    return taken;
  }

  void Clear() {
    parts_.clear();
    first_ = 0;
    offset_ = 0;
    size_ = 0;
  }

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

 private:
  void DropTaken() {
    parts_.erase(parts_.begin(), parts_.begin() + static_cast<std::ptrdiff_t>(first_));
    first_ = 0;
  }

  std::vector<std::string> parts_;
  // Those before it have been taken.
  std::size_t first_ = 0;
  std::size_t offset_ = 0;
  std::size_t size_ = 0;
};

}  // namespace clinicd::edge
