// Where the bytes of a file come from.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace clinicd::importer {

// Bytes that can be read from any offset. Not thread-safe.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  // Reads up to bytes.size() bytes that begin at `offset`; 0 at the end, never fewer than there are
  // for any other reason.
  virtual absl::StatusOr<std::size_t> ReadAt(std::uint64_t offset, std::span<char> bytes) = 0;
};

// Opens a regular file for reading. Errors name the file and the cause; NOT_FOUND if there is none.
absl::StatusOr<std::unique_ptr<ByteSource>> OpenFile(const std::string& path);

}  // namespace clinicd::importer
