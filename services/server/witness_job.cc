#include "services/server/witness_job.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/text.h"
#include "common/base/try.h"
#include "common/merkle/plan.h"
#include "db/queries/audit_log.h"
#include "services/audit/log/log_store.h"

namespace clinicd::server {
namespace {

using audit::RememberedHead;
using audit::WitnessAnswer;

constexpr std::size_t kQueueMax = 4;
constexpr absl::Duration kPatience = absl::Seconds(30);
constexpr absl::Duration kPauseMin = absl::Seconds(1);
constexpr absl::Duration kPauseMax = absl::Minutes(1);
constexpr int kOk = 200;
constexpr int kConflict = 409;
// Told the size that it has, it is asked once more; and again if another server was faster.
constexpr int kAttempts = 3;

std::string ReadNote(const db::RowReader& row) { return row.Text("note"); }

}  // namespace

WitnessJob::WitnessJob(Parts parts)
    : parts_(std::move(parts)),
      pool_({.connection = {.conninfo = parts_.conninfo, .mode = {}, .rewrite_sql = {}},
             .workers = 1,
             .queue_max = kQueueMax},
            parts_.clock),
      runner_(pool_, parts_.clock, parts_.ids, {}),
      counts_(std::make_shared<Counts>()),
      progress_(parts_.witnesses.size()),
      thread_({.work =
                   [this] {
                     AskAll();
                     return true;
                   },
               .interval = parts_.interval}) {
  parts_.metrics.AddSampledCounter(
      {.name = "clinicd_audit_cosignatures_total",
       .help = "Cosignatures that this server got of witnesses."},
      [counts = counts_] { return static_cast<double>(counts->cosignatures.load()); });
  parts_.metrics.AddSampledCounter(
      {.name = "clinicd_audit_witness_failures_total",
       .help = "Times that a witness did not cosign."},
      [counts = counts_] { return static_cast<double>(counts->failures.load()); });
}

void WitnessJob::AskAll() {
  for (std::size_t i = 0; i < progress_.size() && !thread_.Stopping(); ++i) {
    if (parts_.clock.Now() < progress_[i].not_before) continue;
    const absl::Status asked = AskOne(parts_.witnesses[i], progress_[i]);
    Note(parts_.witnesses[i], progress_[i], asked);
  }
}

void WitnessJob::Note(const audit::WitnessClient& witness, Progress& progress,
                      const absl::Status& status) {
  if (status.ok()) {
    progress.pause = absl::ZeroDuration();
    if (std::exchange(progress.failing, false)) {
      parts_.logger.Info("audit_witness_back", {{log::kPath, witness.endpoint().url}});
    }
    return;
  }
  ++counts_->failures;
  progress.pause = std::clamp(progress.pause * 2, kPauseMin, kPauseMax);
  progress.not_before = parts_.clock.Now() + progress.pause;
  if (!std::exchange(progress.failing, true)) {
    parts_.logger.Error("audit_not_witnessed", {{log::kPath, witness.endpoint().url},
                                                {log::kNote, FromAbsl(status.message())}});
  }
}

absl::StatusOr<std::optional<RememberedHead>> WitnessJob::Newest(std::string& note) {
  std::optional<RememberedHead> newest;
  const db::TenantScope scope{.deadline = parts_.clock.Now() + kPatience, .read_only = true};
  const absl::Status read = runner_.InClinic(scope, [&](db::TenantTx& tx) -> absl::Status {
    CLINICD_ASSIGN_OR_RETURN(std::optional<std::string> row,
                             tx.Optional(sql::kGetNewestCheckpoint, {}, ReadNote));
    if (!row) return absl::OkStatus();
    CLINICD_ASSIGN_OR_RETURN(newest, parts_.reader.Open(*row, "the database"));
    note = *std::move(row);
    return absl::OkStatus();
  });
  CLINICD_RETURN_IF_ERROR(read);
  return newest;
}

absl::StatusOr<std::vector<merkle::Hash>> WitnessJob::Prove(std::uint64_t old_size,
                                                            std::uint64_t size) {
  std::vector<merkle::Hash> proof;
  if (old_size == 0 || old_size == size) return proof;
  CLINICD_ASSIGN_OR_RETURN(const merkle::ProofPlan plan,
                           merkle::NodesForConsistency(old_size, size));
  const db::TenantScope scope{.deadline = parts_.clock.Now() + kPatience, .read_only = true};
  CLINICD_RETURN_IF_ERROR(runner_.InClinic(scope, [&](db::TenantTx& tx) -> absl::Status {
    const audit::LogStore store;
    CLINICD_ASSIGN_OR_RETURN(proof, store.Prove(tx, audit::LogTree::kHeads, plan, size));
    return absl::OkStatus();
  }));
  return proof;
}

absl::Status WitnessJob::Keep(const audit::WitnessClient& witness, std::uint64_t size,
                              const std::string& line) {
  const db::TenantScope scope{.deadline = parts_.clock.Now() + kPatience};
  return runner_.InClinic(scope, [&](db::TenantTx& tx) {
    tx.Defer(sql::kInsertCosignature, db::Params()
                                          .Set("meta_size", static_cast<std::int64_t>(size))
                                          .Set("witness", witness.endpoint().key.name())
                                          .Set("line", line));
    return absl::OkStatus();
  });
}

absl::Status WitnessJob::AskOne(audit::WitnessClient& witness, Progress& progress) {
  int status = 0;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    std::string note;
    CLINICD_ASSIGN_OR_RETURN(const std::optional<RememberedHead> newest, Newest(note));
    if (!newest) return absl::OkStatus();
    const std::uint64_t size = newest->head.size;
    if (progress.epoch != newest->epoch) progress = {.epoch = newest->epoch};
    if (progress.done && progress.size == size) return absl::OkStatus();
    if (progress.size > size) break;
    CLINICD_ASSIGN_OR_RETURN(const std::vector<merkle::Hash> proof, Prove(progress.size, size));
    CLINICD_ASSIGN_OR_RETURN(const WitnessAnswer answer, witness.Add(progress.size, proof, note));
    status = answer.status;
    if (status == kOk) {
      CLINICD_RETURN_IF_ERROR(Keep(witness, size, answer.line));
      progress.size = size;
      progress.done = true;
      ++counts_->cosignatures;
      return absl::OkStatus();
    }
    if (status != kConflict || !answer.size || *answer.size == progress.size) break;
    progress.size = *answer.size;
    progress.done = false;
  }
  // Nothing that it said may be kept: it is asked from the beginning next time.
  progress.size = 0;
  progress.done = false;
  return Investigate(witness, status);
}

absl::Status WitnessJob::Investigate(audit::WitnessClient& witness, int status) {
  CLINICD_ASSIGN_OR_RETURN(const std::optional<std::string> note,
                           witness.Newest(parts_.reader.parts().log));
  const std::string source = absl::StrCat("witness ", witness.endpoint().key.name());
  if (note) {
    CLINICD_ASSIGN_OR_RETURN(const RememberedHead head, parts_.reader.Open(*note, source));
    std::optional<std::string> contradiction;
    const db::TenantScope scope{.deadline = parts_.clock.Now() + kPatience, .read_only = true};
    CLINICD_RETURN_IF_ERROR(runner_.InClinic(scope, [&](db::TenantTx& tx) -> absl::Status {
      CLINICD_ASSIGN_OR_RETURN(const audit::StoredLog stored, parts_.reader.Read(tx));
      CLINICD_ASSIGN_OR_RETURN(contradiction, parts_.reader.Contradiction(tx, stored, head));
      return absl::OkStatus();
    }));
    if (contradiction) {
      parts_.guard.Halt(*contradiction);
      return absl::DataLossError(*contradiction);
    }
  }
  return absl::UnavailableError(absl::StrCat(source, " refuses the checkpoint: ", status));
}

}  // namespace clinicd::server
