// `clinicd audit digest`: what a server does by itself after each day of a clinic, by hand.
#include <iostream>
#include <memory>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "common/base/ids.h"
#include "common/base/try.h"
#include "db/access/login_directory.h"
#include "db/access/pool.h"
#include "db/access/transaction_runner.h"
#include "services/audit/findings/digest.h"
#include "services/identity/builtin_roles.h"
#include "services/identity/login_store.h"
#include "services/server/commands/command.h"
#include "services/server/commands/command_audit.h"

namespace clinicd::server {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(30);

struct Options {
  std::string slug;
  std::string day;
};

absl::StatusOr<ClinicId> FindClinic(const std::string& slug, db::Pool& directory,
                                    db::TransactionRunner& runner, const IdSource& ids,
                                    const Clock& clock) {
  db::LoginDirectory logins(directory);
  const identity::LoginStore store(logins, runner, ids);
  CLINICD_ASSIGN_OR_RETURN(const std::optional<ClinicId> clinic,
                           store.FindClinic(slug, clock.Now() + kPatience));
  if (!clinic) return absl::NotFoundError(absl::StrCat("There is no clinic '", slug, "'."));
  return *clinic;
}

absl::Status Run(const Options& options, Globals& globals) {
  absl::CivilDay day;
  if (!absl::ParseCivilTime(options.day, &day)) {
    return absl::InvalidArgumentError("--day is a date such as 2027-05-04");
  }
  CLINICD_ASSIGN_OR_RETURN(const config::Config config, globals.Load());
  const config::DbConfig& db = config.db();
  if (db.conninfo.empty() || db.auth_conninfo.empty()) {
    return absl::FailedPreconditionError(
        "Set db.conninfo and db.auth_conninfo; see `clinicd doctor`.");
  }
  CLINICD_ASSIGN_OR_RETURN(const std::string auth_conninfo,
                           WithPassword(db.auth_conninfo, db.auth_password_file));
  CLINICD_ASSIGN_OR_RETURN(const std::string app_conninfo,
                           WithPassword(db.conninfo, db.password_file));
  const IdSource ids(globals.clock(), globals.random());
  db::Pool directory(SmallPool(auth_conninfo), globals.clock());
  db::Pool pool(SmallPool(app_conninfo), globals.clock());
  CLINICD_ASSIGN_OR_RETURN(const std::unique_ptr<CommandAudit> audit,
                           CommandAudit::Open(config, globals));
  db::TransactionRunner runner(pool, globals.clock(), ids,
                               {.role_names = identity::RoleNames, .audit = audit->options()});
  CLINICD_ASSIGN_OR_RETURN(const ClinicId clinic,
                           FindClinic(options.slug, directory, runner, ids, globals.clock()));
  const audit::AuditDigest digest({.runner = runner, .clock = globals.clock(), .ids = ids});
  CLINICD_ASSIGN_OR_RETURN(const audit::DigestReport report, digest.Run(clinic, day));
  std::cout << options.slug << " " << options.day << ": " << report.findings << " new findings\n";
  return absl::OkStatus();
}

}  // namespace

void AddAuditDigestCommand(CLI::App& audit, Globals& globals, int& exit_code) {
  CLI::App* command = audit.add_subcommand(
      "digest", "Goes through the audit events of a day of a clinic for what is unusual");
  auto options = std::make_shared<Options>();
  command->add_option("--clinic", options->slug, "Slug of the clinic")->required();
  command->add_option("--day", options->day, "The day, in the clinic's time zone")->required();
  command->callback([options, &globals, &exit_code] {
    const absl::Status status = Run(*options, globals);
    exit_code = status.ok() ? kExitOk : PrintError(status);
  });
}

}  // namespace clinicd::server
