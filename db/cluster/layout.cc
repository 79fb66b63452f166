#include "db/cluster/layout.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>
#include <system_error>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/base/try.h"

namespace clinicd::db {
namespace {

namespace fs = std::filesystem;

// A socket's path may have 107 bytes; its file is named .s.PGSQL.5432.
constexpr std::size_t kSocketDirectoryLengthMax = 90;
// Where servers live whose account cannot reach the directory that was asked for.
constexpr char kReachableHome[] = "/var/lib/clinicd";

absl::Status SystemError(const std::string& what, const fs::path& path, int error) {
  return absl::FailedPreconditionError(absl::StrCat("cannot ", what, " ", path.string(), ": ",
                                                    std::system_category().message(error)));
}

absl::Status MakeDirectory(const fs::path& path, mode_t mode) {
  if (mkdir(path.c_str(), mode) == 0) {
    // Not subject to the umask: others must be able to pass where the mode says so.
    if (chmod(path.c_str(), mode) == 0) return absl::OkStatus();
  } else if (errno == EEXIST) {
    return absl::OkStatus();
  }
  return SystemError("make", path, errno);
}

absl::StatusOr<fs::path> MakeUniqueDirectory(const fs::path& parent, const ServerAccount& account) {
  std::string name = (parent / "clinicd-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) return SystemError("make a directory in", parent, errno);
  CLINICD_RETURN_IF_ERROR(GiveTo(account, name));
  return fs::path(name);
}

bool IsPrivateDirectoryOf(const ServerAccount& account, const fs::path& path) {
  struct stat info {};
  return lstat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode) && info.st_uid == account.uid &&
         (info.st_mode & 077) == 0;
}

fs::path SocketNote(const ClusterLayout& layout) {
  return layout.data() / "clinicd_socket_directory";
}

fs::path ShortHome() {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): only read.
  const char* runtime = std::getenv("XDG_RUNTIME_DIR");
  // As root the server runs under an account that cannot enter our runtime directory.
  if (geteuid() != 0 && runtime != nullptr && access(runtime, W_OK | X_OK) == 0 &&
      std::strlen(runtime) + sizeof("/clinicd-XXXXXX") <= kSocketDirectoryLengthMax) {
    return runtime;
  }
  return "/tmp";
}

}  // namespace

fs::path ClusterLayout::password_file(std::string_view role) const {
  return secrets() / absl::StrCat(std::string(role), ".password");
}

absl::StatusOr<ClusterLayout> MakeLayout(const fs::path& path) {
  std::error_code error;
  const fs::path absolute = fs::absolute(path, error).lexically_normal();
  if (error) return SystemError("find", path, error.value());
  if (!fs::exists(absolute, error)) {
    fs::create_directories(absolute.parent_path(), error);
    // As root the server runs under another account, which must be able to pass.
    CLINICD_RETURN_IF_ERROR(MakeDirectory(absolute, geteuid() == 0 ? 0711 : 0700));
  }
  fs::path canonical = fs::canonical(absolute, error);
  if (error) return SystemError("find", absolute, error.value());
  ClusterLayout layout{.directory = std::move(canonical)};
  CLINICD_RETURN_IF_ERROR(MakeDirectory(layout.secrets(), 0700));
  return layout;
}

absl::Status MakeServerDirectory(const ClusterLayout& layout, const ServerAccount& account) {
  if (CanReach(account, layout.directory)) {
    CLINICD_RETURN_IF_ERROR(MakeDirectory(layout.server(), 0700));
    return GiveTo(account, layout.server());
  }
  if (geteuid() != 0) return SystemError("enter", layout.directory, EACCES);
  CLINICD_RETURN_IF_ERROR(MakeDirectory(kReachableHome, 0711));
  CLINICD_ASSIGN_OR_RETURN(const fs::path elsewhere, MakeUniqueDirectory(kReachableHome, account));
  if (symlink(elsewhere.c_str(), layout.server().c_str()) == 0) return absl::OkStatus();
  const int error = errno;
  rmdir(elsewhere.c_str());
  return SystemError("make the link", layout.server(), error);
}

