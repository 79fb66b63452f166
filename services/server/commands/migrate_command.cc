#include <iostream>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/base/try.h"
#include "db/migrate/migrate.h"
#include "services/server/commands/command.h"

namespace clinicd::server {
namespace {

struct Options {
  std::string conninfo;
  std::string password_file;
  bool bootstrap = false;
};

std::string_view NameOf(db::MigrationState state) {
  switch (state) {
    case db::MigrationState::kPending:
      return "pending";
    case db::MigrationState::kApplied:
      return "applied";
    case db::MigrationState::kEdited:
      return "EDITED";
    case db::MigrationState::kUnknown:
      return "UNKNOWN";
  }
  return "";
}

absl::StatusOr<db::AdminConnection> Connect(const Options& options, const Globals& globals) {
  if (!options.conninfo.empty()) {
    CLINICD_ASSIGN_OR_RETURN(const std::string conninfo,
                             WithPassword(options.conninfo, options.password_file));
    return db::AdminConnection::Open(conninfo);
  }
  CLINICD_ASSIGN_OR_RETURN(const config::Config config, globals.Load());
  if (config.db().conninfo.empty()) {
    return absl::FailedPreconditionError(
        "No database is named; give --database or set db.conninfo.");
  }
  CLINICD_ASSIGN_OR_RETURN(const std::string conninfo,
                           WithPassword(config.db().conninfo, config.db().password_file));
  return db::AdminConnection::Open(conninfo);
}

absl::StatusOr<int> Status(const Options& options, const Globals& globals) {
  CLINICD_ASSIGN_OR_RETURN(db::AdminConnection connection, Connect(options, globals));
  db::MigrationRunner runner(connection, db::EmbeddedMigrations());
  CLINICD_ASSIGN_OR_RETURN(const auto statuses, runner.Status());
  int exit_code = kExitOk;
  for (const db::MigrationStatus& status : statuses) {
    const bool applied = status.state == db::MigrationState::kApplied;
    if (!applied) exit_code = kExitFindings;
    std::cout << absl::StrFormat(
        "%04d  %-8s  %-20s  %s\n", status.version, std::string(NameOf(status.state)),
        applied ? absl::FormatTime("%Y-%m-%d %H:%M:%S", status.applied_at, absl::UTCTimeZone())
                : "-",
        status.name);
  }
  return exit_code;
}

absl::StatusOr<int> Plan(const Options& options, const Globals& globals) {
  CLINICD_ASSIGN_OR_RETURN(db::AdminConnection connection, Connect(options, globals));
  db::MigrationRunner runner(connection, db::EmbeddedMigrations());
  CLINICD_ASSIGN_OR_RETURN(const auto pending, runner.Plan());
  for (const db::Migration& migration : pending) {
    std::cout << "-- " << migration.name << "\n" << migration.sql << "\n";
  }
  if (pending.empty()) std::cout << "Nothing to do.\n";
  return kExitOk;
}

void PrintProgress(const db::MigrationProgress& progress) {
  if (!progress.done) return;
  std::cout << "[" << progress.number << "/" << progress.count << "] " << progress.migration.name
            << "  " << absl::FormatDuration(absl::Ceil(progress.elapsed, absl::Milliseconds(1)))
            << std::endl;
}

absl::StatusOr<int> Up(const Options& options, const Globals& globals) {
  CLINICD_ASSIGN_OR_RETURN(db::AdminConnection connection, Connect(options, globals));
  if (options.bootstrap) CLINICD_RETURN_IF_ERROR(db::Bootstrap(connection));
  db::MigrationRunner runner(connection, db::EmbeddedMigrations());
  CLINICD_ASSIGN_OR_RETURN(const auto pending, runner.Plan());
  CLINICD_RETURN_IF_ERROR(runner.Up(PrintProgress));
  std::cout << (pending.empty() ? "The schema is up to date.\n" : "Done.\n");
  return kExitOk;
}

}  // namespace

void AddMigrateCommand(CLI::App& program, Globals& globals, int& exit_code) {
  CLI::App* command = program.add_subcommand("migrate", "Shows or changes the database schema");
  command->require_subcommand(1);
  auto options = std::make_shared<Options>();
  command->add_option("--database", options->conninfo,
                      "libpq connection string of clinicd_migrator or a superuser; default "
                      "db.conninfo, which suffices for status and plan");
  command->add_option("--password-file", options->password_file,
                      "File with the password for --database");
  const auto add = [&](const char* name, const char* help, auto run) {
    CLI::App* sub = command->add_subcommand(name, help);
    sub->callback([options, &globals, &exit_code, run] {
      const absl::StatusOr<int> result = run(*options, globals);
      exit_code = result.ok() ? *result : PrintError(result.status());
    });
    return sub;
  };
  add("status", "Lists every migration and whether it is applied", Status);
  add("plan", "Prints the SQL that `up` would run", Plan);
  add("up", "Applies pending migrations", Up)
      ->add_flag("--bootstrap", options->bootstrap,
                 "First makes the roles and the schema; needs a superuser");
}

}  // namespace clinicd::server
