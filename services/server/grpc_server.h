// The gRPC server: listeners, limits, interceptor.
#pragma once

#include <grpcpp/grpcpp.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/rpc/request_scope.h"

namespace clinicd::server {

// A certificate chain and its key, PEM.
struct TlsFiles {
  std::filesystem::path certificate;
  std::filesystem::path key;
};

struct GrpcListeners {
  // Path of the raw Unix socket, mode 0660; empty: none.
  std::filesystem::path socket;
  // "address:port" for TLS, port 0 for any free one; empty: none.
  std::string tls_address;
  TlsFiles tls;
};

// Serves `services` from construction to Shutdown(). The services, the factory's parts and
// everything behind them must outlive it.
class GrpcServer final {
 public:
  // Errors name the listener that could not be opened, the cause and the way out.
  static absl::StatusOr<std::unique_ptr<GrpcServer>> Start(
      const GrpcListeners& listeners, const std::vector<grpc::Service*>& services,
      std::unique_ptr<rpc::RequestScopeFactory> scope);
  ~GrpcServer();

  // Takes no new calls; waits up to `patience` for those under way, then cancels them.
  void Shutdown(absl::Duration patience);

  // For calls from within the process.
  std::shared_ptr<grpc::Channel> InProcessChannel();
  // The TLS port in use; 0 without a TLS listener.
  int tls_port() const { return tls_port_; }

 private:
  GrpcServer() = default;

  std::unique_ptr<grpc::Server> server_;
  std::filesystem::path socket_;
  int tls_port_ = 0;
};

}  // namespace clinicd::server