absl::StatusOr<std::string> StoredPassword(const ClusterLayout& layout, std::string_view role) {
  const fs::path path = layout.password_file(role);
  struct stat info {};
  if (stat(path.c_str(), &info) != 0) return absl::NotFoundError(path.string() + " is missing");
  if ((info.st_mode & 077) != 0) {
    return absl::FailedPreconditionError(
        absl::StrCat("others may read ", path.string(), "; run: chmod 600 ", path.string()));
  }
  CLINICD_ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
  return std::string(absl::StripAsciiWhitespace(text));
}

absl::StatusOr<std::string> PasswordOf(const ClusterLayout& layout, std::string_view role,
                                       Random& random) {
  absl::StatusOr<std::string> stored = StoredPassword(layout, role);
  if (!absl::IsNotFound(stored.status())) return stored;
  std::string password = absl::BytesToHexString(random.Bytes(24));
  CLINICD_RETURN_IF_ERROR(WriteFile(layout.password_file(role), password + "\n"));
  return password;
}

absl::StatusOr<fs::path> MakeSocketDirectory(const ClusterLayout& layout,
                                             const ServerAccount& account) {
  std::error_code error;
  const fs::path server = fs::canonical(layout.server(), error);
  if (error) return SystemError("find", layout.server(), error.value());
  fs::path inside = server / "socket";
  if (inside.string().size() <= kSocketDirectoryLengthMax) {
    CLINICD_RETURN_IF_ERROR(MakeDirectory(inside, 0700));
    CLINICD_RETURN_IF_ERROR(GiveTo(account, inside));
    return inside;
  }
  const absl::StatusOr<std::string> remembered = ReadFile(SocketNote(layout));
  if (remembered.ok() && IsPrivateDirectoryOf(account, *remembered)) return fs::path(*remembered);
  CLINICD_ASSIGN_OR_RETURN(fs::path made, MakeUniqueDirectory(ShortHome(), account));
  CLINICD_RETURN_IF_ERROR(WriteFile(SocketNote(layout), made.string()));
  return made;
}

void RemoveSocketDirectory(const ClusterLayout& layout, const fs::path& socket) {
  const absl::StatusOr<std::string> remembered = ReadFile(SocketNote(layout));
  if (!remembered.ok() || *remembered != socket.string()) return;
  rmdir(socket.c_str());
  unlink(SocketNote(layout).c_str());
}

std::optional<PidFile> ReadPidFile(const ClusterLayout& layout) {
  const absl::StatusOr<std::string> text = ReadFile(layout.pid_file());
  if (!text.ok()) return std::nullopt;
  // Process id, data directory, start, port, socket directory, address, shared memory, state.
  const std::vector<std::string> lines = absl::StrSplit(*text, '\n');
  PidFile file;
  if (lines.size() < 6 || !absl::SimpleAtoi(lines[0], &file.pid) || file.pid <= 0) {
    return std::nullopt;
  }
  file.socket_directory = lines[4];
  return file;
}

absl::Status WriteFile(const fs::path& path, const std::string& content) {
  const fs::path fresh = path.string() + ".new";
  unlink(fresh.c_str());
  const int file = open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) return SystemError("write", fresh, errno);
  const bool written =
      write(file, content.data(), content.size()) == static_cast<ssize_t>(content.size()) &&
      fsync(file) == 0;
  const int write_error = errno;
  close(file);
  if (!written) return SystemError("write", fresh, write_error);
  if (rename(fresh.c_str(), path.c_str()) != 0) return SystemError("write", path, errno);
  return absl::OkStatus();
}

absl::StatusOr<std::string> ReadFile(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream content;
  if (!file || !(content << file.rdbuf())) {
    return absl::NotFoundError(absl::StrCat("cannot read ", path.string()));
  }
  return content.str();
}

}  // namespace clinicd::db
