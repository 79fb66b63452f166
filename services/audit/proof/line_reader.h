// Lines of a stream.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/cbor/sequence.h"

namespace clinicd::audit {

// Cuts a stream into lines. Keeps one line and what was read with it. Not thread-safe.
class LineReader final {
 public:
  LineReader(cbor::ByteSource source, std::size_t line_bytes_max)
      : source_(std::move(source)), line_bytes_max_(line_bytes_max) {}

  // The next line without its end, valid until the next call; nullopt at the end of the stream.
  // INVALID_ARGUMENT: a line that is too long. OUT_OF_RANGE: the last line is not ended. Else what
  // the source said.
  absl::StatusOr<std::optional<std::string_view>> Next();

 private:
  cbor::ByteSource source_;
  std::size_t line_bytes_max_;
  std::string buffer_;
  std::size_t taken_ = 0;
};

}  // namespace clinicd::audit
