// Calls over gRPC: clinicd on its raw socket or over TLS, or a peer that serves the same API.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "tests/bench/clinicbench/driver.h"

namespace clinicd::bench {

struct GrpcOptions {
  // As "unix:/path" or "localhost:port".
  std::string target;
  // PEM file of the authority that the server's certificate is from; empty: clear text.
  std::string authority = {};
  // Connections, and how many calls may be in flight on all of them.
  int channels = 1;
  int slots = 16;
  // At the number of a clinic.
  std::vector<std::string> tokens = {};
  absl::Duration deadline = absl::Seconds(10);
  // Answers are taken by a thread of its own, so that Wait() returns on time, which a completion
  // queue does only to the millisecond. For open loops; costs a hand-over.
  bool threaded = false;
};

// OK once every channel is connected; UNAVAILABLE if one is not within ten seconds.
absl::StatusOr<std::unique_ptr<Driver>> ConnectGrpc(const GrpcOptions& options,
                                                    const Dataset& dataset);

}  // namespace clinicd::bench
