#include "common/base/durable_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "absl/strings/str_cat.h"
#include "common/base/descriptor.h"
#include "common/base/try.h"

namespace clinicd {
namespace {

constexpr mode_t kMode = 0600;

}  // namespace

absl::StatusOr<std::string> ReadWholeFile(const std::string& path, std::size_t size_max) {
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.ok()) {
    if (errno == ENOENT) return absl::NotFoundError(absl::StrCat("there is no ", path));
    return FileError("open", path);
  }
  std::string content(size_max + 1, '\0');
  std::size_t size = 0;
  while (size < content.size()) {
    const ssize_t got = read(file.get(), content.data() + size, content.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return FileError("read", path);
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  if (size > size_max) {
    return absl::FailedPreconditionError(absl::StrCat(path, " is too large to be what it should"));
  }
  content.resize(size);
  return content;
}

absl::Status ReplaceDurably(const std::string& path, std::string_view content) {
  const std::string written = path + ".new";
  {
    const Descriptor file(
        open(written.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, kMode));
    if (!file.ok()) return FileError("open", written);
    CLINICD_RETURN_IF_ERROR(WriteDurably(file.get(), content, written));
  }
  if (std::rename(written.c_str(), path.c_str()) != 0) return FileError("replace", path);
  return SyncDirectoryOf(path);
}

absl::Status AppendDurably(const std::string& path, std::string_view content) {
  const bool made = access(path.c_str(), F_OK) != 0;
  {
    const Descriptor file(
        open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, kMode));
    if (!file.ok()) return FileError("open", path);
    CLINICD_RETURN_IF_ERROR(WriteDurably(file.get(), content, path));
  }
  return made ? SyncDirectoryOf(path) : absl::OkStatus();
}

}  // namespace clinicd
