#include "common/base/durable_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "common/base/text.h"
#include "common/base/try.h"

namespace clinicd {
namespace {

constexpr mode_t kMode = 0600;

absl::Status SystemError(std::string_view doing, const std::string& path) {
  const std::string cause = std::system_category().message(errno);
  return absl::FailedPreconditionError(
      absl::StrCat("cannot ", ToAbsl(doing), " ", path, ": ", cause));
}

// An open file, closed at the end.
class Descriptor final {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  Descriptor(Descriptor&&) = delete;
  Descriptor& operator=(Descriptor&&) = delete;

  int get() const { return number_; }

 private:
  const int number_;
};

absl::Status WriteAll(int descriptor, std::string_view content, const std::string& path) {
  while (!content.empty()) {
    const ssize_t written = write(descriptor, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return SystemError("write", path);
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  if (fsync(descriptor) != 0) return SystemError("write", path);
  return absl::OkStatus();
}

// So that the name of a new file is on disk as well.
absl::Status SyncDirectoryOf(const std::string& path) {
  const std::filesystem::path parent = std::filesystem::path(path).parent_path();
  const std::string directory = parent.empty() ? "." : parent.string();
  const Descriptor opened(open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (opened.get() < 0 || fsync(opened.get()) != 0) return SystemError("write", directory);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::string> ReadWholeFile(const std::string& path, std::size_t size_max) {
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) {
    if (errno == ENOENT) return absl::NotFoundError(absl::StrCat("there is no ", path));
    return SystemError("open", path);
  }
  std::string content(size_max + 1, '\0');
  std::size_t size = 0;
  while (size < content.size()) {
    const ssize_t got = read(file.get(), content.data() + size, content.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return SystemError("read", path);
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
    if (file.get() < 0) return SystemError("open", written);
    CLINICD_RETURN_IF_ERROR(WriteAll(file.get(), content, written));
  }
  if (std::rename(written.c_str(), path.c_str()) != 0) return SystemError("replace", path);
  return SyncDirectoryOf(path);
}

absl::Status AppendDurably(const std::string& path, std::string_view content) {
  const bool made = access(path.c_str(), F_OK) != 0;
  {
    const Descriptor file(
        open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, kMode));
    if (file.get() < 0) return SystemError("open", path);
    CLINICD_RETURN_IF_ERROR(WriteAll(file.get(), content, path));
  }
  return made ? SyncDirectoryOf(path) : absl::OkStatus();
}

}  // namespace clinicd
