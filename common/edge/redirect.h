// The answer of the plain HTTP port: the same place over HTTPS.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "common/edge/http.h"

namespace clinicd::edge {

struct RedirectOptions {
  // "host" or "host:port" of the HTTPS port as clients reach it; empty: the host they asked for, if
  // it is one of the certificate's.
  std::string authority;
  // Appended to a host that clients asked for, unless it is 443.
  int https_port = 443;
  // Whether the certificate is one for that host.
  std::function<bool(std::string_view host)> covers;
};

// Where a request is sent to; nothing when it asked for a host that is not ours.
std::optional<std::string> RedirectTarget(const RedirectOptions& options, const RequestHead& head);

// Answers 308 to everything, and 421 where there is no target.
Router RedirectToHttps(RedirectOptions options);

}  // namespace clinicd::edge
