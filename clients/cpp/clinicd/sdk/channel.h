// How a client reaches a server.
#pragma once

#include <grpcpp/channel.h>

#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace clinicd::sdk {

struct Endpoint {
  // "https://host:port" or "host:port" for TLS; "unix:/path" for a server's raw socket.
  std::string target = {};
  // TLS: PEM file with the authorities to trust; empty: those that the machine trusts.
  std::string ca_file = {};
  // What the program calls itself, as in "frontdesk/2.1". The server keeps it with the session.
  std::string user_agent = "clinicd-sdk-cpp/1";
};

// A channel that connects on the first call. Errors name the file that cannot be read, or the
// target that is none.
absl::StatusOr<std::shared_ptr<grpc::Channel>> OpenChannel(const Endpoint& endpoint);

}  // namespace clinicd::sdk
