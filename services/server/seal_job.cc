#include "services/server/seal_job.h"

#include <utility>

#include "common/base/text.h"
#include "common/base/try.h"
#include "common/status/error.h"

namespace clinicd::server {
namespace {

constexpr std::size_t kQueueMax = 4;

audit::Sealer::Parts SealerParts(db::TransactionRunner& runner, const SealJob::Parts& parts) {
  return {.runner = runner,
          .clock = parts.clock,
          .origin = parts.origin,
          .signers = parts.signers,
          .guard = [&guard = parts.guard](db::TenantTx& tx, const audit::SealState& state) {
            return guard.Check(tx, state);
          }};
}

}  // namespace

SealJob::SealJob(Parts parts)
    : parts_(std::move(parts)),
      pool_({.connection = {.conninfo = parts_.conninfo, .mode = {}, .rewrite_sql = {}},
             .workers = 1,
             .queue_max = kQueueMax},
            parts_.clock),
      runner_(pool_, parts_.clock, parts_.ids, {}),
      sealer_(SealerParts(runner_, parts_)),
      counts_(std::make_shared<Counts>()),
      thread_({.work =
                   [this] {
                     Look();
                     return true;
                   },
               .interval = parts_.interval,
               // What was written until now; whoever seals next does it where this does not.
               .at_end = [this] { SealBatch().status().IgnoreError(); }}) {
  parts_.metrics.AddSampledCounter(
      {.name = "clinicd_audit_sealed_total", .help = "Audit events that this server has sealed."},
      [counts = counts_] { return static_cast<double>(counts->events.load()); });
  parts_.metrics.AddSampledCounter(
      {.name = "clinicd_audit_seal_failures_total",
       .help = "Times that this server could not seal audit events."},
      [counts = counts_] { return static_cast<double>(counts->failures.load()); });
  parts_.metrics.AddSampledCounter(
      {.name = "clinicd_audit_anchor_failures_total",
       .help = "Times that this server could not keep a checkpoint in its anchor."},
      [counts = counts_] { return static_cast<double>(counts->anchor_failures.load()); });
  parts_.metrics.AddSampled("clinicd_audit_seal_lag_seconds",
                            "How old the oldest event was when this server sealed a batch last.",
                            [counts = counts_] { return counts->lag_seconds.load(); });
}

void SealJob::Look() {
  const absl::Status status = SealAll();
  if (!status.ok()) {
    ++counts_->failures;
    if (std::exchange(failing_, true)) return;
    parts_.logger.Error("audit_not_sealed",
                        {{log::kReason, type::v1::ErrorReason_Name(status::ReasonOf(status))},
                         {log::kNote, std::string(status.message())}});
  } else if (std::exchange(failing_, false)) {
    parts_.logger.Info("audit_sealed_again", {});
  }
}

absl::StatusOr<audit::SealReport> SealJob::SealBatch() {
  CLINICD_ASSIGN_OR_RETURN(audit::SealReport report, sealer_.SealBatch());
  if (report.meta_size > 0) {
    parts_.guard.Sealed(report.meta_size, report.meta_root);
    KeepAnchor(report);
  }
  return report;
}

// After the commit: kept before it, what is not committed would look like something lost.
void SealJob::KeepAnchor(const audit::SealReport& report) {
  if (!parts_.anchor) return;
  const absl::Status kept = parts_.anchor->Keep(report.note, report.heads);
  if (kept.ok()) {
    anchor_failing_ = false;
    return;
  }
  ++counts_->anchor_failures;
  if (std::exchange(anchor_failing_, true)) return;
  parts_.logger.Error("audit_anchor_not_kept", {{log::kNote, FromAbsl(kept.message())}});
}

absl::Status SealJob::SealAll() {
  while (!thread_.Stopping()) {
    CLINICD_ASSIGN_OR_RETURN(const audit::SealReport report, SealBatch());
    counts_->events += report.events;
    if (report.events > 0) {
      counts_->lag_seconds = absl::ToDoubleSeconds(parts_.clock.Now() - report.oldest);
    }
    if (!report.more) break;
  }
  return absl::OkStatus();
}

}  // namespace clinicd::server
