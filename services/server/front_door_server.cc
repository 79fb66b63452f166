#include "services/server/front_door_server.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/try.h"
#include "common/edge/call_bridge.h"
#include "common/edge/edge_metrics.h"
#include "common/edge/front_door.h"
#include "common/edge/header_filter.h"
#include "common/edge/rpc_call.h"
#include "common/edge/static_root.h"
#include "services/server/limits.h"

namespace clinicd::server {
namespace {

using Kind = edge::ListenerOptions::Kind;

std::vector<edge::RpcMethod> MethodsOf(const rpc::MethodTable& table) {
  std::vector<edge::RpcMethod> methods;
  for (const auto& method : table.methods()) {
    methods.push_back({.path = absl::StrCat("/", method->full_name),
                       .descriptor = method->descriptor,
                       .deadline_max = method->deadline_max});
  }
  return methods;
}

bool NeedsCertificate(const edge::ListenerOptions& listener) {
  return listener.kind != Kind::kClear;
}

}  // namespace

// Declared in the order of dependence: each part outlives those below it.
struct FrontDoorServer::Parts {
  Parts(FrontDoorOptions with_options, const std::shared_ptr<grpc::Channel>& channel,
        const Environment& environment)
      : options(std::move(with_options)),
        bridge(channel),
        rpc{.bridge = bridge,
            .filter = filter,
            .secret = environment.secret,
            .clock = environment.clock,
            .request_bytes_max = kReceiveBytesMax},
        door({.rpc = rpc,
              .methods = MethodsOf(environment.methods),
              .cors_origins = options.cors_origins,
              .files = edge::StaticFiles(),
              .security_contact = options.security_contact,
              .routes = options.routes}) {}

  const FrontDoorOptions options;
  edge::CallBridge bridge;
  const edge::HeaderFilter filter;
  const edge::RpcParts rpc;
  const edge::FrontDoor door;
  std::unique_ptr<edge::CertificateStore> certificates;
  std::unique_ptr<edge::EdgeServer> edge;
};

FrontDoorServer::FrontDoorServer(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
FrontDoorServer::~FrontDoorServer() { Stop(absl::ZeroDuration()); }

absl::StatusOr<std::unique_ptr<FrontDoorServer>> FrontDoorServer::Start(
    const FrontDoorOptions& options, const std::shared_ptr<grpc::Channel>& channel,
    const Environment& environment) {
  auto parts = std::make_unique<Parts>(options, channel, environment);
  if (std::ranges::any_of(options.edge.listeners, NeedsCertificate)) {
    CLINICD_ASSIGN_OR_RETURN(
        parts->certificates,
        edge::CertificateStore::Open(options.tls, environment.clock, environment.logger));
  }
  const edge::FrontDoor& door = parts->door;
  CLINICD_ASSIGN_OR_RETURN(parts->edge,
                           edge::EdgeServer::Start(
                               options.edge,
                               [&door](const edge::RequestHead& head, const edge::Peer& peer) {
                                 return door.Route(head, peer);
                               },
                               parts->certificates.get(), environment.clock));
  edge::AddEdgeMetrics(*parts->edge, parts->certificates.get(), environment.metrics);
  return std::unique_ptr<FrontDoorServer>(new FrontDoorServer(std::move(parts)));
}

int FrontDoorServer::port(Kind kind) const {
  const auto& listeners = parts_->options.edge.listeners;
  const auto found = std::ranges::find(listeners, kind, &edge::ListenerOptions::kind);
  if (found == listeners.end()) return 0;
  return parts_->edge->port(static_cast<std::size_t>(found - listeners.begin()));
}

absl::Status FrontDoorServer::ReloadCertificate() {
  return parts_->certificates == nullptr ? absl::OkStatus() : parts_->certificates->Reload();
}

void FrontDoorServer::Drain() { parts_->edge->Drain(); }

void FrontDoorServer::Stop(absl::Duration patience) { parts_->edge->Stop(patience); }

}  // namespace clinicd::server
