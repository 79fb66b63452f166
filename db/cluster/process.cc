#include "db/cluster/process.h"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <fstream>
#include <optional>
#include <system_error>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/try.h"

namespace clinicd::db {
namespace {

namespace fs = std::filesystem;

std::string ErrorText(int error) { return std::system_category().message(error); }

std::optional<ServerAccount> Lookup(const char* name, uid_t uid) {
  std::array<char, 16384> buffer{};
  passwd entry{};
  passwd* found = nullptr;
  const int error = name != nullptr ? getpwnam_r(name, &entry, buffer.data(), buffer.size(), &found)
                                    : getpwuid_r(uid, &entry, buffer.data(), buffer.size(), &found);
  if (error != 0 || found == nullptr) return std::nullopt;
  return ServerAccount{.uid = entry.pw_uid, .gid = entry.pw_gid, .name = entry.pw_name};
}

ServerAccount AccountOf(uid_t uid, gid_t gid) {
  // Containers often run under ids that have no name.
  return Lookup(nullptr, uid)
      .value_or(ServerAccount{.uid = uid, .gid = gid, .name = absl::StrCat("uid ", uid)});
}

// Runs between fork and exec: async-signal-safe calls only.
bool BecomeAccount(const ServerAccount& account) {
  if (geteuid() != 0) return true;
  return setgroups(1, &account.gid) == 0 && setresgid(account.gid, account.gid, account.gid) == 0 &&
         setresuid(account.uid, account.uid, account.uid) == 0;
}

void ResetSignals() {
  for (int signal_number = 1; signal_number < NSIG; ++signal_number) {
    if (signal_number == SIGKILL || signal_number == SIGSTOP) continue;
    static_cast<void>(signal(signal_number, SIG_DFL));
  }
  sigset_t none;
  sigemptyset(&none);
  pthread_sigmask(SIG_SETMASK, &none, nullptr);
}

// The environment without what would change PostgreSQL's behaviour or language.
std::vector<std::string> CleanEnvironment() {
  std::vector<std::string> clean;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    if (!absl::StartsWith(*entry, "PG") && !absl::StartsWith(*entry, "LC_") &&
        !absl::StartsWith(*entry, "LANG")) {
      clean.emplace_back(*entry);
    }
  }
  clean.emplace_back("LC_ALL=C.UTF-8");
  return clean;
}

std::vector<char*> Pointers(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

// Never returns: becomes the program or reports errno through `report`.
[[noreturn]] void Become(char* const* arguments, char* const* environment,
                         const ServerAccount& account, int log, int report) {
  ResetSignals();
  setsid();
  umask(077);
  const int nothing = open("/dev/null", O_RDONLY);
  if (nothing >= 0 && dup2(nothing, STDIN_FILENO) >= 0 && dup2(log, STDOUT_FILENO) >= 0 &&
      dup2(log, STDERR_FILENO) >= 0 && BecomeAccount(account) && chdir("/") == 0) {
    execve(arguments[0], arguments, environment);
  }
  const int error = errno;
  const ssize_t written = write(report, &error, sizeof(error));
  _exit(written == sizeof(error) ? 127 : 126);
}

absl::StatusOr<int> OpenLog(const fs::path& path, const ServerAccount& account) {
  const int log = open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (log < 0) {
    return absl::FailedPreconditionError(
        absl::StrCat("cannot write ", path.string(), ": ", ErrorText(errno)));
  }
  if (geteuid() == 0 && fchown(log, account.uid, account.gid) != 0) {
    const int error = errno;
    close(log);
    return absl::InternalError(
        absl::StrCat("cannot give ", path.string(), " away: ", ErrorText(error)));
  }
  return log;
}

// Reads the child's report; 0 when it became the program, which closes the pipe.
int ReadReport(int report) {
  int error = 0;
  ssize_t count = 0;
  do {
    count = read(report, &error, sizeof(error));
  } while (count < 0 && errno == EINTR);
  return count == static_cast<ssize_t>(sizeof(error)) ? error : 0;
}

int WaitFor(pid_t pid) {
  int status = 0;
  while (waitpid(pid, &status, 0) < 0) {
    if (errno != EINTR) return -1;
  }
  return status;
}

}  // namespace

absl::StatusOr<ServerAccount> AccountForNewCluster() {
  if (geteuid() != 0) return AccountOf(geteuid(), getegid());
  if (const auto account = Lookup("postgres", 0)) return *account;
  if (const auto account = Lookup("nobody", 0)) return *account;
  return absl::FailedPreconditionError(
      "PostgreSQL refuses to run as root, and this machine has neither a user postgres nor a user "
      "nobody; add one with: useradd --system postgres");
}

absl::StatusOr<ServerAccount> AccountOfOwner(const fs::path& path) {
  struct stat info {};
  if (stat(path.c_str(), &info) != 0) {
    return absl::FailedPreconditionError(
        absl::StrCat("cannot use ", path.string(), ": ", ErrorText(errno)));
  }
  if (info.st_uid == 0) {
    return absl::FailedPreconditionError(
        absl::StrCat(path.string(),
                     " belongs to root, and PostgreSQL refuses to run as root; give "
                     "it to another user with chown -R"));
  }
  const ServerAccount account = AccountOf(info.st_uid, info.st_gid);
  if (geteuid() != 0 && geteuid() != info.st_uid) {
    return absl::FailedPreconditionError(
        absl::StrCat(path.string(), " belongs to ", account.name,
                     "; run as that user or as root, or name another directory"));
  }
  return account;
}

bool CanReach(const ServerAccount& account, const fs::path& directory) {
  if (geteuid() != 0) return access(directory.c_str(), X_OK) == 0;
  const pid_t child = fork();
  if (child < 0) return false;
  if (child == 0) _exit(BecomeAccount(account) && access(directory.c_str(), X_OK) == 0 ? 0 : 1);
  const int status = WaitFor(child);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

absl::Status GiveTo(const ServerAccount& account, const fs::path& path) {
  if (geteuid() != 0 || lchown(path.c_str(), account.uid, account.gid) == 0) {
    return absl::OkStatus();
  }
  return absl::FailedPreconditionError(
      absl::StrCat("cannot give ", path.string(), " to ", account.name, ": ", ErrorText(errno)));
}

absl::StatusOr<pid_t> Spawn(const Command& command, const ServerAccount& account) {
  CLINICD_ASSIGN_OR_RETURN(const int log, OpenLog(command.log, account));
  std::vector<std::string> arguments = command.arguments;
  std::vector<std::string> environment = CleanEnvironment();
  const std::vector<char*> argument_pointers = Pointers(arguments);
  const std::vector<char*> environment_pointers = Pointers(environment);
  std::array<int, 2> report{};
  if (pipe2(report.data(), O_CLOEXEC) != 0) {
    const int error = errno;
    close(log);
    return absl::ResourceExhaustedError(absl::StrCat("cannot make a pipe: ", ErrorText(error)));
  }
  const pid_t child = fork();
  if (child == 0) {
    Become(argument_pointers.data(), environment_pointers.data(), account, log, report[1]);
  }
  const int fork_error = errno;
  close(log);
  close(report[1]);
  const int exec_error = child < 0 ? fork_error : ReadReport(report[0]);
  close(report[0]);
  if (exec_error == 0) return child;
  if (child > 0) WaitFor(child);
  return absl::InternalError(
      absl::StrCat("cannot run ", arguments[0], ": ", ErrorText(exec_error)));
}

absl::Status Run(const Command& command, const ServerAccount& account) {
  CLINICD_ASSIGN_OR_RETURN(const pid_t pid, Spawn(command, account));
  const int status = WaitFor(pid);
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return absl::OkStatus();
  return absl::InternalError(
      absl::StrCat(command.arguments[0], " failed; see ", command.log.string()));
}

bool ProcessAlive(pid_t pid) {
  if (pid <= 0 || (kill(pid, 0) != 0 && errno == ESRCH)) return false;
  std::ifstream file(absl::StrCat("/proc/", pid, "/stat"));
  std::string text;
  if (!std::getline(file, text)) return true;
  // The name before the state is in parentheses and may itself hold any character.
  const std::size_t name_end = text.rfind(')');
  if (name_end == std::string::npos || name_end + 2 >= text.size()) return true;
  const char state = text[name_end + 2];
  return state != 'Z' && state != 'X';
}

void CollectIfEnded(pid_t pid) {
  int status = 0;
  waitpid(pid, &status, WNOHANG);
}

}  // namespace clinicd::db
