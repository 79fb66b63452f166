#include "services/server/clinic_rounds.h"

#include <utility>
#include <vector>

#include "common/base/try.h"
#include "common/status/error.h"
#include "services/server/time_zone_sweep.h"

namespace clinicd::server {
namespace {

constexpr std::size_t kQueueMax = 4;

}  // namespace

ClinicRounds::ClinicRounds(Parts parts)
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

void ClinicRounds::Look() {
  const absl::Status status = RunOnce();
  if (status.ok() || thread_.Stopping()) return;
  parts_.logger.Error(parts_.failure,
                      {{log::kReason, type::v1::ErrorReason_Name(status::ReasonOf(status))},
                       {log::kNote, std::string(status.message())}});
}

absl::Status ClinicRounds::RunOnce() {
  CLINICD_ASSIGN_OR_RETURN(const std::vector<ClinicId> clinics,
                           ListAllClinics(directory_, parts_.clock));
  for (const ClinicId clinic : clinics) {
    if (thread_.Stopping()) break;
    parts_.work(clinic);
  }
  return absl::OkStatus();
}

}  // namespace clinicd::server
