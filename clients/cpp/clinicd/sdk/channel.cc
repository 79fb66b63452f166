#include "clinicd/sdk/channel.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/support/channel_arguments.h>

#include <fstream>
#include <sstream>
#include <string_view>

#include "absl/strings/str_cat.h"

namespace clinicd::sdk {
namespace {

// What Debian's ca-certificates writes.
constexpr char kMachineAuthorities[] = "/etc/ssl/certs/ca-certificates.crt";
constexpr std::string_view kHttps = "https://";
constexpr int kReconnectMillisecondsMin = 100;
constexpr int kReconnectMillisecondsMax = 5000;

absl::StatusOr<std::string> ReadText(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) {
    return absl::NotFoundError(
        absl::StrCat("Cannot read the certificates in ", path, "; name another file with --ca."));
  }
  return std::move(text).str();
}

// "host:port" of an address; empty if it is none.
std::string TlsTarget(std::string_view target) {
  if (target.starts_with(kHttps)) target.remove_prefix(kHttps.size());
  if (target.ends_with('/')) target.remove_suffix(1);
  if (target.empty() || target.find('/') != std::string_view::npos) return "";
  const std::size_t colon = target.rfind(':');
  // The colons of a bare IPv6 address are in brackets.
  const bool has_port =
      colon != std::string_view::npos && target.find(']', colon) == std::string_view::npos;
  return has_port ? std::string(target) : absl::StrCat(std::string(target), ":443");
}

grpc::ChannelArguments Arguments(const Endpoint& endpoint) {
  grpc::ChannelArguments arguments;
  arguments.SetUserAgentPrefix(endpoint.user_agent);
  // Health data goes straight to the server, whatever proxy the environment names.
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  // The SDK waits between its attempts; one on a server that is back should find it.
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, kReconnectMillisecondsMin);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, kReconnectMillisecondsMin);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, kReconnectMillisecondsMax);
  // gRPC's own repetition would repeat what the SDK repeats.
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  return arguments;
}

}  // namespace

absl::StatusOr<std::shared_ptr<grpc::Channel>> OpenChannel(const Endpoint& endpoint) {
  if (endpoint.target.starts_with("unix:")) {
    return grpc::CreateCustomChannel(endpoint.target, grpc::InsecureChannelCredentials(),
                                     Arguments(endpoint));
  }
  const std::string target = TlsTarget(endpoint.target);
  if (target.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "'", endpoint.target, "' is no address of a server; write https://host:port."));
  }
  const absl::StatusOr<std::string> authorities =
      ReadText(endpoint.ca_file.empty() ? kMachineAuthorities : endpoint.ca_file);
  if (!authorities.ok()) return authorities.status();
  grpc::SslCredentialsOptions tls;
  tls.pem_root_certs = *authorities;
  return grpc::CreateCustomChannel(target, grpc::SslCredentials(tls), Arguments(endpoint));
}

}  // namespace clinicd::sdk
