// Drives a workload for a fixed time and counts what comes back.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "tests/bench/clinicbench/arrivals.h"
#include "tests/bench/clinicbench/driver.h"
#include "tests/bench/clinicbench/histogram.h"
#include "tests/bench/clinicbench/operation.h"

namespace clinicd::bench {

struct LoadOptions {
  // Calls in flight, at most.
  int slots = 16;
  absl::Duration warm_up = absl::Seconds(1);
  absl::Duration measured = absl::Seconds(5);
  // Stops after so many calls, whatever the time; 0: never.
  std::int64_t calls_max = 0;
  // Calls a second, sent when they are due; absent: a new call follows each answer.
  std::optional<double> rate = {};
  ArrivalKind arrivals = ArrivalKind::kPoisson;
  std::uint64_t seed = 42;
  // Refusals are counted instead of ending the run.
  bool refusals = false;
};

// Of the calls that were due in the measured time.
struct LoadResult {
  double seconds = 0;
  std::int64_t right = 0;
  std::int64_t taken = 0;
  std::int64_t refused = 0;
  // Of all the time, the warm-up included; and how many bookings were asked for.
  std::int64_t calls = 0;
  // Of right and taken: from when they were due, and from when they were sent.
  Histogram latency = {};
  Histogram service = {};
  // From when they were sent.
  Histogram refusal = {};
  // How many were sent, and how many of them more than a millisecond late.
  std::int64_t sent = 0;
  std::int64_t late = 0;
  std::map<std::string, std::int64_t> refusals = {};

  double CallsPerSecond() const {
    return seconds > 0 ? static_cast<double>(right + taken) / seconds : 0;
  }
  // False when the generator was the bottleneck.
  bool valid() const { return late * 100 <= sent; }
};

// A wrong answer ends the run with INTERNAL; OUT_OF_RANGE: the workload had nothing left to ask
// for.
absl::StatusOr<LoadResult> RunLoad(Driver& driver, OperationSource& source,
                                   const LoadOptions& options);

}  // namespace clinicd::bench
