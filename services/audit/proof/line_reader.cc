#include "services/audit/proof/line_reader.h"

#include "common/base/try.h"

namespace clinicd::audit {
namespace {

constexpr std::size_t kReadBytes = 64 * 1024;

}  // namespace

absl::StatusOr<std::optional<std::string_view>> LineReader::Next() {
  std::size_t searched = taken_;
  while (true) {
    const std::size_t end = buffer_.find('\n', searched);
    if (end != std::string::npos && end - taken_ <= line_bytes_max_) {
      const std::string_view line = std::string_view(buffer_).substr(taken_, end - taken_);
      taken_ = end + 1;
      return line;
    }
    if (end != std::string::npos || buffer_.size() - taken_ > line_bytes_max_) {
      return absl::InvalidArgumentError("a line is too long");
    }
    buffer_.erase(0, taken_);
    taken_ = 0;
    searched = buffer_.size();
    buffer_.resize(searched + kReadBytes);
    const absl::StatusOr<std::size_t> got = source_(std::span<char>(buffer_).subspan(searched));
    buffer_.resize(searched + (got.ok() ? *got : 0));
    if (!got.ok()) return got.status();
    if (*got > 0) continue;
    if (buffer_.empty()) return std::nullopt;
    return absl::OutOfRangeError("the last line is not ended");
  }
}

}  // namespace clinicd::audit
