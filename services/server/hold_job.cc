#include "services/server/hold_job.h"

#include <utility>
#include <vector>

#include "common/base/try.h"
#include "common/status/error.h"
#include "services/server/time_zone_sweep.h"

namespace clinicd::server {
namespace {

constexpr std::size_t kQueueMax = 4;
constexpr absl::Duration kPatience = absl::Seconds(10);

}  // namespace

HoldJob::HoldJob(Parts parts)
    : parts_(std::move(parts)),
      pool_({.connection = {.conninfo = parts_.jobs_conninfo, .mode = {}, .rewrite_sql = {}},
             .workers = 1,
             .queue_max = kQueueMax},
            parts_.clock),
      directory_(pool_),
      thread_({.work =
                   [this] {
                     Look();
                     return true;
                   },
               .interval = parts_.interval}) {}

void HoldJob::Look() {
  const absl::Status status = RunOnce();
  if (status.ok() || thread_.Stopping()) return;
  parts_.logger.Error("expired_holds_not_removed",
                      {{log::kReason, type::v1::ErrorReason_Name(status::ReasonOf(status))},
                       {log::kNote, std::string(status.message())}});
}

absl::Status HoldJob::RunOnce() {
  CLINICD_ASSIGN_OR_RETURN(const std::vector<ClinicId> clinics,
                           ListAllClinics(directory_, parts_.clock));
  for (const ClinicId clinic : clinics) {
    if (thread_.Stopping()) break;
    CleanUp(clinic);
  }
  return absl::OkStatus();
}

// One clinic that is in trouble does not keep the others waiting.
void HoldJob::CleanUp(ClinicId clinic) {
  const absl::Time now = parts_.clock.Now();
  const absl::Status status = parts_.runner.InClinic(
      {.clinic = clinic, .deadline = now + kPatience}, [this, now](db::TenantTx& tx) {
        store_.DeleteAllExpiredHolds(tx, now);
        return absl::OkStatus();
      });
  if (status.ok() || thread_.Stopping()) return;
  parts_.logger.Warning("expired_holds_not_removed",
                        {{log::kClinicId, clinic.ToString()},
                         {log::kReason, type::v1::ErrorReason_Name(status::ReasonOf(status))}});
}

}  // namespace clinicd::server
