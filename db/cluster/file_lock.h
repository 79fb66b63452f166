// Keeps two processes from using one directory.
#pragma once

#include <filesystem>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace clinicd::db {

// An exclusive lock on a file, held while the object lives. The kernel releases it when the
// process ends in whatever way; programs started meanwhile do not inherit it.
class FileLock final {
 public:
  // Creates the file if need be. ALREADY_EXISTS if another process holds the lock for all of
  // `patience`.
  static absl::StatusOr<FileLock> Acquire(const std::filesystem::path& path,
                                          absl::Duration patience);

  FileLock(FileLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  FileLock& operator=(FileLock&&) = delete;
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;
  ~FileLock();

 private:
  explicit FileLock(int descriptor) : descriptor_(descriptor) {}

  int descriptor_;
};

}  // namespace clinicd::db
