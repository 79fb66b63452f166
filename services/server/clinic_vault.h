// The keys of clinics, put together for one process.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "common/auth/file_master.h"
#include "common/base/clock.h"
#include "common/base/ids.h"
#include "common/base/random.h"
#include "common/log/logger.h"
#include "db/vault/clinic_key_store.h"
#include "db/vault/vault.h"

namespace clinicd::server {

// Owns what seals private fields, and what changes keys. Thread-safe.
class ClinicVault final {
 public:
  struct Parts {
    std::string key_directory;
    // Of the service manager; empty without.
    std::string credential_directory;
    const Clock& clock;
    Random& random;
    log::Logger& logger;
    // The name of this server, for the traces of keys that are made.
    std::string node = {};
  };

  // With master keys of the key directory and of the service manager. Errors: as
  // auth::FileMaster::Load().
  static absl::StatusOr<std::unique_ptr<ClinicVault>> Open(const Parts& parts);
  ClinicVault(const ClinicVault&) = delete;
  ClinicVault& operator=(const ClinicVault&) = delete;

  db::Vault& sealer() { return vault_; }
  db::ClinicKeyStore& keys() { return keys_; }
  auth::FileMaster& master() { return *master_; }

 private:
  ClinicVault(const Parts& parts, std::unique_ptr<auth::FileMaster> master);

  const IdSource ids_;
  const MonotonicClock monotonic_clock_;
  const std::unique_ptr<auth::FileMaster> master_;
  db::ClinicKeyStore keys_;
  db::Vault vault_;
};

}  // namespace clinicd::server
