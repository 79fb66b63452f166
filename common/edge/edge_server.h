// The HTTPS front door: listeners, TLS, HTTP/1.1 and HTTP/2, limits. What is answered is the
// router's.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/config/address.h"
#include "common/edge/certificate_store.h"
#include "common/edge/counters.h"
#include "common/edge/http.h"
#include "common/edge/limits.h"

namespace clinicd::edge {

// Where to listen: a path, or a descriptor that listens already, or else an address.
struct ListenerOptions {
  enum class Kind {
    kTls,       // HTTPS: HTTP/2 and HTTP/1.1
    kClear,     // the same in clear text, on a Unix socket or loopback only
    kRedirect,  // HTTP/1.1 in clear text that leads to HTTPS
  };
  Kind kind = Kind::kTls;
  // Port 0 lets the system choose.
  config::Address address = {};
  std::filesystem::path socket_path = {};
  int descriptor = -1;
};

struct EdgeOptions {
  std::vector<ListenerOptions> listeners;
  int threads = 2;
  EdgeLimits limits = {};
  // How often the certificate is looked at besides when its directory changes.
  absl::Duration reload_interval = absl::Seconds(60);
  // What kRedirect leads to; empty: the host that was asked for, if the certificate has it.
  std::string public_authority = {};
};

// Serves from Start() to Stop(). All functions are thread-safe.
class EdgeServer final {
 public:
  // `certificates` is needed by kTls and kRedirect only. `certificates` and `clock` outlive the
  // server. Errors name the listener that could not be opened and the cause.
  static absl::StatusOr<std::unique_ptr<EdgeServer>> Start(const EdgeOptions& options,
                                                           Router router,
                                                           CertificateStore* certificates,
                                                           const Clock& clock);
  ~EdgeServer();
  EdgeServer(const EdgeServer&) = delete;
  EdgeServer& operator=(const EdgeServer&) = delete;
  EdgeServer(EdgeServer&&) = delete;
  EdgeServer& operator=(EdgeServer&&) = delete;

  // The port of a listener, in the order of the options; 0 for Unix sockets.
  int port(std::size_t listener) const;

  // Takes no new connections and tells clients to go elsewhere; what is under way goes on.
  void Drain();
  // Drains, waits up to `patience` for what is under way, then ends it. Handlers are told before
  // this returns; nothing is posted to connections any more.
  void Stop(absl::Duration patience);

  const EdgeCounters& counters() const;
  std::size_t connections() const;
  // Bytes of requests, which are bodies not used up and heads of HTTP/2, and of answers not written.
  std::size_t bytes_in_flight() const;

 private:
  struct Parts;
  explicit EdgeServer(std::unique_ptr<Parts> parts);

  const std::unique_ptr<Parts> parts_;
};

}  // namespace clinicd::edge
