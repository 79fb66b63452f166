// What sends the calls of a workload and judges the answers.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "tests/bench/clinicbench/operation.h"

namespace clinicd::bench {

enum class Verdict {
  // As it must be.
  kRight,
  // The time is taken, as was expected or possible.
  kTaken,
  // Not now: the server is busy, or the deadline has passed.
  kRefused,
  // From the wrong clinic, of the wrong row, too short, or an error that nobody expected.
  kWrong,
};

struct Completion {
  std::size_t slot = 0;
  Verdict verdict = Verdict::kRight;
  absl::Time at = {};
  // Of what is not right: what came instead. No names of patients, which there are none of.
  std::string note = {};
};

// Each slot holds one call at a time. Used by one thread.
class Driver {
 public:
  Driver() = default;
  virtual ~Driver() = default;
  Driver(const Driver&) = delete;
  Driver& operator=(const Driver&) = delete;
  Driver(Driver&&) = delete;
  Driver& operator=(Driver&&) = delete;

  // Sends `operation`; the slot must be free. An error ends the run.
  virtual absl::Status Start(std::size_t slot, const Operation& operation) = 0;
  // Waits until there is an answer, or until `until`, and appends all that are there. Their slots
  // are free then.
  virtual absl::Status Wait(absl::Time until, std::vector<Completion>& done) = 0;
};

}  // namespace clinicd::bench
