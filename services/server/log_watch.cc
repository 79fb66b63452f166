#include "services/server/log_watch.h"

#include <utility>

#include "common/base/try.h"
#include "services/audit/log/log_keys.h"

namespace clinicd::server {

absl::StatusOr<std::unique_ptr<LogWatch>> LogWatch::Create(const Options& options) {
  CLINICD_ASSIGN_OR_RETURN(std::vector<merkle::NoteSigner> signers,
                           audit::LoadLogSigners(options.key_directory, options.log));
  audit::StoredLogReader::Parts reader{.log = options.log, .log_keys = {}};
  for (const merkle::NoteSigner& signer : signers) reader.log_keys.push_back(signer.verifier());
  std::unique_ptr<LogWatch> watch(
      new LogWatch(options.log, std::move(signers), audit::StoredLogReader(std::move(reader))));
  if (!options.anchor.empty()) {
    watch->anchor_.emplace(options.anchor);
    CLINICD_RETURN_IF_ERROR(watch->anchor_->Open());
  }
  for (const std::string& text : options.witnesses) {
    CLINICD_ASSIGN_OR_RETURN(audit::WitnessEndpoint endpoint, audit::ParseWitnessEndpoint(text));
    watch->endpoints_.push_back(std::move(endpoint));
  }
  watch->authorities_ = options.authorities;
  CLINICD_ASSIGN_OR_RETURN(watch->witnesses_, watch->MakeWitnesses());
  return watch;
}

absl::StatusOr<std::vector<audit::WitnessClient>> LogWatch::MakeWitnesses() const {
  std::vector<audit::WitnessClient> witnesses;
  for (const audit::WitnessEndpoint& endpoint : endpoints_) {
    CLINICD_ASSIGN_OR_RETURN(
        audit::WitnessClient witness,
        audit::WitnessClient::Create(endpoint, {.authorities_file = authorities_}));
    witnesses.push_back(std::move(witness));
  }
  return witnesses;
}

RestoreGate LogWatch::GateFor(db::TransactionRunner& runner, const Clock& clock,
                              log::Logger& logger) {
  return RestoreGate({.runner = runner,
                      .reader = reader_,
                      .anchor = anchor(),
                      .witnesses = witnesses_,
                      .clock = clock,
                      .logger = logger});
}

absl::Status LogWatch::Open(const std::string& sealer_conninfo, const Environment& environment) {
  std::vector<audit::RememberedHead> remembered;
  CLINICD_RETURN_IF_ERROR(
      GateFor(environment.runner, environment.clock, environment.logger).Check(remembered));
  if (sealer_conninfo.empty()) return absl::OkStatus();
  guard_ = std::make_unique<audit::SealGuard>(reader_, std::move(remembered));
  seal_job_ = std::make_unique<SealJob>(SealJob::Parts{.conninfo = sealer_conninfo,
                                                       .origin = log_,
                                                       .signers = signers_,
                                                       .guard = *guard_,
                                                       .anchor = anchor_,
                                                       .clock = environment.clock,
                                                       .ids = environment.ids,
                                                       .logger = environment.logger,
                                                       .metrics = environment.metrics});
  partition_job_ =
      std::make_unique<PartitionJob>(PartitionJob::Parts{.conninfo = sealer_conninfo,
                                                         .clock = environment.clock,
                                                         .ids = environment.ids,
                                                         .logger = environment.logger});
  if (witnesses_.empty()) return absl::OkStatus();
  // With connections of its own: these are another thread's.
  CLINICD_ASSIGN_OR_RETURN(std::vector<audit::WitnessClient> witnesses, MakeWitnesses());
  witness_job_ = std::make_unique<WitnessJob>(WitnessJob::Parts{.conninfo = sealer_conninfo,
                                                                .reader = reader_,
                                                                .witnesses = std::move(witnesses),
                                                                .guard = *guard_,
                                                                .clock = environment.clock,
                                                                .ids = environment.ids,
                                                                .logger = environment.logger,
                                                                .metrics = environment.metrics});
  return absl::OkStatus();
}

void LogWatch::Start() {
  if (partition_job_ != nullptr) partition_job_->thread().Start();
  if (seal_job_ != nullptr) seal_job_->thread().Start();
  if (witness_job_ != nullptr) witness_job_->thread().Start();
}

void LogWatch::Stop() {
  if (witness_job_ != nullptr) witness_job_->thread().RequestStop();
  if (partition_job_ != nullptr) partition_job_->thread().RequestStop();
  if (seal_job_ != nullptr) seal_job_->thread().Stop();
  if (witness_job_ != nullptr) witness_job_->thread().Stop();
  if (partition_job_ != nullptr) partition_job_->thread().Stop();
}

}  // namespace clinicd::server
