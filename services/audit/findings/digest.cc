#include "services/audit/findings/digest.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "common/base/try.h"

namespace clinicd::audit {
namespace {

constexpr absl::Duration kPatience = absl::Minutes(1);
constexpr char kMethod[] = "clinicd audit digest";

void Append(std::vector<AccessFinding>& all, std::vector<AccessFinding> some) {
  all.insert(all.end(), some.begin(), some.end());
}

}  // namespace

absl::StatusOr<std::vector<AccessFinding>> AuditDigest::Find(db::TenantTx& tx,
                                                             absl::CivilDay day) const {
  CLINICD_ASSIGN_OR_RETURN(const DigestSettings settings, store_.Settings(tx));
  const TimeSpan span = SpanOf(day, settings.zone);
  std::vector<AccessFinding> all;
  CLINICD_ASSIGN_OR_RETURN(auto found,
                           store_.ListManyPatients(tx, span, settings.daily_patients_max));
  Append(all, found);
  CLINICD_ASSIGN_OR_RETURN(found, store_.ListRefusedCalls(tx, span, kRefusedCallsMost));
  Append(all, found);
  CLINICD_ASSIGN_OR_RETURN(found, store_.ListOwnFamilyNames(tx, span));
  Append(all, found);
  CLINICD_ASSIGN_OR_RETURN(found, store_.ListBreakGlass(tx, span));
  Append(all, found);
  CLINICD_ASSIGN_OR_RETURN(found, store_.ListVips(tx, span));
  Append(all, found);
  CLINICD_ASSIGN_OR_RETURN(const auto hours, store_.ListOpeningHours(tx, settings.zone));
  // A clinic that has set no hours is always open.
  if (hours.empty()) return all;
  CLINICD_ASSIGN_OR_RETURN(found, store_.ListOutOfHours(tx, span, OpenSpans(day, hours)));
  Append(all, found);
  return all;
}

void AuditDigest::Record(db::TenantTx& tx, const DigestReport& report) const {
  const std::string what = absl::StrCat("{\"day\":\"", absl::FormatCivilTime(report.day),
                                        "\",\"findings\":", report.findings, "}");
  db::AuditRow row;
  row.category = "operation";
  row.action = "create";
  row.method = kMethod;
  row.outcome = "OK";
  row.entity_type = "audit_finding";
  row.after_json = what;
  parts_.runner.audit().Defer(tx, parts_.ids.NewUuid(), parts_.clock.Now(), row);
}

absl::StatusOr<DigestReport> AuditDigest::Run(ClinicId clinic, absl::CivilDay day) const {
  DigestReport report{.clinic = clinic, .day = day};
  const absl::Time now = parts_.clock.Now();
  CLINICD_RETURN_IF_ERROR(parts_.runner.InClinic(
      {.clinic = clinic, .deadline = now + kPatience}, [&](db::TenantTx& tx) -> absl::Status {
        report.findings = 0;
        CLINICD_ASSIGN_OR_RETURN(std::vector<AccessFinding> findings, Find(tx, day));
        for (AccessFinding& finding : findings) {
          finding.id = parts_.ids.NewUuid();
          finding.day = day;
          finding.created_at = now;
          CLINICD_ASSIGN_OR_RETURN(const bool is_new, store_.Insert(tx, finding));
          report.findings += is_new ? 1 : 0;
        }
        if (report.findings > 0) Record(tx, report);
        return store_.SetDigested(tx, day);
      }));
  return report;
}

absl::StatusOr<std::vector<DigestReport>> AuditDigest::CatchUp(ClinicId clinic) const {
  std::vector<absl::CivilDay> days;
  const absl::Time now = parts_.clock.Now();
  CLINICD_RETURN_IF_ERROR(parts_.runner.InClinic(
      {.clinic = clinic, .deadline = now + kPatience}, [&](db::TenantTx& tx) -> absl::Status {
        CLINICD_ASSIGN_OR_RETURN(const DigestSettings settings, store_.Settings(tx));
        days = DaysToDigest(now, settings.zone, settings.digested_on, settings.created_at);
        return absl::OkStatus();
      }));
  std::vector<DigestReport> reports;
  for (const absl::CivilDay day : days) {
    CLINICD_ASSIGN_OR_RETURN(reports.emplace_back(), Run(clinic, day));
  }
  return reports;
}

}  // namespace clinicd::audit
