#include "services/server/isolation_job.h"

#include <utility>

#include "common/base/try.h"
#include "common/status/error.h"
#include "services/server/time_zone_sweep.h"

namespace clinicd::server {
namespace {

using isolation::IsolationRun;

constexpr std::size_t kQueueMax = 4;
constexpr int kHoursDue = 6;

std::vector<const google::protobuf::MethodDescriptor*> DescriptorsOf(
    const rpc::MethodTable& table) {
  std::vector<const google::protobuf::MethodDescriptor*> descriptors;
  for (const auto& method : table.methods()) descriptors.push_back(method->descriptor);
  return descriptors;
}

}  // namespace

std::optional<absl::CivilDay> NightDue(absl::Time now, int hour) {
  if (hour < 0) return std::nullopt;
  const absl::Time since = now - absl::Hours(hour);
  const absl::CivilHour due = absl::ToCivilHour(since, absl::UTCTimeZone());
  if (due.hour() >= kHoursDue) return std::nullopt;
  return absl::CivilDay(due);
}

IsolationJob::IsolationJob(Parts parts)
    : parts_(std::move(parts)),
      pool_({.connection = {.conninfo = parts_.jobs_conninfo, .mode = {}, .rewrite_sql = {}},
             .workers = 1,
             .queue_max = kQueueMax},
            parts_.clock),
      directory_(pool_),
      probe_({.app_conninfo = parts_.app_conninfo,
              .channel = parts_.channel,
              .methods = DescriptorsOf(parts_.methods),
              .signing_keys = parts_.signing_keys,
              .clock = parts_.clock,
              .ids = parts_.ids}),
      issuer_({.runner = parts_.runner, .clock = parts_.clock, .ids = parts_.ids}),
      run_({.probe = probe_,
            .issuer = issuer_,
            .clock = parts_.clock,
            .list_clinics = [this] { return ListAllClinics(directory_, parts_.clock); },
            .release = parts_.release,
            .node = parts_.node}),
      seen_(std::make_shared<Seen>()),
      thread_({.work =
                   [this] {
                     Look();
                     return true;
                   },
               .interval = parts_.interval}) {
  parts_.metrics.AddSampled("clinicd_isolation_clean_time_seconds",
                            "When this server last found clinics kept apart, as a Unix time; 0: "
                            "not since it started.",
                            [seen = seen_] { return seen->clean_at.load(); });
  parts_.metrics.AddSampled("clinicd_isolation_findings",
                            "What this server's last probe of isolation found; 0 is good.",
                            [seen = seen_] { return static_cast<double>(seen->findings.load()); });
}

void IsolationJob::Start() {
  if (parts_.hour >= 0) thread_.Start();
}

void IsolationJob::Look() {
  const absl::Status status = RunIfDue();
  if (status.ok() || thread_.Stopping()) return;
  parts_.logger.Error("isolation_not_probed",
                      {{log::kReason, type::v1::ErrorReason_Name(status::ReasonOf(status))},
                       {log::kNote, std::string(status.message())}});
}

absl::Status IsolationJob::RunIfDue() {
  const std::optional<absl::CivilDay> night = NightDue(parts_.clock.Now(), parts_.hour);
  if (!night) return absl::OkStatus();
  const absl::StatusOr<std::optional<IsolationRun::Report>> report =
      run_.RunOnce(*night, [this](std::string_view, std::size_t) { return !thread_.Stopping(); });
  // Another server is at it.
  if (absl::IsAlreadyExists(report.status())) return absl::OkStatus();
  CLINICD_RETURN_IF_ERROR(report.status());
  if (*report) Tell(**report);
  return absl::OkStatus();
}

absl::StatusOr<IsolationRun::Report> IsolationJob::RunNow(
    const isolation::MethodProbe::Looked& looked) {
  CLINICD_ASSIGN_OR_RETURN(IsolationRun::Report report, run_.Run(looked));
  Tell(report);
  return report;
}

void IsolationJob::Tell(const IsolationRun::Report& report) {
  const audit::Certificate& certificate = report.certificate;
  seen_->findings = certificate.finding_count;
  for (const std::string& finding : certificate.findings) {
    parts_.logger.Error("isolation_breach", {{log::kNote, finding}});
  }
  if (certificate.finding_count == 0) {
    seen_->clean_at = absl::ToDoubleSeconds(certificate.ended_at - absl::UnixEpoch());
    parts_.logger.Info("isolation_certified", {{log::kCount, report.issued}});
  }
}

}  // namespace clinicd::server
