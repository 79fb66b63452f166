// What sub-commands that change a clinic write its audit events with.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "common/config/config.h"
#include "common/log/logger.h"
#include "db/access/audit_writer.h"
#include "services/server/clinic_vault.h"
#include "services/server/commands/command.h"
#include "services/server/log_watch.h"

namespace clinicd::server {

// Owns the keys of clinics for as long as the command runs.
class CommandAudit final {
 public:
  // FAILED_PRECONDITION, with the way out, where keys.directory is not set or cannot be used.
  static absl::StatusOr<std::unique_ptr<CommandAudit>> Open(const config::Config& config,
                                                            Globals& globals);

  db::AuditWriter::Options options() const;
  ClinicVault& vault() const { return *vault_; }
  // To standard error, what is a warning or worse.
  log::Logger& logger() const { return *logger_; }

 private:
  CommandAudit(std::string node, std::unique_ptr<log::Logger> logger,
               std::unique_ptr<ClinicVault> vault);

  const std::string node_;
  const std::unique_ptr<log::Logger> logger_;
  const std::unique_ptr<ClinicVault> vault_;
};

// What is configured of the audit log and of who remembers it.
LogWatch::Options LogWatchOptions(const config::Config& config);

}  // namespace clinicd::server
