#include "services/server/isolation/isolation_probe.h"

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/try.h"
#include "common/crypto/digest.h"
#include "db/admin/admin_connection.h"
#include "db/admin/database_checks.h"
#include "db/isolation/embedded_text.h"
#include "db/isolation/guards.h"
#include "db/isolation/table_probe.h"
#include "services/server/isolation/canary_world.h"

namespace clinicd::isolation {
namespace {

using db::AdminConnection;

// Released with the connection.
constexpr char kLock[] =
    "SELECT pg_try_advisory_lock(hashtextextended('clinicd isolation probe', 0))";
constexpr char kSchemaVersion[] = "SELECT max(version) FROM clinicd.schema_migrations";

}  // namespace

IsolationProbe::IsolationProbe(Parts parts) : parts_(std::move(parts)) {}

absl::StatusOr<ProbeResult> IsolationProbe::Run(const MethodProbe::Looked& looked) const {
  CLINICD_ASSIGN_OR_RETURN(AdminConnection connection, AdminConnection::Open(parts_.app_conninfo));
  CLINICD_ASSIGN_OR_RETURN(const std::string locked, connection.QueryValue(kLock));
  if (locked != "t") {
    return absl::AlreadyExistsError("Another probe of this database is under way.");
  }
  return RunOn(connection, looked);
}

absl::Status IsolationProbe::ProbeGuards(AdminConnection& connection, ProbeResult& result) const {
  CLINICD_ASSIGN_OR_RETURN(const std::vector<db::Guard> guards, db::ReadGuards(connection));
  result.catalog_digest = std::string(crypto::AsView(crypto::Sha256(db::GuardText(guards))));
  result.breaches = db::CompareGuards(guards, db::ExpectedGuards());
  CLINICD_ASSIGN_OR_RETURN(const db::Finding role, db::CheckRole(connection));
  if (role.grade == db::Finding::Grade::kFail) {
    CLINICD_ASSIGN_OR_RETURN(const std::string name,
                             connection.QueryValue("SELECT current_user::text"));
    result.breaches.push_back({.what = "ROLE_NOT_BOUND", .where = absl::StrCat("role ", name)});
  }
  CLINICD_ASSIGN_OR_RETURN(const std::string version, connection.QueryValue(kSchemaVersion));
  if (!absl::SimpleAtoi(version, &result.schema_version)) {
    return absl::InternalError("The version of the schema is no number.");
  }
  return absl::OkStatus();
}

absl::StatusOr<MethodProbe::Report> IsolationProbe::CallMethods(
    AdminConnection& connection, db::TableProbe& tables, const MethodProbe::Looked& looked) const {
  const auth::TokenSigner signer(parts_.signing_keys);
  const absl::StatusOr<std::unique_ptr<CanaryWorld>> world = CanaryWorld::Create(
      {.connection = connection, .signer = signer, .clock = parts_.clock, .ids = parts_.ids});
  absl::StatusOr<MethodProbe::Report> report = MethodProbe::Report();
  if (!world.ok()) {
    report = world.status();
  } else {
    MethodProbe probe({.channel = parts_.channel,
                       .world = **world,
                       .tables = tables,
                       .cases = parts_.cases.empty() ? MethodCases() : parts_.cases});
    report = probe.Run(parts_.methods, looked);
    const absl::Status released = (*world)->clinic(kCaller).ReleaseHolds();
    if (report.ok() && !released.ok()) report = released;
  }
  // What the database refuses the server's own role is a finding, not the end of the probe.
  if (report.ok() || db::SqlStateOf(report.status()).empty()) return report;
  MethodProbe::Report broken;
  broken.breaches.push_back({.what = "PROBE_FAILED", .where = "canary clinics"});
  return broken;
}

absl::StatusOr<ProbeResult> IsolationProbe::RunOn(AdminConnection& connection,
                                                  const MethodProbe::Looked& looked) const {
  ProbeResult result;
  CLINICD_RETURN_IF_ERROR(ProbeGuards(connection, result));
  CLINICD_ASSIGN_OR_RETURN(db::TableProbe tables, db::TableProbe::Create(connection));
  CLINICD_ASSIGN_OR_RETURN(const MethodProbe::Report called,
                           CallMethods(connection, tables, looked));
  // Afterwards, when the calls have left their rows.
  const std::array<ClinicId, 2> canaries = db::CanaryClinicIds();
  CLINICD_ASSIGN_OR_RETURN(const db::TableProbe::Report reached,
                           tables.Run(canaries[kCaller], canaries[kOther]));
  result.tables = reached.tables;
  result.empty_tables = reached.empty_tables;
  result.methods = called.methods;
  result.calls = called.calls;
  for (const db::Breaches& breaches : {called.breaches, reached.breaches}) {
    for (const db::Breach& breach : breaches) {
      if (std::find(result.breaches.begin(), result.breaches.end(), breach) ==
          result.breaches.end()) {
        result.breaches.push_back(breach);
      }
    }
  }
  return result;
}

}  // namespace clinicd::isolation
