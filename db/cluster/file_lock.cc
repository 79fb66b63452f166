#include "db/cluster/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "db/admin/backoff.h"

namespace clinicd::db {

absl::StatusOr<FileLock> FileLock::Acquire(const std::filesystem::path& path,
                                           absl::Duration patience) {
  const int descriptor = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (descriptor < 0) {
    return absl::FailedPreconditionError(
        absl::StrCat("cannot open ", path.string(), ": ", std::system_category().message(errno)));
  }
  FileLock lock(descriptor);
  Backoff backoff(absl::Now() + patience);
  while (flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR) {
      return absl::InternalError(
          absl::StrCat("cannot lock ", path.string(), ": ", std::system_category().message(errno)));
    }
    if (!backoff.Wait()) {
      return absl::AlreadyExistsError(
          absl::StrCat(path.parent_path().string(),
                       " is in use by another clinicd; stop that one or name another directory"));
    }
  }
  return lock;
}

FileLock::~FileLock() {
  if (descriptor_ >= 0) close(descriptor_);
}

}  // namespace clinicd::db
