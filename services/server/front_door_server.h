// The front door of the server: HTTPS for everybody outside, calls into gRPC inside.
#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/edge/edge_server.h"
#include "common/edge/route_table.h"
#include "common/log/logger.h"
#include "common/metrics/metrics.h"
#include "common/rpc/edge_identity.h"
#include "common/rpc/method_table.h"

namespace clinicd::server {

struct FrontDoorOptions {
  // Without listeners there is no front door.
  edge::EdgeOptions edge = {};
  // For listeners of TLS and of what leads to it.
  edge::TlsFiles tls = {};
  // Web origins that may call, besides the server's own.
  std::vector<std::string> cors_origins = {};
  // See edge::FrontDoor.
  std::string security_contact = {};
  // Requests that are no calls, such as webhooks.
  edge::RouteTable routes = {};
};

// Serves from Start() to Stop(). Thread-safe.
class FrontDoorServer final {
 public:
  // What it stands on; must outlive it. `metrics` must not be asked when it is gone.
  struct Environment {
    const rpc::MethodTable& methods;
    const rpc::EdgeSecret& secret;
    const Clock& clock;
    log::Logger& logger;
    metrics::Metrics& metrics;
  };

  // Calls go to `channel`. Errors name the listener that could not be opened, or what is wrong with
  // the certificate.
  static absl::StatusOr<std::unique_ptr<FrontDoorServer>> Start(
      const FrontDoorOptions& options, const std::shared_ptr<grpc::Channel>& channel,
      const Environment& environment);
  ~FrontDoorServer();
  FrontDoorServer(const FrontDoorServer&) = delete;
  FrontDoorServer& operator=(const FrontDoorServer&) = delete;
  FrontDoorServer(FrontDoorServer&&) = delete;
  FrontDoorServer& operator=(FrontDoorServer&&) = delete;

  // The port of the first listener of that kind; 0 where there is none.
  int port(edge::ListenerOptions::Kind kind = edge::ListenerOptions::Kind::kTls) const;

  // Takes the certificate from its files again. Goes on with the old one if the new is not good.
  absl::Status ReloadCertificate();

  // Takes no new connections and sends clients elsewhere.
  void Drain();
  // Drains, waits up to `patience` for what is under way, ends it.
  void Stop(absl::Duration patience);

 private:
  struct Parts;
  explicit FrontDoorServer(std::unique_ptr<Parts> parts);

  const std::unique_ptr<Parts> parts_;
};

}  // namespace clinicd::server
