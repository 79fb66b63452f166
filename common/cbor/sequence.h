// CBOR sequences (RFC 8742) that do not fit into memory: item after item.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/cbor/reader.h"

namespace clinicd::cbor {

// Fills the front of `space` and says how much of it; 0 at the end.
using ByteSource = std::function<absl::StatusOr<std::size_t>(std::span<char> space)>;

// Cuts a stream of bytes into its items. Keeps one item and what was read with it. Not thread-safe.
class SequenceReader final {
 public:
  SequenceReader(ByteSource source, std::size_t item_bytes_max)
      : source_(std::move(source)), item_bytes_max_(item_bytes_max) {}

  // The bytes of the next item, valid until the next call; nullopt at the end of the stream.
  // INVALID_ARGUMENT: not deterministic CBOR, or an item that is too large. OUT_OF_RANGE: the
  // stream ends in the middle of an item. Else what the source said.
  absl::StatusOr<std::optional<std::string_view>> Next();

  // How many bytes the items so far took.
  std::uint64_t offset() const { return offset_; }

 private:
  // Reads more; false at the end.
  absl::StatusOr<bool> Fill();

  ByteSource source_;
  std::size_t item_bytes_max_;
  std::string buffer_;
  // What of it was taken already.
  std::size_t taken_ = 0;
  std::uint64_t offset_ = 0;
};

}  // namespace clinicd::cbor
