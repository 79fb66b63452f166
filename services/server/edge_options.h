// Where the edge listens, from configuration and service manager.
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "common/config/config.h"
#include "common/edge/edge_server.h"
#include "common/systemd/systemd.h"

namespace clinicd::server {

// The listeners of the configuration, or those handed over by the service manager instead of the
// same kind: sockets named "https", "http-redirect" and "clear". INVALID_ARGUMENT for other names.
absl::StatusOr<edge::EdgeOptions> EdgeOptionsFrom(
    const config::ServerConfig& config, const std::vector<systemd::InheritedSocket>& sockets);

}  // namespace clinicd::server
