#include "tests/support/child_process.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>

namespace clinicd::testing {

ChildProcess::ChildProcess(const std::function<bool()>& work) {
  std::array<int, 2> report{};
  if (pipe2(report.data(), O_CLOEXEC) != 0) std::abort();
  pid_ = fork();
  if (pid_ < 0) std::abort();
  if (pid_ == 0) {
    const char verdict = work() ? 'y' : 'n';
    if (write(report[1], &verdict, 1) != 1) _exit(1);
    while (true) pause();
  }
  close(report[1]);
  report_ = report[0];
}

ChildProcess::~ChildProcess() {
  Kill();
  close(report_);
}

bool ChildProcess::Succeeded() const {
  char verdict = 'n';
  ssize_t count = 0;
  do {
    count = read(report_, &verdict, 1);
  } while (count < 0 && errno == EINTR);
  return count == 1 && verdict == 'y';
}

void ChildProcess::Kill() {
  if (pid_ == 0) return;
  kill(pid_, SIGKILL);
  while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
  pid_ = 0;
}

}  // namespace clinicd::testing
