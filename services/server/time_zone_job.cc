#include "services/server/time_zone_job.h"

#include <cstdlib>

#include "common/base/try.h"
#include "common/status/error.h"
#include "services/appointments/time_zone_version.h"

namespace clinicd::server {
namespace {

using appointments::TimeZoneReport;

constexpr absl::Duration kRetryAfter = absl::Minutes(1);
constexpr std::size_t kQueueMax = 4;

}  // namespace

TimeZoneJob::TimeZoneJob(const Parts& parts)
    : parts_(parts),
      pool_({.connection = {.conninfo = parts.jobs_conninfo, .mode = {}, .rewrite_sql = {}},
             .workers = 1,
             .queue_max = kQueueMax},
            parts.clock),
      directory_(pool_),
      update_({.runner = parts.runner, .clock = parts.clock, .ids = parts.ids}),
      sweep_(update_),
      counts_(std::make_shared<Counts>()),
      thread_({.work = [this] { return Look(); }, .interval = kRetryAfter}) {
  parts.metrics.AddSampledCounter(
      {.name = "clinicd_time_zone_moved_total",
       .help = "Visits and holds that moved because the rules of their time zone changed."},
      [counts = counts_] { return static_cast<double>(counts->moved.load()); });
  parts.metrics.AddSampledCounter(
      {.name = "clinicd_time_zone_left_total",
       .help = "Visits and holds that would have moved, and could not."},
      [counts = counts_] { return static_cast<double>(counts->left.load()); });
}

bool TimeZoneJob::Look() {
  const absl::Status status = RunOnce();
  if (status.ok() || thread_.Stopping()) return false;
  parts_.logger.Error("time_zones_not_updated",
                      {{log::kReason, type::v1::ErrorReason_Name(status::ReasonOf(status))},
                       {log::kNote, std::string(status.message())}});
  return true;
}

absl::Status TimeZoneJob::RunOnce() {
  CLINICD_ASSIGN_OR_RETURN(
      const std::string version,
      appointments::ReadTimeZoneVersion(appointments::TimeZoneDirectory(std::getenv("TZDIR"))));
  CLINICD_ASSIGN_OR_RETURN(const std::vector<ClinicId> clinics,
                           ListAllClinics(directory_, parts_.clock));
  CLINICD_ASSIGN_OR_RETURN(
      const std::vector<TimeZoneReport> reports,
      sweep_.Run(clinics,
                 {.update = {.version = version, .stop = [this] { return thread_.Stopping(); }},
                  .outdated_only = true,
                  .looked = [this, &version](const TimeZoneReport& report) {
                    TellMoved(version, report);
                  }}));
  for (const TimeZoneReport& report : reports) TellLeft(version, report);
  parts_.logger.Info("time_zones_updated",
                     {{log::kVersion, version}, {log::kCount, reports.size()}});
  return absl::OkStatus();
}

void TimeZoneJob::TellMoved(const std::string& version, const TimeZoneReport& report) {
  if (report.moved == 0) return;
  counts_->moved += report.moved;
  parts_.logger.Info("time_zone_visits_moved", {{log::kClinicId, report.clinic.ToString()},
                                                {log::kVersion, version},
                                                {log::kCount, report.moved}});
}

void TimeZoneJob::TellLeft(const std::string& version, const TimeZoneReport& report) {
  counts_->left += static_cast<std::int64_t>(report.left.size());
  for (const Uuid& holder : report.left) {
    parts_.logger.Warning("time_zone_visit_left", {{log::kClinicId, report.clinic.ToString()},
                                                   {log::kEntityId, holder.ToString()},
                                                   {log::kVersion, version}});
  }
}

}  // namespace clinicd::server
