// Has witnesses cosign the newest checkpoint while a server runs.
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
#include "common/metrics/metrics.h"
#include "db/access/pool.h"
#include "db/access/transaction_runner.h"
#include "services/audit/log/seal_guard.h"
#include "services/audit/log/stored_log.h"
#include "services/audit/log/witness_client.h"
#include "services/server/job_thread.h"

namespace clinicd::server {

// In a thread and over a connection of its own, so that a witness that is away holds up nothing
// but the others. Any number of servers may do it. Outlived by its parts.
class WitnessJob final {
 public:
  struct Parts {
    // Of clinicd_sealer, with the password.
    std::string conninfo;
    audit::StoredLogReader reader;
    std::vector<audit::WitnessClient> witnesses;
    // Told of a witness that proves that the log was another one.
    audit::SealGuard& guard;
    const Clock& clock;
    const IdSource& ids;
    log::Logger& logger;
    metrics::Metrics& metrics;
    // Between two looks for a new checkpoint.
    absl::Duration interval = absl::Seconds(1);
  };

  explicit WitnessJob(Parts parts);

  JobThread& thread() { return thread_; }

 private:
  // Live as long as the metrics that ask for them.
  struct Counts {
    std::atomic<std::int64_t> cosignatures = 0;
    std::atomic<std::int64_t> failures = 0;
  };
  // How one witness is doing.
  struct Progress {
    // What it has of which epoch, as far as is known.
    std::uint32_t epoch = 0;
    std::uint64_t size = 0;
    // Whether that is cosigned and kept here.
    bool done = false;
    absl::Time not_before = absl::InfinitePast();
    absl::Duration pause = absl::ZeroDuration();
    bool failing = false;
  };

  void AskAll();
  absl::Status AskOne(audit::WitnessClient& witness, Progress& progress);
  // The newest checkpoint; nullopt before the first one.
  absl::StatusOr<std::optional<audit::RememberedHead>> Newest(std::string& note);
  absl::StatusOr<std::vector<merkle::Hash>> Prove(std::uint64_t old_size, std::uint64_t size);
  absl::Status Keep(const audit::WitnessClient& witness, std::uint64_t size,
                    const std::string& line);
  // What a refusal means: halts sealing if the witness can prove it.
  absl::Status Investigate(audit::WitnessClient& witness, int status);
  void Note(const audit::WitnessClient& witness, Progress& progress, const absl::Status& status);

  Parts parts_;
  db::Pool pool_;
  db::TransactionRunner runner_;
  const std::shared_ptr<Counts> counts_;
  std::vector<Progress> progress_;
  JobThread thread_;
};

}  // namespace clinicd::server
