#include "services/server/digest_job.h"

#include <utility>
#include <vector>

#include "common/base/try.h"
#include "common/status/error.h"
#include "services/server/time_zone_sweep.h"

namespace clinicd::server {
namespace {

constexpr std::size_t kQueueMax = 4;

}  // namespace

DigestJob::DigestJob(Parts parts)
    : parts_(std::move(parts)),
      pool_({.connection = {.conninfo = parts_.jobs_conninfo, .mode = {}, .rewrite_sql = {}},
             .workers = 1,
             .queue_max = kQueueMax},
            parts_.clock),
      directory_(pool_),
      digest_({.runner = parts_.runner, .clock = parts_.clock, .ids = parts_.ids}),
      thread_({.work =
                   [this] {
                     Look();
                     return true;
                   },
               .interval = parts_.interval}) {}

void DigestJob::Look() {
  const absl::Status status = RunOnce();
  if (status.ok() || thread_.Stopping()) return;
  parts_.logger.Error("audit_not_digested",
                      {{log::kReason, type::v1::ErrorReason_Name(status::ReasonOf(status))},
                       {log::kNote, std::string(status.message())}});
}

absl::Status DigestJob::RunOnce() {
  CLINICD_ASSIGN_OR_RETURN(const std::vector<ClinicId> clinics,
                           ListAllClinics(directory_, parts_.clock));
  for (const ClinicId clinic : clinics) {
    if (thread_.Stopping()) break;
    CatchUp(clinic);
  }
  return absl::OkStatus();
}

// One clinic that is in trouble does not keep the others waiting.
void DigestJob::CatchUp(ClinicId clinic) {
  const absl::StatusOr<std::vector<audit::DigestReport>> reports = digest_.CatchUp(clinic);
  if (!reports.ok()) {
    parts_.logger.Warning(
        "audit_not_digested",
        {{log::kClinicId, clinic.ToString()},
         {log::kReason, type::v1::ErrorReason_Name(status::ReasonOf(reports.status()))}});
    return;
  }
  for (const audit::DigestReport& report : *reports) {
    if (report.findings == 0) continue;
    parts_.logger.Info("audit_findings_made",
                       {{log::kClinicId, clinic.ToString()}, {log::kCount, report.findings}});
  }
}

}  // namespace clinicd::server
