// `clinicd timezones update`: what a server does by itself about a new time zone database, by hand.
#include <cstdlib>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/ids.h"
#include "common/base/try.h"
#include "db/access/clinic_directory.h"
#include "db/access/login_directory.h"
#include "db/access/pool.h"
#include "db/access/transaction_runner.h"
#include "services/appointments/time_zone_update.h"
#include "services/appointments/time_zone_version.h"
#include "services/identity/builtin_roles.h"
#include "services/identity/login_store.h"
#include "services/server/commands/command.h"
#include "services/server/commands/command_audit.h"
#include "services/server/time_zone_sweep.h"

namespace clinicd::server {
namespace {

using appointments::TimeZoneReport;

constexpr absl::Duration kPatience = absl::Seconds(30);

struct Options {
  std::string slug;
  bool dry_run = false;
  bool json = false;
};

struct Outcome {
  std::string version;
  std::vector<TimeZoneReport> reports;
};

// Who can tell which clinics there are, and only that.
absl::StatusOr<std::string> DirectoryConninfo(const config::Config& config,
                                              const Options& options) {
  const config::DbConfig& db = config.db();
  const bool one = !options.slug.empty();
  const std::string& conninfo = one ? db.auth_conninfo : db.jobs_conninfo;
  if (db.conninfo.empty() || conninfo.empty()) {
    return absl::FailedPreconditionError(
        one ? "Set db.conninfo and db.auth_conninfo; see `clinicd doctor`."
            : "Set db.conninfo and db.jobs_conninfo, or name one clinic with --clinic.");
  }
  return WithPassword(conninfo, one ? db.auth_password_file : db.jobs_password_file);
}

absl::StatusOr<std::vector<ClinicId>> ChosenClinics(const Options& options, db::Pool& directory,
                                                    db::TransactionRunner& runner,
                                                    const IdSource& ids, const Clock& clock) {
  if (options.slug.empty()) {
    db::ClinicDirectory clinics(directory);
    return ListAllClinics(clinics, clock);
  }
  db::LoginDirectory logins(directory);
  const identity::LoginStore store(logins, runner, ids);
  CLINICD_ASSIGN_OR_RETURN(const std::optional<ClinicId> clinic,
                           store.FindClinic(options.slug, clock.Now() + kPatience));
  if (!clinic) {
    return absl::NotFoundError(absl::StrCat("There is no clinic '", options.slug, "'."));
  }
  return std::vector<ClinicId>{*clinic};
}

absl::StatusOr<Outcome> Update(const Options& options, Globals& globals) {
  CLINICD_ASSIGN_OR_RETURN(const config::Config config, globals.Load());
  Outcome outcome;
  CLINICD_ASSIGN_OR_RETURN(
      outcome.version,
      appointments::ReadTimeZoneVersion(appointments::TimeZoneDirectory(std::getenv("TZDIR"))));
  CLINICD_ASSIGN_OR_RETURN(const std::string directory_conninfo,
                           DirectoryConninfo(config, options));
  CLINICD_ASSIGN_OR_RETURN(const std::string app_conninfo,
                           WithPassword(config.db().conninfo, config.db().password_file));
  const IdSource ids(globals.clock(), globals.random());
  db::Pool directory(SmallPool(directory_conninfo), globals.clock());
  db::Pool pool(SmallPool(app_conninfo), globals.clock());
  CLINICD_ASSIGN_OR_RETURN(const std::unique_ptr<CommandAudit> audit,
                           CommandAudit::Open(config, globals));
  db::TransactionRunner runner(pool, globals.clock(), ids,
                               {.role_names = identity::RoleNames, .audit = audit->options()});
  CLINICD_ASSIGN_OR_RETURN(const std::vector<ClinicId> clinics,
                           ChosenClinics(options, directory, runner, ids, globals.clock()));
  const appointments::TimeZoneUpdate update(
      {.runner = runner, .clock = globals.clock(), .ids = ids});
  CLINICD_ASSIGN_OR_RETURN(
      outcome.reports,
      TimeZoneSweep(update).Run(
          clinics, {.update = {.version = outcome.version, .dry_run = options.dry_run}}));
  return outcome;
}

void PrintText(const Outcome& outcome, const Options& options) {
  const char* moved = options.dry_run ? " to move, " : " moved, ";
  std::cout << "time zones " << outcome.version << "\n";
  for (const TimeZoneReport& report : outcome.reports) {
    std::cout << "clinic " << report.clinic.ToString() << "  was "
              << (report.old_version.empty() ? "unknown" : report.old_version) << "  "
              << report.looked_at << " looked at, " << report.moved << moved << report.left.size()
              << " left\n";
    for (const Uuid& holder : report.left) std::cout << "  left " << holder.ToString() << "\n";
  }
}

void PrintJson(const Outcome& outcome, const Options& options) {
  nlohmann::ordered_json clinics = nlohmann::ordered_json::array();
  for (const TimeZoneReport& report : outcome.reports) {
    nlohmann::ordered_json left = nlohmann::ordered_json::array();
    for (const Uuid& holder : report.left) left.push_back(holder.ToString());
    clinics.push_back({{"clinic_id", report.clinic.ToString()},
                       {"old_version", report.old_version},
                       {"looked_at", report.looked_at},
                       {"moved", report.moved},
                       {"left", left}});
  }
  std::cout << nlohmann::ordered_json{{"version", outcome.version},
                                      {"dry_run", options.dry_run},
                                      {"clinics", clinics}}
                   .dump(2)
            << "\n";
}

int Run(const Options& options, Globals& globals) {
  const absl::StatusOr<Outcome> outcome = Update(options, globals);
  if (!outcome.ok()) return PrintError(outcome.status());
  options.json ? PrintJson(*outcome, options) : PrintText(*outcome, options);
  for (const TimeZoneReport& report : outcome->reports) {
    if (!report.left.empty()) return kExitFindings;
  }
  return kExitOk;
}

}  // namespace

void AddTimeZonesCommand(CLI::App& program, Globals& globals, int& exit_code) {
  CLI::App* command = program.add_subcommand("timezones", "Follows changes of time zones");
  command->require_subcommand(1);
  CLI::App* update = command->add_subcommand(
      "update",
      "Moves visits to come to where their local time is by this machine's time zone "
      "database; exits with 0, 2 if something had to be left, or 1 if it could not run "
      "to its end");
  auto options = std::make_shared<Options>();
  update->add_option("--clinic", options->slug, "Slug of the only clinic to look at; default all");
  update->add_flag("--dry-run", options->dry_run, "Says what would move, changes nothing");
  update->add_flag("--json", options->json, "Prints the report as JSON");
  update->callback([options, &globals, &exit_code] { exit_code = Run(*options, globals); });
}

}  // namespace clinicd::server
