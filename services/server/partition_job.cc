#include "services/server/partition_job.h"

#include <utility>

#include "common/status/error.h"

namespace clinicd::server {
namespace {

constexpr std::size_t kQueueMax = 4;
constexpr absl::Duration kMakeEvery = absl::Hours(1);
constexpr absl::Duration kDropEvery = absl::Hours(24);

}  // namespace

PartitionJob::PartitionJob(Parts parts)
    : parts_(std::move(parts)),
      pool_({.connection = {.conninfo = parts_.conninfo, .mode = {}, .rewrite_sql = {}},
             .workers = 1,
             .queue_max = kQueueMax},
            parts_.clock),
      runner_(pool_, parts_.clock, parts_.ids, {}),
      thread_({.work =
                   [this] {
                     Make();
                     Drop();
                     return true;
                   },
               .interval = parts_.interval}) {}

void PartitionJob::Make() {
  const absl::Time now = parts_.clock.Now();
  if (now - made_at_ < kMakeEvery) return;
  const absl::StatusOr<std::int32_t> made = audit::MakePartitions(runner_, now);
  if (!made.ok()) {
    // Events of a month without partition are kept all the same; tried again with the next look.
    parts_.logger.Warning(
        "audit_partitions_not_made",
        {{log::kReason, type::v1::ErrorReason_Name(status::ReasonOf(made.status()))}});
    return;
  }
  made_at_ = now;
  if (*made > 0) parts_.logger.Info("audit_partitions_made", {{log::kCount, *made}});
}

void PartitionJob::Drop() {
  const absl::Time now = parts_.clock.Now();
  if (now - dropped_at_ < kDropEvery || thread_.Stopping()) return;
  // What fails is tried again a day later: months are in no hurry to go.
  dropped_at_ = now;
  const absl::StatusOr<audit::DroppedPartitions> done = audit::DropOldPartitions(runner_, now);
  if (!done.ok()) {
    parts_.logger.Warning(
        "audit_partitions_not_dropped",
        {{log::kReason, type::v1::ErrorReason_Name(status::ReasonOf(done.status()))}});
    return;
  }
  if (done->dropped > 0) {
    parts_.logger.Info("audit_partitions_dropped", {{log::kCount, done->dropped}});
  }
  if (done->unsealed > 0) {
    parts_.logger.Warning("audit_partitions_unsealed", {{log::kCount, done->unsealed}});
  }
}

}  // namespace clinicd::server
