#include "tests/audit/other_verifier.h"

#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <thread>

#include "tests/support/source_directory.h"

namespace clinicd::audit {
namespace {

std::vector<std::string> Command(const merkle::TrustPolicy& policy) {
  std::vector<std::string> command{
      "/usr/bin/python3", "-B",
      (testing::SourceDirectory() / "tests" / "audit" / "verify.py").string(), "--origin",
      policy.origin};
  for (const merkle::NoteVerifier& key : policy.log_keys) {
    command.insert(command.end(), {"--key", key.ToText()});
  }
  for (const merkle::NoteVerifier& witness : policy.witnesses) {
    command.insert(command.end(), {"--witness", witness.ToText()});
  }
  command.emplace_back("--cases");
  return command;
}

[[noreturn]] void Give(const char* what) {
  std::fprintf(stderr, "the other verifier: %s\n", what);
  std::abort();
}

}  // namespace

OtherVerifier::OtherVerifier(const merkle::TrustPolicy& policy) {
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) Give("no socket");
  std::vector<std::string> command = Command(policy);
  std::vector<char*> arguments;
  for (std::string& argument : command) arguments.push_back(argument.data());
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  const int error = posix_spawn(&pid_, arguments[0], &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  if (error != 0) Give("cannot start Python");
  socket_ = ends[0];
  answers_ = fdopen(dup(socket_), "r");
  if (answers_ == nullptr) Give("no stream");
}

OtherVerifier::~OtherVerifier() {
  Finish();
  std::fclose(answers_);
  close(socket_);
}

bool OtherVerifier::Send(const std::vector<nlohmann::json>& cases) const {
  for (const nlohmann::json& one : cases) {
    const std::string line = one.dump() + "\n";
    for (std::size_t sent = 0; sent < line.size();) {
      const ssize_t count = send(socket_, line.data() + sent, line.size() - sent, MSG_NOSIGNAL);
      if (count < 0 && errno != EINTR) return false;
      sent += count < 0 ? 0 : static_cast<std::size_t>(count);
    }
  }
  return true;
}

std::optional<nlohmann::json> OtherVerifier::ReadAnswer() {
  char* line = nullptr;
  std::size_t space = 0;
  const ssize_t size = getline(&line, &space, answers_);
  const std::string text(line, size < 0 ? 0 : static_cast<std::size_t>(size));
  std::free(line);
  nlohmann::json answer = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (answer.is_discarded()) return std::nullopt;
  return answer;
}

std::vector<nlohmann::json> OtherVerifier::Judge(const std::vector<nlohmann::json>& cases) {
  // At the same time, because neither side takes more than a socket holds.
  std::thread sender([&] { Send(cases); });
  std::vector<nlohmann::json> answers;
  while (answers.size() < cases.size()) {
    std::optional<nlohmann::json> answer = ReadAnswer();
    if (!answer) break;
    answers.push_back(*std::move(answer));
  }
  // Whoever gave up reads no more.
  if (answers.size() < cases.size()) shutdown(socket_, SHUT_RDWR);
  sender.join();
  return answers;
}

bool OtherVerifier::Finish() {
  if (pid_ == 0) return true;
  shutdown(socket_, SHUT_WR);
  int status = 0;
  while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = 0;
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace clinicd::audit
