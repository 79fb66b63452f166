#include "services/server/isolation/isolation_run.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/try.h"
#include "db/isolation/canary_clinics.h"

namespace clinicd::isolation {

IsolationRun::IsolationRun(Parts parts) : parts_(std::move(parts)) {}

absl::StatusOr<std::int64_t> IsolationRun::IssueToAll(const audit::Certificate& certificate) const {
  CLINICD_ASSIGN_OR_RETURN(const std::vector<ClinicId> clinics, parts_.list_clinics());
  const std::array<ClinicId, 2> canaries = db::CanaryClinicIds();
  CLINICD_RETURN_IF_ERROR(parts_.issuer.Issue(canaries[kCaller], certificate).status());
  std::int64_t issued = 0;
  for (const ClinicId& clinic : clinics) {
    CLINICD_ASSIGN_OR_RETURN(const bool is_new, parts_.issuer.Issue(clinic, certificate));
    issued += is_new ? 1 : 0;
  }
  CLINICD_RETURN_IF_ERROR(parts_.issuer.Issue(canaries[kOther], certificate).status());
  return issued;
}

absl::StatusOr<IsolationRun::Report> IsolationRun::Run(const MethodProbe::Looked& looked) const {
  return RunFor(absl::ToCivilDay(parts_.clock.Now(), absl::UTCTimeZone()), looked);
}

absl::StatusOr<IsolationRun::Report> IsolationRun::RunFor(absl::CivilDay day,
                                                          const MethodProbe::Looked& looked) const {
  Report report;
  audit::Certificate& certificate = report.certificate;
  certificate.started_at = parts_.clock.Now();
  certificate.probed_on = day;
  CLINICD_ASSIGN_OR_RETURN(const ProbeResult result, parts_.probe.Run(looked));
  certificate.ended_at = std::max(parts_.clock.Now(), certificate.started_at);
  certificate.release = parts_.release;
  certificate.node = parts_.node;
  certificate.schema_version = result.schema_version;
  certificate.table_count = result.tables;
  certificate.empty_table_count = result.empty_tables;
  certificate.method_count = result.methods;
  certificate.call_count = result.calls;
  certificate.finding_count = static_cast<std::int32_t>(result.breaches.size());
  for (const db::Breach& breach : result.breaches) {
    if (certificate.findings.size() == audit::kCertificateFindingsMax) break;
    certificate.findings.push_back(absl::StrCat(breach.what, " ", breach.where));
  }
  certificate.catalog_digest = result.catalog_digest;
  certificate.digest = audit::DigestOf(certificate);
  CLINICD_ASSIGN_OR_RETURN(report.issued, IssueToAll(certificate));
  return report;
}

absl::StatusOr<std::optional<IsolationRun::Report>> IsolationRun::RunOnce(
    absl::CivilDay night, const MethodProbe::Looked& looked) const {
  const std::array<ClinicId, 2> canaries = db::CanaryClinicIds();
  CLINICD_ASSIGN_OR_RETURN(const std::optional<audit::Certificate> finished,
                           parts_.issuer.Newest(canaries[kOther], night));
  if (finished) return std::optional<Report>();
  CLINICD_ASSIGN_OR_RETURN(const std::optional<audit::Certificate> begun,
                           parts_.issuer.Newest(canaries[kCaller], night));
  if (begun) {
    Report report{.certificate = *begun};
    CLINICD_ASSIGN_OR_RETURN(report.issued, IssueToAll(*begun));
    return report;
  }
  CLINICD_ASSIGN_OR_RETURN(Report report, RunFor(night, looked));
  return report;
}

}  // namespace clinicd::isolation
