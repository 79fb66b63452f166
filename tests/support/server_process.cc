#include "tests/support/server_process.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "absl/strings/str_cat.h"

extern char** environ;

namespace clinicd::testing {
namespace {

[[noreturn]] void Give(const char* what) {
  std::fprintf(stderr, "server process: %s\n", what);
  std::abort();
}

}  // namespace

ServerProcess::ServerProcess(const TestDatabase& database) {
  std::string pattern = (std::filesystem::temp_directory_path() / "clinicd-proc-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) Give("no temporary directory");
  directory_ = pattern;
  key_directory_ = directory_ / "keys";
  SystemRandom random;
  if (!auth::KeyRing::CreateMissing(key_directory_.string(), random).ok()) Give("no keys");
  for (char** entry = environ; *entry != nullptr; ++entry) environment_.emplace_back(*entry);
  const auto set = [this](std::string_view key, const std::string& value) {
    environment_.push_back(absl::StrCat("CLINICD_", std::string(key), "=", value));
  };
  set("SERVER__LISTEN", "off");
  set("SERVER__GRPC_SOCKET", (directory_ / "grpc").string());
  set("SERVER__ADMIN_LISTEN", "off");
  set("DB__CONNINFO", database.ConninfoWithoutPassword("clinicd_app"));
  set("DB__PASSWORD_FILE", database.PasswordFile("clinicd_app").string());
  set("DB__AUTH_CONNINFO", database.ConninfoWithoutPassword("clinicd_auth"));
  set("DB__AUTH_PASSWORD_FILE", database.PasswordFile("clinicd_auth").string());
  set("DB__WORKERS", "4");
  set("KEYS__DIRECTORY", key_directory_.string());
  set("LOG__FILE", (directory_ / "log").string());
}

ServerProcess::~ServerProcess() {
  Kill();
  std::error_code error;
  std::filesystem::remove_all(directory_, error);
}

void ServerProcess::Start() {
  const std::string program = CLINICD_TEST_BINARY_DIR "/clinicd";
  std::string arguments[] = {program, "serve"};
  char* argv[] = {arguments[0].data(), arguments[1].data(), nullptr};
  std::vector<char*> envp;
  for (std::string& entry : environment_) envp.push_back(entry.data());
  envp.push_back(nullptr);
  if (posix_spawn(&pid_, program.c_str(), nullptr, nullptr, argv, envp.data()) != 0) {
    Give("cannot start the program; is it built?");
  }
}

int ServerProcess::Wait() {
  int status = 0;
  while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = 0;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void ServerProcess::Kill() {
  if (pid_ != 0) Stop(SIGKILL);
}

int ServerProcess::Stop(int signal) {
  kill(pid_, signal);
  return Wait();
}

std::string ServerProcess::target() const {
  return absl::StrCat("unix:", (directory_ / "grpc").string());
}

}  // namespace clinicd::testing
