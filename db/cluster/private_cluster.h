// A PostgreSQL of clinicd's own, for development and tests.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/random.h"
#include "db/admin/admin_connection.h"
#include "db/cluster/file_lock.h"
#include "db/cluster/layout.h"
#include "db/cluster/process.h"

namespace clinicd::db {

// How to reach a running cluster: a Unix socket, and a password file for each role.
class ClusterEndpoint final {
 public:
  ClusterEndpoint(ClusterLayout layout, std::filesystem::path socket_directory)
      : layout_(std::move(layout)), socket_directory_(std::move(socket_directory)) {}

  // The libpq connection string of a role, without its password.
  std::string Conninfo(std::string_view role, std::string_view database) const;
  // The file that holds the role's password; readable by our account only.
  std::filesystem::path PasswordFile(std::string_view role) const;
  // The same with the password, for use inside a process only. NOT_FOUND if the role has none.
  absl::StatusOr<std::string> ConninfoWithPassword(std::string_view role,
                                                   std::string_view database) const;
  // Connects as the cluster's superuser.
  absl::StatusOr<AdminConnection> Connect(std::string_view database) const;

  const std::filesystem::path& socket_directory() const { return socket_directory_; }

 private:
  ClusterLayout layout_;
  std::filesystem::path socket_directory_;
};

// Runs a PostgreSQL server that nobody else uses, in a directory of its own: with data checksums,
// on a Unix socket only, with a password for every role. As root it runs under the account
// "postgres", else "nobody". The server is no child to be killed with us: after a kill -9 of this
// process it goes on, and the next object on the directory takes it over. Data is never deleted.
//
// Only one object, in all processes, uses a directory at a time. Not thread-safe.
class PrivateCluster final {
 public:
  struct Options {
    std::filesystem::path directory;
    // Gives up durability for speed; for data that may be lost, as in tests.
    bool fast = false;
    // How long to wait while another process uses the directory.
    absl::Duration lock_patience = absl::ZeroDuration();
    // How long a start, recovery included, may take.
    absl::Duration start_patience = absl::Minutes(10);
    // Holds the versions of PostgreSQL, as in NN/bin/postgres.
    std::filesystem::path programs = "/usr/lib/postgresql";
  };

  // Takes the directory and makes a cluster in it unless there is one.
  // ALREADY_EXISTS: another clinicd uses it. FAILED_PRECONDITION: it cannot be used; the message
  // says why and what to do.
  static absl::StatusOr<std::unique_ptr<PrivateCluster>> Open(const Options& options,
                                                              Random& random);

  PrivateCluster(const PrivateCluster&) = delete;
  PrivateCluster& operator=(const PrivateCluster&) = delete;
  PrivateCluster(PrivateCluster&&) = delete;
  PrivateCluster& operator=(PrivateCluster&&) = delete;
  // Stops the server that Start() started or took over, unless Leave() was called.
  ~PrivateCluster();

  // Starts the server, or takes over one that an earlier clinicd left, and returns when it accepts
  // connections. Does nothing if it runs.
  absl::Status Start();

  // Ends every session, writes everything out and stops the server, also one that an earlier
  // clinicd left. Does nothing if there is none.
  absl::Status Stop();

  // Lets the server run on when this object goes.
  void Leave() { leave_ = true; }

  // Whether the server's process is alive.
  bool Running() const;

  // Gives each clinicd_* role that may log in a password, kept in secrets/. The server must run.
  absl::Status ProvidePasswords();

  // Where the server is reached. Meaningful after Start().
  ClusterEndpoint endpoint() const { return ClusterEndpoint(layout_, socket_directory_); }
  // The server's process; 0 when stopped.
  pid_t pid() const { return pid_; }
  const std::filesystem::path& programs() const { return programs_; }

 private:
  PrivateCluster(Options options, Random& random, ClusterLayout layout, FileLock lock)
      : options_(std::move(options)),
        random_(random),
        layout_(std::move(layout)),
        lock_(std::move(lock)) {}

  absl::Status Prepare();
  absl::Status Initialize();
  absl::Status WriteSettings() const;
  absl::Status FindLeftServer();
  absl::Status Launch();
  absl::Status AwaitReady(std::uintmax_t log_start);

  Options options_;
  Random& random_;
  ClusterLayout layout_;
  FileLock lock_;
  ServerAccount account_;
  std::filesystem::path programs_;
  std::filesystem::path socket_directory_;
  pid_t pid_ = 0;
  bool leave_ = false;
};

// The endpoint of a cluster that another process runs in the directory; NOT_FOUND if none answers.
absl::StatusOr<ClusterEndpoint> FindRunningCluster(const std::filesystem::path& directory);

}  // namespace clinicd::db
