#include "tests/support/witness_scene.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <span>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/text.h"
#include "common/crypto/base64.h"
#include "tests/support/run_program.h"

namespace clinicd::testing {
namespace {

constexpr char kProgram[] = CLINICD_TEST_BINARY_DIR "/clinicd-witness";

[[noreturn]] void Give(const std::string& why) {
  std::cerr << "witness: " << why << std::endl;
  std::abort();
}

}  // namespace

merkle::NoteSigner SignerFrom(merkle::KeyKind kind, std::string_view name, char seed) {
  return *merkle::NoteSigner::Create(kind, name,
                                     *crypto::Ed25519PrivateKey::FromSeed(std::string(32, seed)));
}

MadeUpLog::MadeUpLog(std::string origin, char seed)
    : origin_(std::move(origin)), signer_(SignerFrom(merkle::KeyKind::kEd25519, origin_, seed)) {}

void MadeUpLog::Grow(std::uint64_t leaves, std::string_view story) {
  for (std::uint64_t i = 0; i < leaves; ++i) {
    leaves_.push_back(merkle::HashLeaf(absl::StrCat(ToAbsl(story), " ", leaves_.size())));
  }
}

merkle::Hash MadeUpLog::RootAt(std::uint64_t size) const {
  return merkle::RootOf(std::span(leaves_).first(size));
}

std::string MadeUpLog::Note(std::string_view origin) const {
  const merkle::TreeHead head{.origin = origin.empty() ? origin_ : std::string(origin),
                              .size = size(),
                              .root = RootAt(size())};
  return *merkle::SignTreeHead(head, {&signer_}, absl::UnixEpoch());
}

std::vector<merkle::Hash> MadeUpLog::ProofFrom(std::uint64_t old_size) const {
  if (old_size == 0 || old_size >= size()) return {};
  const auto plan = merkle::NodesForConsistency(old_size, size());
  std::vector<merkle::Hash> hashes;
  for (const merkle::NodeId& node : plan->nodes()) {
    const std::uint64_t width = std::uint64_t{1} << node.level;
    hashes.push_back(merkle::RootOf(std::span(leaves_).subspan(node.index * width, width)));
  }
  return *plan->Assemble(hashes);
}

std::string MadeUpLog::Request(std::uint64_t old_size) const {
  std::string request = absl::StrCat("old ", old_size, "\n");
  for (const merkle::Hash& hash : ProofFrom(old_size)) {
    absl::StrAppend(&request, crypto::Base64Encode(merkle::AsView(hash)), "\n");
  }
  return absl::StrCat(request, "\n", Note());
}

WitnessProcess::WitnessProcess(std::string log_key) : log_key_(std::move(log_key)) {
  const ProgramResult made =
      RunProgram({kProgram, "init", "--directory", directory(), "--name", "witness.example/w1"});
  if (made.exit_code != 0) Give(made.output);
  key_ = std::string(absl::StripSuffix(made.output, "\n"));
}

WitnessProcess::~WitnessProcess() { Kill(); }

std::string WitnessProcess::url() const { return "unix:" + directory_.path("socket"); }

void WitnessProcess::Start() {
  std::array<int, 2> out{};
  if (pipe2(out.data(), O_CLOEXEC) != 0) Give("no pipe");
  std::array<std::string, 8> arguments = {
      kProgram,    "serve",  "--directory", directory(),
      "--log-key", log_key_, "--socket",    directory_.path("socket")};
  std::array<char*, 9> argv{};
  for (std::size_t i = 0; i < arguments.size(); ++i) argv[i] = arguments[i].data();
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
  const std::string log = directory_.path("log");
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, log.c_str(),
                                   O_WRONLY | O_CREAT | O_APPEND, 0600);
  const int error = posix_spawn(&pid_, kProgram, &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  close(out[1]);
  char first = 0;
  // It says that it is ready, or ends.
  while (error == 0 && read(out[0], &first, 1) < 0 && errno == EINTR) {
  }
  close(out[0]);
  if (error != 0 || first == 0) Give(absl::StrCat("does not start: ", directory_.Read("log")));
}

void WitnessProcess::Kill() {
  if (pid_ == 0) return;
  kill(pid_, SIGKILL);
  while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
  pid_ = 0;
}

}  // namespace clinicd::testing
