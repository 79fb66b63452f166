#include "services/server/grpc_server.h"

#include <grpcpp/resource_quota.h>
#include <grpcpp/security/server_credentials.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/try.h"
#include "common/rpc/call_context.h"
#include "services/server/limits.h"

namespace clinicd::server {
namespace {

constexpr std::size_t kQuotaBytes = 256U << 20;
constexpr int kThreadsMax = 32;
constexpr std::size_t kSocketPathMax = sizeof(sockaddr_un::sun_path) - 1;

void SetLimits(grpc::ServerBuilder& builder) {
  grpc::ResourceQuota quota("clinicd");
  quota.Resize(kQuotaBytes).SetMaxThreads(kThreadsMax);
  builder.SetResourceQuota(quota);
  builder.SetMaxReceiveMessageSize(static_cast<int>(kReceiveBytesMax));
  builder.SetMaxSendMessageSize(static_cast<int>(kSendBytesMax));
  // gRPC inflates a message before it looks at its size.
  builder.SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_DEFLATE, false);
  builder.SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_GZIP, false);
  builder.SetDefaultCompressionAlgorithm(GRPC_COMPRESS_NONE);
  const std::pair<const char*, int> arguments[] = {
      {GRPC_ARG_MAX_CONCURRENT_STREAMS, 256},
      {GRPC_ARG_MAX_METADATA_SIZE, 8 * 1024},
      {GRPC_ARG_HTTP2_HPACK_TABLE_SIZE_DECODER, 4096},
      {GRPC_ARG_HTTP2_MAX_FRAME_SIZE, 16384},
      {GRPC_ARG_HTTP2_BDP_PROBE, 0},
      {GRPC_ARG_HTTP2_MAX_PING_STRIKES, 2},
      {GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 20000},
      {GRPC_ARG_KEEPALIVE_TIME_MS, 60000},
      {GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 10000},
      {GRPC_ARG_MAX_CONNECTION_IDLE_MS, 300000},
      {GRPC_ARG_MAX_CONNECTION_AGE_MS, 1800000},
      {GRPC_ARG_MAX_CONNECTION_AGE_GRACE_MS, 30000},
      {GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, 5000},
      // Two servers must not share a port without anybody noticing.
      {GRPC_ARG_ALLOW_REUSEPORT, 0},
      {GRPC_ARG_ENABLE_CHANNELZ, 0},
  };
  for (const auto& [name, value] : arguments) builder.AddChannelArgument(name, value);
}

absl::Status PrepareSocket(const std::filesystem::path& socket) {
  if (socket.string().size() > kSocketPathMax) {
    return absl::FailedPreconditionError(
        absl::StrCat("The path of the gRPC socket, ", socket.string(), ", is longer than the ",
                     kSocketPathMax, " bytes that Unix sockets allow; choose a shorter one."));
  }
  std::error_code error;
  // What a killed server left behind; a live one holds the data directory's lock.
  std::filesystem::remove(socket, error);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<GrpcServer>> GrpcServer::Start(
    const GrpcListeners& listeners, const std::vector<grpc::Service*>& services,
    std::unique_ptr<rpc::RequestScopeFactory> scope) {
  std::unique_ptr<GrpcServer> server(new GrpcServer());
  grpc::ServerBuilder builder;
  SetLimits(builder);
  builder.SetContextAllocator(std::make_unique<rpc::CallContextAllocator>());
  std::vector<std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>> interceptors;
  interceptors.push_back(std::move(scope));
  builder.experimental().SetInterceptorCreators(std::move(interceptors));
  if (!listeners.socket.empty()) {
    CLINICD_RETURN_IF_ERROR(PrepareSocket(listeners.socket));
    builder.AddListeningPort(absl::StrCat("unix:", listeners.socket.string()),
                             grpc::InsecureServerCredentials());
    server->socket_ = listeners.socket;
  }
  for (grpc::Service* service : services) builder.RegisterService(service);
  server->server_ = builder.BuildAndStart();
  if (server->server_ == nullptr) {
    return absl::UnavailableError(absl::StrCat(
        "Cannot start the gRPC server ", listeners.socket.string(),
        "; check that no other server uses the socket and that its directory exists."));
  }
  if (!server->socket_.empty()) chmod(server->socket_.c_str(), 0660);
  return server;
}

GrpcServer::~GrpcServer() { Shutdown(absl::ZeroDuration()); }

void GrpcServer::Shutdown(absl::Duration patience) {
  if (server_ == nullptr) return;
  server_->Shutdown(absl::ToChronoTime(absl::Now() + patience));
  server_->Wait();
  server_.reset();
  std::error_code error;
  if (!socket_.empty()) std::filesystem::remove(socket_, error);
}

std::shared_ptr<grpc::Channel> GrpcServer::InProcessChannel() {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(-1);
  return server_->InProcessChannel(arguments);
}

}  // namespace clinicd::server
