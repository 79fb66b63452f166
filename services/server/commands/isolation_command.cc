// `clinicd isolation probe`: what a server does by itself every night, by hand.
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/base/progress.h"
#include "common/base/try.h"
#include "common/log/logger.h"
#include "common/metrics/metrics.h"
#include "services/server/application.h"
#include "services/server/commands/command.h"
#include "services/server/isolation_job.h"

namespace clinicd::server {
namespace {

using isolation::IsolationRun;

struct Options {
  bool json = false;
};

// A server without listeners, which only this process can call.
absl::StatusOr<ApplicationOptions> OptionsFrom(const config::Config& config) {
  const config::DbConfig& db = config.db();
  if (db.conninfo.empty() || db.auth_conninfo.empty() || db.jobs_conninfo.empty()) {
    return absl::InvalidArgumentError(
        "Set db.conninfo, db.auth_conninfo and db.jobs_conninfo; see `clinicd doctor`.");
  }
  ApplicationOptions application;
  CLINICD_ASSIGN_OR_RETURN(application.app_conninfo, WithPassword(db.conninfo, db.password_file));
  CLINICD_ASSIGN_OR_RETURN(application.auth_conninfo,
                           WithPassword(db.auth_conninfo, db.auth_password_file));
  CLINICD_ASSIGN_OR_RETURN(application.jobs_conninfo,
                           WithPassword(db.jobs_conninfo, db.jobs_password_file));
  application.audit_origin = config.audit().origin;
  application.node = NodeName(config.audit());
  application.key_directory = config.keys().directory;
  application.credential_directory = CredentialDirectory();
  application.workers = 2;
  application.tenant_mode = config.db().tenant_mode == config::TenantMode::kSetLocal
                                ? db::TenantMode::kSetLocal
                                : db::TenantMode::kSetConfig;
  // What a server would refuse to start on is what this is to find.
  application.check_database_role = false;
  return application;
}

absl::StatusOr<IsolationRun::Report> Probe(Globals& globals) {
  CLINICD_ASSIGN_OR_RETURN(const config::Config config, globals.Load());
  CLINICD_ASSIGN_OR_RETURN(const ApplicationOptions options, OptionsFrom(config));
  // What is found is printed below.
  CLINICD_ASSIGN_OR_RETURN(const std::unique_ptr<log::Logger> logger,
                           log::Logger::Open(log::Level::kError, "/dev/null", globals.clock()));
  metrics::Metrics metrics(CLINICD_VERSION);
  CLINICD_ASSIGN_OR_RETURN(
      const std::unique_ptr<Application> application,
      Application::Start(options, {globals.clock(), globals.random(), *logger, metrics}));
  Progress progress(std::cerr, Progress::StyleOf(2), globals.clock());
  bool started = false;
  const auto looked = [&](std::string_view, std::size_t total) {
    if (!started) progress.Start("methods", static_cast<std::int64_t>(total));
    started = true;
    progress.Advance(1);
    return true;
  };
  CLINICD_ASSIGN_OR_RETURN(IsolationRun::Report report, application->isolation()->RunNow(looked));
  progress.Finish();
  return report;
}

void PrintText(const IsolationRun::Report& report) {
  const audit::Certificate& certificate = report.certificate;
  for (const std::string& finding : certificate.findings) std::cout << finding << "\n";
  std::cout << certificate.table_count << " tables (" << certificate.empty_table_count
            << " of them empty), " << certificate.method_count << " methods, "
            << certificate.call_count << " calls: " << certificate.finding_count << " findings\n"
            << "certificate " << absl::BytesToHexString(certificate.digest) << " given to "
            << report.issued << " clinics\n";
}

void PrintJson(const IsolationRun::Report& report) {
  const audit::Certificate& certificate = report.certificate;
  std::cout << nlohmann::ordered_json{{"release", certificate.release},
                                      {"schema_version", certificate.schema_version},
                                      {"tables", certificate.table_count},
                                      {"empty_tables", certificate.empty_table_count},
                                      {"methods", certificate.method_count},
                                      {"calls", certificate.call_count},
                                      {"findings", certificate.findings},
                                      {"finding_count", certificate.finding_count},
                                      {"digest", absl::BytesToHexString(certificate.digest)},
                                      {"clinics", report.issued}}
                   .dump(2)
            << "\n";
}

int Run(const Options& options, Globals& globals) {
  const absl::StatusOr<IsolationRun::Report> report = Probe(globals);
  if (absl::IsAlreadyExists(report.status())) {
    PrintError(report.status());
    return kExitBusy;
  }
  if (!report.ok()) return PrintError(report.status());
  options.json ? PrintJson(*report) : PrintText(*report);
  return report->certificate.finding_count == 0 ? kExitOk : kExitFindings;
}

}  // namespace

void AddIsolationCommand(CLI::App& program, Globals& globals, int& exit_code) {
  CLI::App* command = program.add_subcommand("isolation", "Tries whether clinics are kept apart");
  command->require_subcommand(1);
  CLI::App* probe = command->add_subcommand(
      "probe",
      "Reaches for every table and every method of one canary clinic from another, and gives each "
      "clinic the certificate of it; exits with 0, 2 if anything was found, 3 if another probe is "
      "under way, or 1 if it could not run to its end");
  auto options = std::make_shared<Options>();
  probe->add_flag("--json", options->json, "Prints the result as JSON");
  probe->callback([options, &globals, &exit_code] { exit_code = Run(*options, globals); });
}

}  // namespace clinicd::server
