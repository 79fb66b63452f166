#include "services/server/client/channel.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/support/channel_arguments.h>

#include <fstream>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "common/base/try.h"

namespace clinicd::client {
namespace {

// What Debian's ca-certificates writes.
constexpr char kMachineAuthorities[] = "/etc/ssl/certs/ca-certificates.crt";

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

}  // namespace

absl::StatusOr<std::shared_ptr<grpc::Channel>> OpenChannel(const Endpoint& endpoint) {
  grpc::ChannelArguments arguments;
  arguments.SetUserAgentPrefix("clinicd-client/1");
  // Health data goes straight to the server, whatever proxy the environment names.
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  if (endpoint.target.starts_with("unix:")) {
    return grpc::CreateCustomChannel(endpoint.target, grpc::InsecureChannelCredentials(),
                                     arguments);
  }
  grpc::SslCredentialsOptions tls;
  CLINICD_ASSIGN_OR_RETURN(
      tls.pem_root_certs,
      ReadText(endpoint.ca_file.empty() ? kMachineAuthorities : endpoint.ca_file));
  return grpc::CreateCustomChannel(endpoint.target, grpc::SslCredentials(tls), arguments);
}

}  // namespace clinicd::client
