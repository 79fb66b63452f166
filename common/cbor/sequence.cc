#include "common/cbor/sequence.h"

#include "common/base/try.h"

namespace clinicd::cbor {
namespace {

constexpr std::size_t kReadBytes = 64 * 1024;

}  // namespace

absl::StatusOr<bool> SequenceReader::Fill() {
  buffer_.erase(0, taken_);
  taken_ = 0;
  const std::size_t kept = buffer_.size();
  buffer_.resize(kept + kReadBytes);
  const absl::StatusOr<std::size_t> got = source_(std::span<char>(buffer_).subspan(kept));
  buffer_.resize(kept + (got.ok() ? *got : 0));
  if (!got.ok()) return got.status();
  return *got > 0;
}

absl::StatusOr<std::optional<std::string_view>> SequenceReader::Next() {
  while (true) {
    const std::string_view rest = std::string_view(buffer_).substr(taken_);
    Reader reader(rest);
    const std::optional<std::string_view> item = reader.Any();
    if (item && item->size() <= item_bytes_max_) {
      taken_ += item->size();
      offset_ += item->size();
      return item;
    }
    if (item || reader.fault() == Reader::Fault::kMalformed || rest.size() > item_bytes_max_) {
      return absl::InvalidArgumentError("not deterministic CBOR, or an item that is too large");
    }
    CLINICD_ASSIGN_OR_RETURN(const bool more, Fill());
    if (more) continue;
    if (rest.empty()) return std::nullopt;
    return absl::OutOfRangeError("the sequence ends in the middle of an item");
  }
}

}  // namespace clinicd::cbor
