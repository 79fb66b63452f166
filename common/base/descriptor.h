// What functions that keep files share: open files, and writing that is on disk when it returns.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace clinicd {

// An open file, closed at the end.
class Descriptor final {
 public:
  // Negative: none.
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor();
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  Descriptor(Descriptor&&) = delete;
  Descriptor& operator=(Descriptor&&) = delete;

  int get() const { return number_; }
  bool ok() const { return number_ >= 0; }

 private:
  const int number_;
};

// FAILED_PRECONDITION with what cannot be done ("read"), the file, and the cause out of errno.
absl::Status FileError(std::string_view doing, const std::string& path);

// Writes all of `content` at the place of `descriptor`, and has it on disk. `path` is for errors.
absl::Status WriteDurably(int descriptor, std::string_view content, const std::string& path);

// Has the names of the files beside `path`, and its own, on disk as well.
absl::Status SyncDirectoryOf(const std::string& path);

}  // namespace clinicd
