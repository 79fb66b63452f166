// The operator's listener: plain HTTP on loopback, nothing that needs protection.
//
//   GET /metrics   Prometheus text format
//   GET /healthz   200 as long as the process answers; asks nothing else
//   GET /readyz    200 or 503 with the checks as JSON
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/statusor.h"
#include "common/config/address.h"
#include "common/metrics/metrics.h"
#include "common/metrics/readiness.h"

struct mg_connection;
struct mg_context;

namespace clinicd::metrics {

// Serves on two threads of its own from Start() to the end of its life.
class AdminServer final {
 public:
  // `metrics` and `readiness` must outlive the server. INVALID_ARGUMENT when the address is not on
  // loopback; UNAVAILABLE when it cannot be listened on.
  static absl::StatusOr<std::unique_ptr<AdminServer>> Start(const config::Address& address,
                                                            const Metrics& metrics,
                                                            const Readiness& readiness);
  // Waits for running requests, at most about two seconds.
  ~AdminServer();
  AdminServer(const AdminServer&) = delete;
  AdminServer& operator=(const AdminServer&) = delete;
  AdminServer(AdminServer&&) = delete;
  AdminServer& operator=(AdminServer&&) = delete;

  // Where it listens; the port is the system's choice when 0 was asked for.
  const config::Address& address() const { return address_; }

 private:
  struct Answer {
    int code = 200;
    std::string_view type;
    std::string body;
  };

  AdminServer(config::Address address, const Metrics& metrics, const Readiness& readiness)
      : address_(std::move(address)), metrics_(metrics), readiness_(readiness) {}

  absl::Status Listen();
  Answer AnswerTo(std::string_view method, std::string_view path) const;
  Answer Ready() const;
  static int Handle(mg_connection* connection, void* server);

  config::Address address_;
  const Metrics& metrics_;
  const Readiness& readiness_;
  mg_context* context_ = nullptr;
};

}  // namespace clinicd::metrics
