// What verifiers are asked in these tests: exports of random logs, as they are and bent.
#pragma once

#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "services/audit/proof/verifier.h"
#include "tests/support/audit_log.h"

namespace clinicd::audit {

// An export and what it is judged by; keys and origin are those of TestLog.
struct Case {
  std::string bytes;
  std::optional<std::string> since;
  std::optional<std::string> head;
  std::size_t quorum = 1;
  std::optional<ClinicId> clinic;
  std::optional<std::string> receipts = {};
  std::uint64_t purged_below = merkle::kTreeSizeMax;
  std::optional<absl::Duration> age_max;
  absl::Time now = TestLog::SealedAt();

  VerifyOptions Options() const;
};

using Random = std::mt19937_64;

// The receipt of an event as a client keeps it, with the end of its line.
std::string ReceiptLine(const Leaf& leaf);

// A number from 0 to `limit` - 1.
std::uint64_t Below(Random& random, std::uint64_t limit);

// A log with checkpoints, and exports of it that are as they should be.
class RandomLog final {
 public:
  explicit RandomLog(Random& random);

  // One of its exports, with any of its checkpoints known. What comes of it may be any verdict.
  Case Export(Random& random) const;

 private:
  TestLog log_;
  std::vector<ClinicCheckpoint> checkpoints_;
};

// Changes one thing: a bit, bytes, an item or line, a number, what a lying server could say.
// `other` lends what is put in.
Case Bent(Case original, const Case& other, Random& random);

}  // namespace clinicd::audit
