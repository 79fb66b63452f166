// The edge as clinicd has it, in front of the conformance service:
//   conformance_server [CERTIFICATE KEY]
// Without files it makes its own. Says on one line where it listens, serves until its standard
// input ends, and leaves with 1 if anything went wrong.
#include <grpcpp/grpcpp.h>

#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/random.h"
#include "common/base/try.h"
#include "common/edge/call_bridge.h"
#include "common/edge/certificate_store.h"
#include "common/edge/edge_server.h"
#include "common/edge/front_door.h"
#include "common/edge/header_filter.h"
#include "common/edge/rpc_call.h"
#include "common/log/logger.h"
#include "common/rpc/edge_identity.h"
#include "services/server/dev_certificates.h"
#include "tests/conformance/server/conformance_service.h"
#include "tests/support/temporary_directory.h"

namespace clinicd::conformance {
namespace {

using Kind = edge::ListenerOptions::Kind;

// Headers of the cases that the service is to see, besides those that clinicd lets through.
const std::vector<std::string>& CaseHeaders() {
  static const auto& names =
      *new std::vector<std::string>{"x-conformance-one", "x-conformance-a-bin"};
  return names;
}

edge::EdgeOptions Listeners() {
  const config::Address loopback{.host = "127.0.0.1", .port = 0};
  edge::EdgeOptions options;
  options.listeners = {{.kind = Kind::kTls, .address = loopback},
                       {.kind = Kind::kClear, .address = loopback}};
  // The driver opens a connection for each of some thousand requests.
  options.limits.connections_per_address = 1024;
  options.limits.connect_burst = 100'000;
  options.limits.connect_rate = 10'000;
  return options;
}

std::vector<edge::RpcMethod> Methods() {
  const auto& service = *v1::AnswerRequest::descriptor()->file()->service(0);
  std::vector<edge::RpcMethod> methods;
  for (int i = 0; i < service.method_count(); ++i) {
    const auto& method = *service.method(i);
    methods.push_back({.path = "/" + service.full_name() + "/" + method.name(),
                       .descriptor = &method,
                       .deadline_max = absl::Seconds(60)});
  }
  return methods;
}

std::unique_ptr<grpc::Server> StartGrpc(ConformanceService& service) {
  grpc::ServerBuilder builder;
  builder.RegisterService(&service);
  return builder.BuildAndStart();
}

std::shared_ptr<grpc::Channel> InProcess(grpc::Server& server) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(-1);
  return server.InProcessChannel(arguments);
}

// Where clients find the server.
std::string Facts(const edge::EdgeServer& edge, const server::DevCertificates& certificates) {
  const nlohmann::json facts{{"tls_port", edge.port(0)},
                             {"clear_port", edge.port(1)},
                             {"tls",
                              {{"authority", certificates.authority.string()},
                               {"chain", certificates.server.certificate.string()},
                               {"key", certificates.server.key.string()}}}};
  return facts.dump();
}

absl::Status Serve(const std::vector<std::string>& files_given) {
  const SystemClock clock;
  SystemRandom random;
  const testing::TemporaryDirectory directory;
  CLINICD_ASSIGN_OR_RETURN(
      server::DevCertificates made,
      server::EnsureDevCertificates(directory.path("tls"), clock.Now(), random));
  if (files_given.size() == 2) {
    made.server.certificate = files_given[0];
    made.server.key = files_given[1];
  }
  CLINICD_ASSIGN_OR_RETURN(const auto logger, log::Logger::Open(log::Level::kError, "-", clock));
  const edge::TlsFiles files{.certificate = made.server.certificate, .key = made.server.key};
  CLINICD_ASSIGN_OR_RETURN(const auto certificates,
                           edge::CertificateStore::Open(files, clock, *logger));
  ConformanceService service;
  const std::unique_ptr<grpc::Server> grpc = StartGrpc(service);
  edge::CallBridge bridge(InProcess(*grpc));
  const edge::HeaderFilter filter(CaseHeaders());
  const rpc::EdgeSecret secret(random);
  const edge::RpcParts parts{.bridge = bridge, .filter = filter, .secret = secret, .clock = clock};
  const edge::FrontDoor door({.rpc = parts, .methods = Methods()});
  CLINICD_ASSIGN_OR_RETURN(const auto edge, edge::EdgeServer::Start(
                                                Listeners(),
                                                [&door](const auto& head, const edge::Peer& peer) {
                                                  return door.Route(head, peer);
                                                },
                                                certificates.get(), clock));
  std::cout << Facts(*edge, made) << std::endl;
  while (std::cin.get() != std::char_traits<char>::eof()) {
  }
  edge->Stop(absl::Seconds(5));
  grpc->Shutdown();
  return absl::OkStatus();
}

}  // namespace
}  // namespace clinicd::conformance

int main(int argc, char** argv) {
  const absl::Status status = clinicd::conformance::Serve({argv + 1, argv + argc});
  if (!status.ok()) std::cerr << status << std::endl;
  return status.ok() ? EXIT_SUCCESS : EXIT_FAILURE;
}
