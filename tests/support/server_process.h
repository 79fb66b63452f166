// The real server program as a process of its own, to be killed.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "common/auth/key_ring.h"
#include "common/base/random.h"
#include "tests/support/test_database.h"

namespace clinicd::testing {

// Runs `clinicd serve` on a test database with a Unix socket. Ends the test run with a message if
// the program cannot be started.
class ServerProcess final {
 public:
  explicit ServerProcess(const TestDatabase& database);
  // Kills the process if it lives.
  ~ServerProcess();
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

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
  pid_t pid_ = 0;
};

}  // namespace clinicd::testing
