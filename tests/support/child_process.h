// A copy of the test process that can be killed in the middle of its work.
#pragma once

#include <sys/types.h>

#include <functional>

namespace clinicd::testing {

// Forks. The child runs `work`, tells the parent whether it returned true, and then waits to be
// killed. Only for tests that have started no thread.
class ChildProcess final {
 public:
  // Returns as soon as the child runs, without waiting for the end of its work.
  explicit ChildProcess(const std::function<bool()>& work);
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;
  ChildProcess(ChildProcess&&) = delete;
  ChildProcess& operator=(ChildProcess&&) = delete;
  // Kills the child if it lives.
  ~ChildProcess();

  // Waits for the end of the work; whether it returned true.
  bool Succeeded() const;

  // kill -9, and waits for the end of the process.
  void Kill();

 private:
  pid_t pid_ = 0;
  int report_ = -1;
};

}  // namespace clinicd::testing
