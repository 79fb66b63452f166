#include "common/auth/private_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/base/descriptor.h"
#include "common/base/try.h"
#include "common/crypto/digest.h"

namespace clinicd::auth {
namespace {

absl::Status CheckFile(int fd, const std::string& path, FileTrust trust) {
  struct stat info = {};
  if (::fstat(fd, &info) != 0) return FileError("inspect", path);
  if (!S_ISREG(info.st_mode)) {
    return absl::FailedPreconditionError(absl::StrCat(path, " is not a regular file"));
  }
  if (info.st_uid != ::geteuid() && info.st_uid != 0) {
    return absl::FailedPreconditionError(absl::StrFormat(
        "%s belongs to user %u, not to the user that runs clinicd; run: chown %u %s", path,
        info.st_uid, ::geteuid(), path));
  }
  const bool listed = trust == FileTrust::kServiceManager && info.st_uid == 0;
  if ((info.st_mode & (listed ? 037U : 077U)) != 0) {
    return absl::FailedPreconditionError(
        absl::StrFormat("%s is open to other users (mode %04o); run: chmod 600 %s", path,
                        info.st_mode & 07777, path));
  }
  return absl::OkStatus();
}

absl::StatusOr<crypto::SecretBytes> ReadAll(int fd, std::size_t size_max, const std::string& path) {
  struct stat info = {};
  if (::fstat(fd, &info) != 0) return FileError("inspect", path);
  const auto expected = static_cast<std::size_t>(std::max<off_t>(info.st_size, 0));
  if (expected > size_max) {
    return absl::FailedPreconditionError(absl::StrCat(path, " is longer than it can be"));
  }
  crypto::SecretBytes buffer(expected);
  std::size_t size = 0;
  while (size < expected) {
    const ssize_t count = ::read(fd, buffer.mutable_span().data() + size, expected - size);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return FileError("read", path);
    if (count == 0) break;
    size += static_cast<std::size_t>(count);
  }
  return size == expected ? std::move(buffer) : crypto::SecretBytes(buffer.view().substr(0, size));
}

absl::Status WriteTemporary(const std::string& path, std::string_view content, int flags) {
  const Descriptor fd(
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC | flags, 0600));
  if (!fd.ok()) return FileError("create", path);
  return WriteDurably(fd.get(), content, path);
}

// Overwrites what an open file holds, in place.
absl::Status Overwrite(int fd, const std::string& path) {
  struct stat info = {};
  if (::fstat(fd, &info) != 0) return FileError("inspect", path);
  const std::string zeros(static_cast<std::size_t>(std::max<off_t>(info.st_size, 0)), '\0');
  return WriteDurably(fd, zeros, path);
}

absl::Status OverwriteAndUnlink(const std::string& path) {
  const Descriptor fd(::open(path.c_str(), O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!fd.ok() && errno == ENOENT) return absl::OkStatus();
  if (!fd.ok()) return FileError("open", path);
  CLINICD_RETURN_IF_ERROR(Overwrite(fd.get(), path));
  if (::unlink(path.c_str()) != 0) return FileError("remove", path);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<crypto::SecretBytes> ReadPrivateFile(const std::string& path, std::size_t size_max,
                                                    FileTrust trust) {
  const Descriptor fd(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!fd.ok() && errno == ENOENT) {
    return absl::NotFoundError(absl::StrCat("there is no file ", path));
  }
  if (!fd.ok()) return FileError("open", path);
  CLINICD_RETURN_IF_ERROR(CheckFile(fd.get(), path, trust));
  return ReadAll(fd.get(), size_max, path);
}

absl::StatusOr<bool> CreatePrivateFile(const std::string& path, std::string_view content,
                                       Random& random) {
  const std::filesystem::path name(path);
  const std::string temporary =
      absl::StrCat(name.parent_path().string(), "/.", name.stem().string(), ".",
                   crypto::ToHex(random.Bytes(8)), ".new");
  absl::Status status = WriteTemporary(temporary, content, O_EXCL);
  bool made = false;
  // link() refuses to replace: of two processes that start at once, one makes the file that both
  // use.
  if (status.ok()) {
    made = ::link(temporary.c_str(), path.c_str()) == 0;
    if (!made && errno != EEXIST) status = FileError("create", path);
  }
  ::unlink(temporary.c_str());
  CLINICD_RETURN_IF_ERROR(status);
  CLINICD_RETURN_IF_ERROR(SyncDirectoryOf(path));
  return made;
}

absl::Status ReplacePrivateFile(const std::string& path, std::string_view content) {
  const std::string temporary = path + ".new";
  const Descriptor before(::open(path.c_str(), O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!before.ok() && errno != ENOENT) return FileError("open", path);
  CLINICD_RETURN_IF_ERROR(OverwriteAndUnlink(temporary));
  CLINICD_RETURN_IF_ERROR(WriteTemporary(temporary, content, O_EXCL));
  if (::rename(temporary.c_str(), path.c_str()) != 0) return FileError("replace", path);
  CLINICD_RETURN_IF_ERROR(SyncDirectoryOf(path));
  return before.ok() ? Overwrite(before.get(), path) : absl::OkStatus();
}

absl::Status DestroyPrivateFile(const std::string& path) {
  CLINICD_RETURN_IF_ERROR(OverwriteAndUnlink(path + ".new"));
  CLINICD_RETURN_IF_ERROR(OverwriteAndUnlink(path));
  return SyncDirectoryOf(path);
}

}  // namespace clinicd::auth
