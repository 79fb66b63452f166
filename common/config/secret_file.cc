#include "common/config/secret_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "common/base/try.h"

namespace clinicd::config {
namespace {

constexpr std::size_t kSecretBytesMax = std::size_t{64} * 1024;
constexpr mode_t kForGroupOrOthers = S_IRWXG | S_IRWXO;

// Checks what was opened, not what the path names a moment later.
absl::Status CheckOpened(int descriptor, const std::string& path) {
  struct stat info = {};
  if (::fstat(descriptor, &info) != 0) return absl::ErrnoToStatus(errno, path);
  if (!S_ISREG(info.st_mode)) {
    return absl::FailedPreconditionError(absl::StrCat(path, " is not a regular file"));
  }
  if ((info.st_mode & kForGroupOrOthers) != 0) {
    return absl::FailedPreconditionError(
        absl::StrCat(path, " is open to other users; run: chmod 600 ", path));
  }
  if (info.st_uid != 0 && info.st_uid != ::geteuid()) {
    return absl::FailedPreconditionError(absl::StrCat(
        path, " belongs to another user (", info.st_uid, "); run: chown ", ::geteuid(), " ", path));
  }
  return absl::OkStatus();
}

absl::StatusOr<int> OpenSecretFile(const std::string& path) {
  // Without O_NONBLOCK a named pipe would keep us waiting.
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (descriptor < 0) return absl::ErrnoToStatus(errno, absl::StrCat("cannot open ", path));
  absl::Status status = CheckOpened(descriptor, path);
  if (!status.ok()) {
    ::close(descriptor);
    return status;
  }
  return descriptor;
}

absl::StatusOr<std::string> ReadAll(int descriptor, const std::string& path) {
  std::string content;
  std::array<char, 4096> buffer = {};
  for (;;) {
    const ssize_t count = ::read(descriptor, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return absl::ErrnoToStatus(errno, absl::StrCat("cannot read ", path));
    if (count == 0) return content;
    content.append(buffer.data(), static_cast<std::size_t>(count));
    if (content.size() > kSecretBytesMax) {
      return absl::InvalidArgumentError(absl::StrCat(path, " is longer than a secret can be"));
    }
  }
}

}  // namespace

absl::Status CheckSecretFile(const std::string& path) {
  CLINICD_ASSIGN_OR_RETURN(const int descriptor, OpenSecretFile(path));
  ::close(descriptor);
  return absl::OkStatus();
}

absl::StatusOr<std::string> ReadSecretFile(const std::string& path) {
  CLINICD_ASSIGN_OR_RETURN(const int descriptor, OpenSecretFile(path));
  const absl::Cleanup close_file = [descriptor] { ::close(descriptor); };
  CLINICD_ASSIGN_OR_RETURN(std::string secret, ReadAll(descriptor, path));
  if (!secret.empty() && secret.back() == '\n') secret.pop_back();
  if (!secret.empty() && secret.back() == '\r') secret.pop_back();
  if (secret.empty() || secret.find('\0') != std::string::npos) {
    return absl::InvalidArgumentError(absl::StrCat(path, " holds no text"));
  }
  return secret;
}

}  // namespace clinicd::config
