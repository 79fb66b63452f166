// `clinicd audit acknowledge-restore`: goes on although sealed events are lost.
#include <cstdint>
#include <iostream>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/base/ids.h"
#include "common/base/try.h"
#include "db/access/pool.h"
#include "db/access/transaction_runner.h"
#include "services/identity/builtin_roles.h"
#include "services/server/commands/command.h"
#include "services/server/commands/command_audit.h"
#include "services/server/log_watch.h"
#include "services/server/restore_acknowledgement.h"

namespace clinicd::server {
namespace {

struct Options {
  std::string reason;
  std::uint64_t size = 0;
};

void Print(const GateFindings& findings) {
  for (const ClinicLoss& loss : findings.losses) {
    std::cout << "clinic " << loss.clinic.ToString() << ": " << loss.ToText() << "\n";
  }
  std::cout << "acknowledged; the log goes on under another name, which its verifiers must be "
               "told\n";
}

absl::Status Acknowledge(const Options& options, Globals& globals) {
  CLINICD_ASSIGN_OR_RETURN(const config::Config config, globals.Load());
  const config::DbConfig& db = config.db();
  if (db.conninfo.empty() || db.sealer_conninfo.empty()) {
    return absl::FailedPreconditionError(
        "Set db.conninfo and db.sealer_conninfo; see `clinicd doctor`.");
  }
  CLINICD_ASSIGN_OR_RETURN(const auto audit, CommandAudit::Open(config, globals));
  CLINICD_ASSIGN_OR_RETURN(const std::string app, WithPassword(db.conninfo, db.password_file));
  CLINICD_ASSIGN_OR_RETURN(const std::string sealer,
                           WithPassword(db.sealer_conninfo, db.sealer_password_file));
  CLINICD_ASSIGN_OR_RETURN(const std::unique_ptr<LogWatch> watch,
                           LogWatch::Create(LogWatchOptions(config)));
  const IdSource ids(globals.clock(), globals.random());
  db::Pool app_pool(SmallPool(app), globals.clock());
  db::Pool sealer_pool(SmallPool(sealer), globals.clock());
  db::TransactionRunner app_runner(app_pool, globals.clock(), ids,
                                   {.role_names = identity::RoleNames, .audit = audit->options()});
  db::TransactionRunner sealer_runner(sealer_pool, globals.clock(), ids, {});
  const RestoreGate gate = watch->GateFor(app_runner, globals.clock(), audit->logger());
  CLINICD_ASSIGN_OR_RETURN(const GateFindings findings,
                           AcknowledgeRestore({.gate = gate,
                                               .app_runner = app_runner,
                                               .sealer_runner = sealer_runner,
                                               .anchor = watch->anchor(),
                                               .log = config.audit().origin,
                                               .signers = watch->signers(),
                                               .clock = globals.clock(),
                                               .ids = ids},
                                              options.reason, options.size));
  Print(findings);
  return absl::OkStatus();
}

}  // namespace

void AddAcknowledgeCommand(CLI::App& audit, Globals& globals, int& exit_code) {
  CLI::App* command = audit.add_subcommand(
      "acknowledge-restore",
      "Has a server go on although its database lost sealed events; leaves an event in each clinic "
      "that lost some, and a mark in the name of the log");
  auto options = std::make_shared<Options>();
  command
      ->add_option("--reason", options->reason,
                   "Why events are lost; kept for ever and shown to clinics: no names of people")
      ->required();
  command
      ->add_option("--size", options->size,
                   "The size of the lost checkpoint, as the server's report names it")
      ->required();
  command->callback([options, &globals, &exit_code] {
    const absl::Status done = Acknowledge(*options, globals);
    exit_code = done.ok() ? kExitOk : PrintError(done);
  });
}

}  // namespace clinicd::server
