#include "services/server/clinic_vault.h"

#include <utility>

#include "common/base/try.h"

namespace clinicd::server {

absl::StatusOr<std::unique_ptr<ClinicVault>> ClinicVault::Open(const Parts& parts) {
  CLINICD_ASSIGN_OR_RETURN(
      auto master, auth::FileMaster::Load({.key_directory = parts.key_directory,
                                           .credential_directory = parts.credential_directory},
                                          parts.random));
  return std::unique_ptr<ClinicVault>(new ClinicVault(parts, std::move(master)));
}

ClinicVault::ClinicVault(const Parts& parts, std::unique_ptr<auth::FileMaster> master)
    : ids_(parts.clock, parts.random),
      master_(std::move(master)),
      keys_({.key_directory = parts.key_directory,
             .master = *master_,
             .clock = parts.clock,
             .monotonic_clock = monotonic_clock_,
             .random = parts.random}),
      vault_({.keys = keys_,
              .clock = parts.clock,
              .monotonic_clock = monotonic_clock_,
              .ids = ids_,
              .random = parts.random,
              .logger = parts.logger,
              .node = parts.node,
              .build = CLINICD_VERSION}) {}

}  // namespace clinicd::server
