// clinicd-witness: remembers what a log of audit events has signed, and cosigns what continues it.
#include <pthread.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/random.h"
#include "common/base/try.h"
#include "common/edge/edge_server.h"
#include "common/log/logger.h"
#include "services/witness/witness_handler.h"

namespace clinicd::witness {
namespace {

constexpr std::size_t kConnectionsMax = 64;

struct Options {
  std::string directory;
  std::string name;
  std::vector<std::string> log_keys;
  std::string listen;
  std::string socket;
  std::string certificate;
  std::string key;
};

absl::Status PrintKeys(const std::string& directory) {
  CLINICD_ASSIGN_OR_RETURN(const auto signers, LoadWitnessSigners(directory));
  for (const merkle::NoteSigner& signer : signers) {
    std::cout << signer.verifier().ToText() << "\n";
  }
  return absl::OkStatus();
}

absl::Status Initialize(const Options& options) {
  SystemRandom random;
  CLINICD_RETURN_IF_ERROR(InitializeWitness(options.directory, options.name, random));
  return PrintKeys(options.directory);
}

absl::StatusOr<std::vector<merkle::NoteVerifier>> ParseLogKeys(
    const std::vector<std::string>& texts) {
  std::vector<merkle::NoteVerifier> keys;
  for (const std::string& text : texts) {
    absl::StatusOr<merkle::NoteVerifier> key = merkle::NoteVerifier::Parse(text);
    if (!key.ok() || key->kind() != merkle::KeyKind::kEd25519) {
      return absl::InvalidArgumentError(
          absl::StrCat("--log-key '", text, "' is no key of a log: name+id+base64"));
    }
    keys.push_back(*std::move(key));
  }
  return keys;
}

absl::StatusOr<edge::EdgeOptions> EdgeOptionsFrom(const Options& options) {
  edge::EdgeOptions edge;
  edge.threads = 1;
  edge.limits.connections = kConnectionsMax;
  edge::ListenerOptions listener;
  if (!options.socket.empty()) {
    listener.kind = edge::ListenerOptions::Kind::kClear;
    listener.socket_path = options.socket;
  } else {
    const std::optional<config::Address> address = config::ParseAddress(options.listen);
    if (!address) return absl::InvalidArgumentError("--listen takes host:port, or use --socket");
    if (options.certificate.empty() && !config::IsLoopback(*address)) {
      return absl::InvalidArgumentError(
          "without --tls-certificate and --tls-key only an address on loopback can be listened on");
    }
    if (options.certificate.empty()) listener.kind = edge::ListenerOptions::Kind::kClear;
    listener.address = *address;
  }
  edge.listeners.push_back(listener);
  return edge;
}

int WaitForSignal(const sigset_t& signals) {
  int signal = 0;
  while (sigwait(&signals, &signal) != 0) {
  }
  return signal;
}

absl::Status Serve(const Options& options) {
  // Before there is any thread.
  sigset_t signals;
  sigemptyset(&signals);
  for (const int number : {SIGTERM, SIGINT}) sigaddset(&signals, number);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);

  const SystemClock clock;
  CLINICD_ASSIGN_OR_RETURN(const auto logger, log::Logger::Open(log::Level::kInfo, "-", clock));
  CLINICD_ASSIGN_OR_RETURN(const auto log_keys, ParseLogKeys(options.log_keys));
  CLINICD_ASSIGN_OR_RETURN(const edge::EdgeOptions edge_options, EdgeOptionsFrom(options));
  CLINICD_ASSIGN_OR_RETURN(const auto state, WitnessState::Open(options.directory));
  CLINICD_ASSIGN_OR_RETURN(auto signers, LoadWitnessSigners(options.directory));
  Witness witness(
      {.state = *state, .log_keys = log_keys, .signers = std::move(signers), .clock = clock});
  std::unique_ptr<edge::CertificateStore> certificates;
  if (edge_options.listeners[0].kind == edge::ListenerOptions::Kind::kTls) {
    CLINICD_ASSIGN_OR_RETURN(
        certificates,
        edge::CertificateStore::Open({.certificate = options.certificate, .key = options.key},
                                     clock, *logger));
  }
  CLINICD_ASSIGN_OR_RETURN(const auto server,
                           edge::EdgeServer::Start(edge_options, MakeRouter(witness, *logger),
                                                   certificates.get(), clock));
  std::cout << "ready "
            << (options.socket.empty() ? absl::StrCat("port ", server->port(0)) : options.socket)
            << std::endl;
  WaitForSignal(signals);
  server->Stop(absl::Seconds(2));
  return absl::OkStatus();
}

int ExitCodeOf(const absl::Status& status) {
  if (status.ok()) return 0;
  std::cerr << "clinicd-witness: " << status.message() << "\n";
  return 1;
}

void AddCommands(CLI::App& program, Options& options, int& exit_code) {
  CLI::App* init = program.add_subcommand("init", "Makes a directory with a key; prints the key");
  init->add_option("--directory", options.directory, "Of this witness")->required();
  init->add_option("--name", options.name, "Of the key, such as witness.example/w1")->required();
  init->callback([&] { exit_code = ExitCodeOf(Initialize(options)); });

  CLI::App* keys = program.add_subcommand("keys", "Prints the keys that this witness signs with");
  keys->add_option("--directory", options.directory, "Of this witness")->required();
  keys->callback([&] { exit_code = ExitCodeOf(PrintKeys(options.directory)); });

  CLI::App* serve = program.add_subcommand("serve", "Witnesses logs until SIGTERM");
  serve->add_option("--directory", options.directory, "Of this witness")->required();
  serve->add_option("--log-key", options.log_keys, "Key of a log that is witnessed, name+id+base64")
      ->allow_extra_args(false)
      ->required();
  serve->add_option("--listen", options.listen, "host:port; on loopback unless there is TLS");
  serve->add_option("--socket", options.socket, "Unix socket to listen on instead");
  CLI::Option* certificate =
      serve->add_option("--tls-certificate", options.certificate, "PEM file, leaf first");
  CLI::Option* key = serve->add_option("--tls-key", options.key, "PEM file of its private key");
  certificate->needs(key);
  key->needs(certificate);
  serve->callback([&] { exit_code = ExitCodeOf(Serve(options)); });
}

}  // namespace
}  // namespace clinicd::witness

int main(int argc, char** argv) {
  CLI::App program("clinicd-witness cosigns checkpoints of audit logs.", "clinicd-witness");
  program.require_subcommand(1);
  clinicd::witness::Options options;
  int exit_code = 0;
  clinicd::witness::AddCommands(program, options, exit_code);
  try {
    program.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return program.exit(error);
  }
  return exit_code;
}
