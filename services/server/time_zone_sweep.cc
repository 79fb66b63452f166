#include "services/server/time_zone_sweep.h"

#include <cstdint>
#include <string>
#include <utility>

#include "common/base/try.h"
#include "services/appointments/time_zone_version.h"

namespace clinicd::server {
namespace {

using appointments::TimeZoneReport;

constexpr std::int32_t kPageSize = 1000;
constexpr absl::Duration kPatience = absl::Seconds(10);

}  // namespace

absl::StatusOr<std::vector<ClinicId>> ListAllClinics(db::ClinicDirectory& directory,
                                                     const Clock& clock) {
  std::vector<ClinicId> all;
  std::vector<ClinicId> page;
  do {
    const ClinicId after = all.empty() ? ClinicId() : all.back();
    CLINICD_ASSIGN_OR_RETURN(page, directory.ListActive(after, kPageSize, clock.Now() + kPatience));
    all.insert(all.end(), page.begin(), page.end());
  } while (page.size() == static_cast<std::size_t>(kPageSize));
  return all;
}

absl::StatusOr<TimeZoneReport> TimeZoneSweep::Look(ClinicId clinic, const Order& order) const {
  CLINICD_ASSIGN_OR_RETURN(TimeZoneReport report, update_.Run(clinic, order.update));
  if (order.looked) order.looked(report);
  return report;
}

absl::StatusOr<bool> TimeZoneSweep::IsUpToDate(ClinicId clinic, const Order& order) const {
  if (!order.outdated_only) return false;
  CLINICD_ASSIGN_OR_RETURN(const std::string version, update_.VersionOf(clinic));
  return !version.empty() && !appointments::IsOlderVersion(version, order.update.version);
}

absl::StatusOr<std::vector<TimeZoneReport>> TimeZoneSweep::Run(const std::vector<ClinicId>& clinics,
                                                               const Order& order) const {
  const auto stopped = [&order] { return order.update.stop && order.update.stop(); };
  std::vector<TimeZoneReport> reports;
  for (const ClinicId clinic : clinics) {
    if (stopped()) return reports;
    CLINICD_ASSIGN_OR_RETURN(const bool up_to_date, IsUpToDate(clinic, order));
    if (up_to_date) continue;
    CLINICD_ASSIGN_OR_RETURN(TimeZoneReport report, Look(clinic, order));
    reports.push_back(std::move(report));
  }
  for (bool moved = !order.update.dry_run; moved && !stopped();) {
    moved = false;
    for (TimeZoneReport& report : reports) {
      if (report.left.empty() || stopped()) continue;
      CLINICD_ASSIGN_OR_RETURN(TimeZoneReport again, Look(report.clinic, order));
      moved = moved || again.moved > 0;
      report.moved += again.moved;
      report.left = std::move(again.left);
      report.stopped = again.stopped;
    }
  }
  return reports;
}

}  // namespace clinicd::server
