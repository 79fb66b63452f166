#include "common/base/descriptor.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "common/base/text.h"

namespace clinicd {

Descriptor::~Descriptor() {
  if (number_ >= 0) close(number_);
}

absl::Status FileError(std::string_view doing, const std::string& path) {
  const std::string cause = std::system_category().message(errno);
  return absl::FailedPreconditionError(
      absl::StrCat("cannot ", ToAbsl(doing), " ", path, ": ", cause));
}

absl::Status WriteDurably(int descriptor, std::string_view content, const std::string& path) {
  while (!content.empty()) {
    const ssize_t written = write(descriptor, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return FileError("write", path);
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  if (fsync(descriptor) != 0) return FileError("flush", path);
  return absl::OkStatus();
}

absl::Status SyncDirectoryOf(const std::string& path) {
  const std::filesystem::path parent = std::filesystem::path(path).parent_path();
  const std::string directory = parent.empty() ? "." : parent.string();
  const Descriptor opened(open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!opened.ok() || fsync(opened.get()) != 0) return FileError("flush", directory);
  return absl::OkStatus();
}

}  // namespace clinicd
