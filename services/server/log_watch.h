// Everything that a server does for its audit log: compares it with what others remember before it
// serves, seals it, and has it witnessed.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/clock.h"
#include "common/base/ids.h"
#include "common/log/logger.h"
#include "common/merkle/note_key.h"
#include "common/metrics/metrics.h"
#include "db/access/transaction_runner.h"
#include "services/audit/log/anchor.h"
#include "services/audit/log/seal_guard.h"
#include "services/audit/log/stored_log.h"
#include "services/audit/log/witness_client.h"
#include "services/server/partition_job.h"
#include "services/server/restore_gate.h"
#include "services/server/seal_job.h"
#include "services/server/witness_job.h"

namespace clinicd::server {

class LogWatch final {
 public:
  struct Options {
    // Names the log and its keys.
    std::string log;
    std::string key_directory;
    // Empty: none.
    std::string anchor;
    // "url key" each.
    std::vector<std::string> witnesses;
    std::string authorities;
  };
  // Outlive it.
  struct Environment {
    // Of clinicd_app.
    db::TransactionRunner& runner;
    const Clock& clock;
    const IdSource& ids;
    log::Logger& logger;
    metrics::Metrics& metrics;
  };

  // Errors say which key, directory or witness is wrong.
  static absl::StatusOr<std::unique_ptr<LogWatch>> Create(const Options& options);

  // Compares; then makes the jobs, unless `sealer_conninfo` is empty. Errors: as
  // RestoreGate::Check().
  absl::Status Open(const std::string& sealer_conninfo, const Environment& environment);

  // Of what Open() made; harmless if nothing.
  void Start();
  void Stop();

  // For acknowledging a restore.
  RestoreGate GateFor(db::TransactionRunner& runner, const Clock& clock, log::Logger& logger);
  const audit::Anchor* anchor() const { return anchor_ ? &*anchor_ : nullptr; }
  const std::vector<merkle::NoteSigner>& signers() const { return signers_; }

 private:
  LogWatch(std::string log, std::vector<merkle::NoteSigner> signers, audit::StoredLogReader reader)
      : log_(std::move(log)), signers_(std::move(signers)), reader_(std::move(reader)) {}

  absl::StatusOr<std::vector<audit::WitnessClient>> MakeWitnesses() const;

  const std::string log_;
  const std::vector<merkle::NoteSigner> signers_;
  const audit::StoredLogReader reader_;
  std::optional<audit::Anchor> anchor_;
  std::vector<audit::WitnessEndpoint> endpoints_;
  std::string authorities_;
  std::vector<audit::WitnessClient> witnesses_;
  std::unique_ptr<audit::SealGuard> guard_;
  std::unique_ptr<PartitionJob> partition_job_;
  std::unique_ptr<SealJob> seal_job_;
  std::unique_ptr<WitnessJob> witness_job_;
};

}  // namespace clinicd::server
