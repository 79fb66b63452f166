// Starts programs under the account that owns a private cluster.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace clinicd::db {

// The account under which PostgreSQL runs, which refuses to run as root.
struct ServerAccount {
  uid_t uid = 0;
  gid_t gid = 0;
  std::string name;
};

// The account for a new cluster: our own, or as root that of "postgres", else "nobody".
absl::StatusOr<ServerAccount> AccountForNewCluster();

// The account that owns `path`. FAILED_PRECONDITION where it cannot run a server for us: it is
// root, or another's while we are not root.
absl::StatusOr<ServerAccount> AccountOfOwner(const std::filesystem::path& path);

// Whether the account can use files in `directory`, all folders above it included.
bool CanReach(const ServerAccount& account, const std::filesystem::path& directory);

// Gives `path` to the account; does nothing unless we are root.
absl::Status GiveTo(const ServerAccount& account, const std::filesystem::path& path);

// A program with its arguments. The first argument is the program's full path. What it prints is
// appended to `log`. It gets a session of its own, so that Ctrl-C on our terminal does not reach
// it, default signal handling and no PG* variable of ours.
struct Command {
  std::vector<std::string> arguments;
  std::filesystem::path log;
};

// Starts the command and returns its process id; the caller waits for it.
absl::StatusOr<pid_t> Spawn(const Command& command, const ServerAccount& account);

// Runs the command and waits for its end. INTERNAL unless it exits with 0.
absl::Status Run(const Command& command, const ServerAccount& account);

// Whether a process runs under this id. One that has ended and was not yet collected by its parent
// does not count.
bool ProcessAlive(pid_t pid);

// If `pid` is our child and has ended, collects it.
void CollectIfEnded(pid_t pid);

}  // namespace clinicd::db
