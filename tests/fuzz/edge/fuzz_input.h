// What a fuzzer's bytes mean: some numbers first, the text after them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string_view>

namespace clinicd::fuzz {

class Input final {
 public:
  Input(const std::uint8_t* data, std::size_t size)
      : rest_(reinterpret_cast<const char*>(data), size) {}

  // 0 when nothing is left.
  std::uint8_t Byte() {
    if (rest_.empty()) return 0;
    const auto byte = static_cast<std::uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    return byte;
  }
  std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
};

// Ends the run: the input is kept as a crash.
inline void Require(bool holds, const char* what) {
  if (holds) return;
  std::cerr << "does not hold: " << what << std::endl;
  std::abort();
}

// Calls `take` with one piece of `text` after the other, none larger than `piece`.
template <typename Take>
void InPieces(std::string_view text, std::size_t piece, Take take) {
  while (!text.empty()) {
    take(text.substr(0, piece));
    text.remove_prefix(std::min(piece, text.size()));
  }
}

}  // namespace clinicd::fuzz
