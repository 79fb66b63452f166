#include "services/server/import/byte_source.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"

namespace clinicd::importer {
namespace {

absl::Status SystemError(const std::string& path, int error) {
  return absl::ErrnoToStatus(error, absl::StrCat("Cannot read ", path));
}

class FileSource final : public ByteSource {
 public:
  FileSource(int descriptor, std::string path) : descriptor_(descriptor), path_(std::move(path)) {}
  ~FileSource() override { ::close(descriptor_); }
  FileSource(const FileSource&) = delete;
  FileSource& operator=(const FileSource&) = delete;

  absl::StatusOr<std::size_t> ReadAt(std::uint64_t offset, std::span<char> bytes) override {
    std::size_t done = 0;
    while (done < bytes.size()) {
      const ssize_t count = ::pread(descriptor_, bytes.data() + done, bytes.size() - done,
                                    static_cast<off_t>(offset + done));
      if (count == 0) break;
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) return SystemError(path_, errno);
      done += static_cast<std::size_t>(count);
    }
    return done;
  }

 private:
  const int descriptor_;
  const std::string path_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<ByteSource>> OpenFile(const std::string& path) {
  // Not blocking, so that a named pipe is refused below instead of waited for.
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) return SystemError(path, errno);
  auto source = std::make_unique<FileSource>(descriptor, path);
  struct stat information = {};
  if (::fstat(descriptor, &information) != 0) return SystemError(path, errno);
  if (!S_ISREG(information.st_mode)) {
    return absl::FailedPreconditionError(absl::StrCat(path, " is not a regular file."));
  }
  return source;
}

}  // namespace clinicd::importer
