// Bytes of an answer that wait to be sent.
#pragma once

#include <algorithm>
#include <cstddef>
#include <deque>
#include <string>
#include <utility>

namespace clinicd::edge {

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
    while (taken < room && !parts_.empty()) {
      const std::string& part = parts_.front();
      const std::size_t bytes = std::min(room - taken, part.size() - offset_);
      part.copy(to + taken, bytes, offset_);
      taken += bytes;
      offset_ += bytes;
      if (offset_ == part.size()) {
        parts_.pop_front();
        offset_ = 0;
      }
    }
    size_ -= taken;
    return taken;
  }

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

 private:
  std::deque<std::string> parts_;
  std::size_t offset_ = 0;
  std::size_t size_ = 0;
};

}  // namespace clinicd::edge
