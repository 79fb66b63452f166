// How a client reaches a server.
#pragma once

#include <grpcpp/channel.h>

#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace clinicd::client {

struct Endpoint {
  // "unix:/path" for the raw socket, "host:port" for TLS.
  std::string target = {};
  // TLS: PEM file with the authorities to trust; empty: those that the machine trusts.
  std::string ca_file = {};
};

// A channel that connects on the first call. Errors name the file that cannot be read.
absl::StatusOr<std::shared_ptr<grpc::Channel>> OpenChannel(const Endpoint& endpoint);

}  // namespace clinicd::client
