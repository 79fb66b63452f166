#include "services/server/hold_job.h"

#include <utility>

#include "common/status/error.h"

namespace clinicd::server {
namespace {

constexpr log::Event kFailure("expired_holds_not_removed");
constexpr absl::Duration kPatience = absl::Seconds(10);

}  // namespace

HoldJob::HoldJob(Parts parts)
    : parts_(std::move(parts)),
      rounds_({.jobs_conninfo = parts_.jobs_conninfo,
               .clock = parts_.clock,
               .logger = parts_.logger,
               .interval = parts_.interval,
               .failure = kFailure,
               .work = [this](ClinicId clinic) { CleanUp(clinic); }}) {}

void HoldJob::CleanUp(ClinicId clinic) {
  const absl::Time now = parts_.clock.Now();
  const absl::Status status = parts_.runner.InClinic(
      {.clinic = clinic, .deadline = now + kPatience}, [this, now](db::TenantTx& tx) {
        store_.DeleteAllExpiredHolds(tx, now);
        return absl::OkStatus();
      });
  if (status.ok() || rounds_.thread().Stopping()) return;
  parts_.logger.Warning(kFailure,
                        {{log::kClinicId, clinic.ToString()},
                         {log::kReason, type::v1::ErrorReason_Name(status::ReasonOf(status))}});
}

}  // namespace clinicd::server
