#include "common/auth/key_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/base/text.h"
#include "common/base/try.h"
#include "common/crypto/base64url.h"
#include "common/crypto/digest.h"

namespace clinicd::auth {
namespace {

// Longer than any key file.
constexpr std::size_t kFileSizeMax = 512;

class FileDescriptor final {
 public:
  explicit FileDescriptor(int fd) : fd_(fd) {}
  ~FileDescriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;

  int get() const { return fd_; }
  bool ok() const { return fd_ >= 0; }

 private:
  int fd_;
};

absl::Status SystemError(std::string_view doing, const std::string& path) {
  const int error = errno;
  return absl::FailedPreconditionError(
      absl::StrCat(ToAbsl(doing), " ", path, ": ", std::strerror(error)));
}

std::string PathOf(const std::string& directory, std::string_view name) {
  return absl::StrCat(directory, "/", ToAbsl(name), ".key");
}

// The text before the key. It names the key, so that a file copied over another is noticed.
std::string Preamble(std::string_view name) {
  return absl::StrCat("clinicd key 1 ", ToAbsl(name), " ");
}

absl::Status CheckOwner(const struct stat& info, const std::string& path) {
  if (info.st_uid == ::geteuid() || info.st_uid == 0) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrFormat("%s belongs to user %u, not to the user that runs clinicd; run: chown %u %s",
                      path, info.st_uid, ::geteuid(), path));
}

absl::Status CheckFile(int fd, const std::string& path) {
  struct stat info = {};
  if (::fstat(fd, &info) != 0) return SystemError("cannot inspect", path);
  if (!S_ISREG(info.st_mode)) {
    return absl::FailedPreconditionError(absl::StrCat(path, " is not a regular file"));
  }
  CLINICD_RETURN_IF_ERROR(CheckOwner(info, path));
  if ((info.st_mode & 077) != 0) {
    return absl::FailedPreconditionError(
        absl::StrFormat("%s is open to other users (mode %04o); run: chmod 600 %s", path,
                        info.st_mode & 07777, path));
  }
  return absl::OkStatus();
}

absl::StatusOr<crypto::SecretBytes> ReadAll(int fd, const std::string& path) {
  crypto::SecretBytes buffer(kFileSizeMax);
  std::size_t size = 0;
  while (size < kFileSizeMax) {
    const ssize_t count = ::read(fd, buffer.mutable_span().data() + size, kFileSizeMax - size);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return SystemError("cannot read", path);
    if (count == 0) break;
    size += static_cast<std::size_t>(count);
  }
  return crypto::SecretBytes(buffer.view().substr(0, size));
}

absl::Status WriteAll(int fd, std::string_view text, const std::string& path) {
  while (!text.empty()) {
    const ssize_t count = ::write(fd, text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return SystemError("cannot write", path);
    text.remove_prefix(static_cast<std::size_t>(count));
  }
  if (::fsync(fd) != 0) return SystemError("cannot flush", path);
  return absl::OkStatus();
}

absl::Status FlushDirectory(const std::string& directory) {
  const FileDescriptor fd(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.ok() || ::fsync(fd.get()) != 0) return SystemError("cannot flush", directory);
  return absl::OkStatus();
}

absl::Status WriteTemporary(const std::string& path, std::string_view name, Random& random) {
  const FileDescriptor fd(
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!fd.ok()) return SystemError("cannot create", path);
  crypto::SecretBytes key(kKeySize);
  random.Fill(key.mutable_span());
  std::string encoded = crypto::Base64UrlEncode(key.view());
  std::string text = absl::StrCat(Preamble(name), encoded, "\n");
  absl::Status status = WriteAll(fd.get(), text, path);
  crypto::WipeText(encoded);
  crypto::WipeText(text);
  return status;
}

}  // namespace

absl::StatusOr<crypto::SecretBytes> ReadKeyFile(const std::string& directory,
                                                std::string_view name) {
  const std::string path = PathOf(directory, name);
  const FileDescriptor fd(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!fd.ok()) return SystemError("cannot open key file", path);
  CLINICD_RETURN_IF_ERROR(CheckFile(fd.get(), path));
  CLINICD_ASSIGN_OR_RETURN(const crypto::SecretBytes content, ReadAll(fd.get(), path));
  std::string_view text = content.view();
  const std::string preamble = Preamble(name);
  if (text.ends_with('\n')) text.remove_suffix(1);
  std::optional<std::string> key;
  if (text.starts_with(preamble)) key = crypto::Base64UrlDecode(text.substr(preamble.size()));
  if (!key || key->size() != kKeySize) {
    return absl::FailedPreconditionError(absl::StrCat(
        path,
        " does not hold the key its name says; restore it from the copy of the key directory"));
  }
  crypto::SecretBytes bytes(*key);
  crypto::WipeText(*key);
  return bytes;
}

absl::StatusOr<bool> MakeKeyFile(const std::string& directory, std::string_view name,
                                 Random& random) {
  const std::string path = PathOf(directory, name);
  const std::string temporary =
      absl::StrCat(directory, "/.", ToAbsl(name), ".", crypto::ToHex(random.Bytes(8)), ".new");
  absl::Status status = WriteTemporary(temporary, name, random);
  bool made = false;
  // link() refuses to replace: of two processes that start at once, one makes the key that both
  // use.
  if (status.ok()) {
    made = ::link(temporary.c_str(), path.c_str()) == 0;
    if (!made && errno != EEXIST) status = SystemError("cannot create", path);
  }
  ::unlink(temporary.c_str());
  CLINICD_RETURN_IF_ERROR(status);
  CLINICD_RETURN_IF_ERROR(FlushDirectory(directory));
  return made;
}

absl::Status MakeKeyDirectory(const std::string& directory) {
  if (::mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST) {
    return SystemError("cannot create key directory", directory);
  }
  return CheckKeyDirectory(directory);
}

absl::Status CheckKeyDirectory(const std::string& directory) {
  struct stat info = {};
  if (::stat(directory.c_str(), &info) != 0) {
    return SystemError("cannot inspect key directory", directory);
  }
  if (!S_ISDIR(info.st_mode)) {
    return absl::FailedPreconditionError(absl::StrCat(directory, " is not a directory"));
  }
  CLINICD_RETURN_IF_ERROR(CheckOwner(info, directory));
  if ((info.st_mode & 022) != 0) {
    return absl::FailedPreconditionError(
        absl::StrFormat("key directory %s may be written to by other users (mode %04o); run: "
                        "chmod 700 %s",
                        directory, info.st_mode & 07777, directory));
  }
  return absl::OkStatus();
}

}  // namespace clinicd::auth
