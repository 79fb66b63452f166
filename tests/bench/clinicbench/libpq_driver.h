// The statements of a workload straight to PostgreSQL: the most that clinicd could reach.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "tests/bench/clinicbench/driver.h"
#include "tests/bench/clinicbench/script.h"

namespace clinicd::bench {

enum class LibpqMode {
  // Parsed and planned each time, a round trip for each statement.
  kSimple,
  // A round trip for each, as `pgbench -M prepared`.
  kPrepared,
  // One flush, which is one implicit transaction.
  kPipelined,
};

struct LibpqOptions {
  std::string conninfo;
  LibpqMode mode = LibpqMode::kPrepared;
  // Connections; each has one transaction at a time.
  int slots = 8;
};

// OK once all are connected and have prepared what `script` says. Refuses to pipeline what depends
// on an answer on the way.
absl::StatusOr<std::unique_ptr<Driver>> ConnectLibpq(const LibpqOptions& options,
                                                     const Script& script, const Dataset& dataset);

}  // namespace clinicd::bench
