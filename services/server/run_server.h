// A server from its start to the signal that ends it.
#pragma once

#include <functional>
#include <optional>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/random.h"
#include "common/config/address.h"
#include "common/log/logger.h"
#include "services/server/application.h"

namespace clinicd::server {

// Blocks SIGTERM, SIGINT and SIGHUP for the thread that makes it and for all threads started
// afterwards, so that Wait() is the only place where they arrive. Make it before any thread.
class Signals final {
 public:
  Signals();
  // Waits for one of them and returns its number.
  int Wait() const;
};

struct RunOptions {
  ApplicationOptions application = {};
  // Where /metrics, /healthz and /readyz are; absent: nowhere.
  std::optional<config::Address> admin = {};
  // How long calls under way may take after SIGTERM.
  absl::Duration drain = absl::Seconds(25);
  // Called once the server serves. An error ends it.
  std::function<absl::Status(Application&)> serving = {};
};

// Serves until SIGTERM or SIGINT; SIGHUP reopens the log and
// takes the certificate from its files again. Errors are those of the start.
absl::Status RunServer(const RunOptions& options, const Signals& signals, const Clock& clock,
                       Random& random, log::Logger& logger);

}  // namespace clinicd::server
