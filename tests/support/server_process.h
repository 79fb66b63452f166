// The real server program as a process of its own, to be killed.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/auth/key_ring.h"
#include "common/base/random.h"
#include "common/edge/tls_context.h"
#include "tests/support/test_database.h"

namespace clinicd::testing {

// Runs `clinicd serve` on a test database with a Unix socket. Ends the test run with a message if
// the program cannot be started, or a socket not opened.
class ServerProcess final {
 public:
  explicit ServerProcess(const TestDatabase& database);
  // Kills the process if it lives.
  ~ServerProcess();
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  // A setting from the next start on, as the environment names it: Set("AUDIT__ORIGIN", "…"). Once
  // for each.
  void Set(std::string_view key, const std::string& value);

  // Serves HTTPS too, from the next start on, with a listening socket that is handed over as a
  // service manager does; the port.
  int Listen(const edge::TlsFiles& files);

  void Start();
  // kill -9, and waits for the end of the process.
  void Kill();
  // Sends a signal and waits for the end; the exit code, or 128 plus the signal that ended it.
  int Stop(int signal);

  std::string target() const;
  pid_t pid() const { return pid_; }
  const std::filesystem::path& key_directory() const { return key_directory_; }

 private:
  int Wait();

  std::filesystem::path directory_;
  std::filesystem::path key_directory_;
  std::vector<std::string> environment_;
  // Handed over; -1 without.
  int listening_ = -1;
  pid_t pid_ = 0;
};

}  // namespace clinicd::testing
