#include "services/server/commands/command_audit.h"

#include <utility>

#include "common/base/try.h"

namespace clinicd::server {

CommandAudit::CommandAudit(std::string node, std::unique_ptr<log::Logger> logger,
                           std::unique_ptr<ClinicVault> vault)
    : node_(std::move(node)), logger_(std::move(logger)), vault_(std::move(vault)) {}

absl::StatusOr<std::unique_ptr<CommandAudit>> CommandAudit::Open(const config::Config& config,
                                                                 Globals& globals) {
  if (config.keys().directory.empty()) {
    return absl::FailedPreconditionError("Set keys.directory; see `clinicd doctor`.");
  }
  CLINICD_ASSIGN_OR_RETURN(std::unique_ptr<log::Logger> logger,
                           log::Logger::Open(log::Level::kWarning, "-", globals.clock()));
  std::string node = NodeName(config.audit());
  CLINICD_ASSIGN_OR_RETURN(std::unique_ptr<ClinicVault> vault,
                           ClinicVault::Open({.key_directory = config.keys().directory,
                                              .credential_directory = CredentialDirectory(),
                                              .clock = globals.clock(),
                                              .random = globals.random(),
                                              .logger = *logger,
                                              .node = node}));
  return std::unique_ptr<CommandAudit>(
      new CommandAudit(std::move(node), std::move(logger), std::move(vault)));
}

db::AuditWriter::Options CommandAudit::options() const {
  return {.node = node_, .build = CLINICD_VERSION, .sealer = &vault_->sealer()};
}

LogWatch::Options LogWatchOptions(const config::Config& config) {
  return {.log = config.audit().origin,
          .key_directory = config.keys().directory,
          .anchor = config.audit().anchor_directory,
          .witnesses = config.audit().witnesses,
          .authorities = config.audit().witness_authorities_file};
}

}  // namespace clinicd::server
