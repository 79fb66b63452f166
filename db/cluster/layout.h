// What lies where in the directory of a private cluster:
//   cluster.lock   locked by the clinicd that uses the directory
//   secrets/       passwords, one file a role, ours alone
//   server/        PostgreSQL's: data/, socket/, postgresql.log; a symbolic link where the
//                  server's account cannot reach the directory
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/random.h"
#include "db/cluster/process.h"

namespace clinicd::db {

inline constexpr char kSuperuser[] = "postgres";

struct ClusterLayout {
  std::filesystem::path directory;

  std::filesystem::path lock() const { return directory / "cluster.lock"; }
  std::filesystem::path secrets() const { return directory / "secrets"; }
  std::filesystem::path server() const { return directory / "server"; }
  std::filesystem::path data() const { return server() / "data"; }
  std::filesystem::path log() const { return server() / "postgresql.log"; }
  std::filesystem::path pid_file() const { return data() / "postmaster.pid"; }
  std::filesystem::path password_file(std::string_view role) const;
};

// The directory `path`, made if need be; all of its names absolute.
absl::StatusOr<ClusterLayout> MakeLayout(const std::filesystem::path& path);

// Makes server/ for the account, elsewhere with a link to it where the account cannot reach it.
absl::Status MakeServerDirectory(const ClusterLayout& layout, const ServerAccount& account);

// The password of a role, made up and stored if there is none yet. FAILED_PRECONDITION if others
// than the owner may read the file.
absl::StatusOr<std::string> PasswordOf(const ClusterLayout& layout, std::string_view role,
                                       Random& random);

// The password of a role; NOT_FOUND if there is none yet.
absl::StatusOr<std::string> StoredPassword(const ClusterLayout& layout, std::string_view role);

// A directory for the server's socket, owned by the account and closed to others: server/socket, or
// where that path is too long for a socket, a short one that server/data remembers.
absl::StatusOr<std::filesystem::path> MakeSocketDirectory(const ClusterLayout& layout,
                                                          const ServerAccount& account);

// Removes a short socket directory of a stopped server.
void RemoveSocketDirectory(const ClusterLayout& layout, const std::filesystem::path& socket);

// What PostgreSQL writes about a running server.
struct PidFile {
  pid_t pid = 0;
  std::filesystem::path socket_directory;
};

// Nothing if there is no such file, or only a part of it yet.
std::optional<PidFile> ReadPidFile(const ClusterLayout& layout);

// Writes a file in one step, readable by its owner only: nobody ever sees a part of it.
absl::Status WriteFile(const std::filesystem::path& path, const std::string& content);

// The whole file; NOT_FOUND if it cannot be read.
absl::StatusOr<std::string> ReadFile(const std::filesystem::path& path);

}  // namespace clinicd::db
