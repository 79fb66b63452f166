#include "tests/support/server_process.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "common/edge/listener.h"

extern char** environ;

namespace clinicd::testing {
namespace {

// SD_LISTEN_FDS_START.
constexpr int kFirstInherited = 3;

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
  Set("SERVER__LISTEN", "off");
  Set("SERVER__GRPC_SOCKET", (directory_ / "grpc").string());
  Set("SERVER__ADMIN_LISTEN", "off");
  Set("DB__CONNINFO", database.ConninfoWithoutPassword("clinicd_app"));
  Set("DB__PASSWORD_FILE", database.PasswordFile("clinicd_app").string());
  Set("DB__AUTH_CONNINFO", database.ConninfoWithoutPassword("clinicd_auth"));
  Set("DB__AUTH_PASSWORD_FILE", database.PasswordFile("clinicd_auth").string());
  Set("DB__WORKERS", "4");
  Set("KEYS__DIRECTORY", key_directory_.string());
  Set("LOG__FILE", (directory_ / "log").string());
}

ServerProcess::~ServerProcess() {
  Kill();
  if (listening_ >= 0) ::close(listening_);
  std::error_code error;
  std::filesystem::remove_all(directory_, error);
}

void ServerProcess::Set(std::string_view key, const std::string& value) {
  environment_.push_back(absl::StrCat("CLINICD_", std::string(key), "=", value));
}

int ServerProcess::Listen(const edge::TlsFiles& files) {
  auto socket = edge::ListenOnAddress({.host = "127.0.0.1", .port = 0});
  if (!socket.ok()) Give("no socket to listen on");
  const int port = socket->port();
  listening_ = socket->Release();
  Set("SERVER__TLS_CERTIFICATE_FILE", files.certificate.string());
  Set("SERVER__TLS_KEY_FILE", files.key.string());
  environment_.emplace_back("LISTEN_FDS=1");
  environment_.emplace_back("LISTEN_FDNAMES=https");
  return port;
}

void ServerProcess::Start() {
  // What is handed over is meant for the process of this id, which the shell becomes.
  std::string arguments[] = {"sh", "-c", R"(LISTEN_PID=$$ exec "$0" serve)",
                             CLINICD_TEST_BINARY_DIR "/clinicd"};
  char* argv[] = {arguments[0].data(), arguments[1].data(), arguments[2].data(),
                  arguments[3].data(), nullptr};
  std::vector<char*> envp;
  for (std::string& entry : environment_) envp.push_back(entry.data());
  envp.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  if (listening_ >= 0) {
    posix_spawn_file_actions_adddup2(&actions, listening_, kFirstInherited);
  }
  const int error = posix_spawn(&pid_, "/bin/sh", &actions, nullptr, argv, envp.data());
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) Give("cannot start the program");
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
