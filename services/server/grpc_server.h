// The gRPC server: limits, interceptor, and a Unix socket. Strangers never reach it but through the
// front door.
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

struct GrpcListeners {
  // Path of the raw Unix socket, mode 0660; empty: none.
  std::filesystem::path socket;
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

  // For calls from within the process. Answers may be of any size that the server sends.
  std::shared_ptr<grpc::Channel> InProcessChannel();

 private:
  GrpcServer() = default;

  std::unique_ptr<grpc::Server> server_;
  std::filesystem::path socket_;
};

}  // namespace clinicd::server
