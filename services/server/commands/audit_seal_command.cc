// `clinicd audit seal`: seals audit events in a process of its own; `clinicd audit key`: whose
// signatures those are.
#include <csignal>
#include <iostream>
#include <memory>
#include <vector>

#include "common/base/ids.h"
#include "common/base/try.h"
#include "common/log/logger.h"
#include "common/metrics/metrics.h"
#include "common/systemd/systemd.h"
#include "db/access/pool.h"
#include "db/access/transaction_runner.h"
#include "services/audit/log/log_keys.h"
#include "services/server/commands/command.h"
#include "services/server/commands/command_audit.h"
#include "services/server/log_watch.h"
#include "services/server/run_server.h"

namespace clinicd::server {
namespace {

absl::Status Seal(Globals& globals) {
  const Signals signals;
  CLINICD_ASSIGN_OR_RETURN(const config::Config config, globals.Load());
  if (config.db().conninfo.empty() || config.db().sealer_conninfo.empty() ||
      config.keys().directory.empty()) {
    return absl::FailedPreconditionError(
        "Set db.conninfo, db.sealer_conninfo and keys.directory; see `clinicd doctor`.");
  }
  CLINICD_ASSIGN_OR_RETURN(const std::unique_ptr<LogWatch> watch,
                           LogWatch::Create(LogWatchOptions(config)));
  CLINICD_ASSIGN_OR_RETURN(const std::string app,
                           WithPassword(config.db().conninfo, config.db().password_file));
  CLINICD_ASSIGN_OR_RETURN(
      const std::string sealer,
      WithPassword(config.db().sealer_conninfo, config.db().sealer_password_file));
  CLINICD_ASSIGN_OR_RETURN(
      const std::unique_ptr<log::Logger> logger,
      log::Logger::Open(config.log().level, config.log().file, globals.clock()));
  metrics::Metrics metrics(CLINICD_VERSION);
  const IdSource ids(globals.clock(), globals.random());
  db::Pool pool(SmallPool(app), globals.clock());
  db::TransactionRunner runner(pool, globals.clock(), ids, {});
  CLINICD_RETURN_IF_ERROR(watch->Open(sealer, {.runner = runner,
                                               .clock = globals.clock(),
                                               .ids = ids,
                                               .logger = *logger,
                                               .metrics = metrics}));
  watch->Start();
  systemd::NotifyReady();
  while (signals.Wait() == SIGHUP) {
  }
  systemd::NotifyStopping();
  watch->Stop();
  return absl::OkStatus();
}

absl::Status PrintKeys(Globals& globals) {
  CLINICD_ASSIGN_OR_RETURN(const config::Config config, globals.Load());
  CLINICD_ASSIGN_OR_RETURN(const std::vector<merkle::NoteSigner> signers,
                           audit::LoadLogSigners(config.keys().directory, config.audit().origin));
  for (const merkle::NoteSigner& signer : signers) {
    std::cout << signer.verifier().ToText() << "\n";
  }
  return absl::OkStatus();
}

}  // namespace

void AddAuditSealCommands(CLI::App& audit, Globals& globals, int& exit_code) {
  CLI::App* seal = audit.add_subcommand(
      "seal",
      "Seals audit events until it is told to stop; for a process of its own, as another "
      "user than the servers'");
  seal->callback([&globals, &exit_code] {
    const absl::Status status = Seal(globals);
    exit_code = status.ok() ? kExitOk : PrintError(status);
  });
  CLI::App* key = audit.add_subcommand(
      "key", "Prints the keys that sign the audit log, as `clinicd audit verify --key` takes them");
  key->callback([&globals, &exit_code] {
    const absl::Status status = PrintKeys(globals);
    exit_code = status.ok() ? kExitOk : PrintError(status);
  });
}

}  // namespace clinicd::server
