#include "services/server/digest_job.h"

#include <utility>
#include <vector>

#include "common/status/error.h"

namespace clinicd::server {
namespace {

constexpr log::Event kFailure("audit_not_digested");

}  // namespace

DigestJob::DigestJob(Parts parts)
    : parts_(std::move(parts)),
      digest_({.runner = parts_.runner, .clock = parts_.clock, .ids = parts_.ids}),
      rounds_({.jobs_conninfo = parts_.jobs_conninfo,
               .clock = parts_.clock,
               .logger = parts_.logger,
               .interval = parts_.interval,
               .failure = kFailure,
               .work = [this](ClinicId clinic) { CatchUp(clinic); }}) {}

void DigestJob::CatchUp(ClinicId clinic) {
  const absl::StatusOr<std::vector<audit::DigestReport>> reports = digest_.CatchUp(clinic);
  if (!reports.ok()) {
    parts_.logger.Warning(
        kFailure, {{log::kClinicId, clinic.ToString()},
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
