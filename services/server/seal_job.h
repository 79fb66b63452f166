// Seals audit events while a server runs.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/ids.h"
#include "common/log/logger.h"
#include "common/merkle/note_key.h"
#include "common/metrics/metrics.h"
#include "db/access/pool.h"
#include "db/access/transaction_runner.h"
#include "services/audit/log/anchor.h"
#include "services/audit/log/seal_guard.h"
#include "services/audit/log/sealer.h"
#include "services/server/job_thread.h"

namespace clinicd::server {

// Looks every second for what is new, in a thread and over a connection of its own. Any number of
// servers may do it; one at a time works. Outlived by its parts.
class SealJob final {
 public:
  struct Parts {
    // Of clinicd_sealer, with the password.
    std::string conninfo;
    std::string origin;
    std::vector<merkle::NoteSigner> signers;
    audit::SealGuard& guard;
    // Keeps what was signed; nullopt: nobody does.
    std::optional<audit::Anchor> anchor;
    const Clock& clock;
    const IdSource& ids;
    log::Logger& logger;
    metrics::Metrics& metrics;
    // Between two looks.
    absl::Duration interval = absl::Seconds(1);
  };

  explicit SealJob(Parts parts);

  JobThread& thread() { return thread_; }

 private:
  // Live as long as the metrics that ask for them.
  struct Counts {
    std::atomic<std::int64_t> events = 0;
    std::atomic<std::int64_t> failures = 0;
    std::atomic<std::int64_t> anchor_failures = 0;
    // Of the oldest event of the last batch, when it was sealed.
    std::atomic<double> lag_seconds = 0;
  };

  // Seals until nothing is left, or somebody else does.
  absl::Status SealAll();
  absl::StatusOr<audit::SealReport> SealBatch();
  void KeepAnchor(const audit::SealReport& report);
  // What to do in the thread each time.
  void Look();

  const Parts parts_;
  db::Pool pool_;
  db::TransactionRunner runner_;
  const audit::Sealer sealer_;
  const std::shared_ptr<Counts> counts_;
  // So that a lasting failure is told once.
  bool failing_ = false;
  bool anchor_failing_ = false;
  JobThread thread_;
};

}  // namespace clinicd::server
