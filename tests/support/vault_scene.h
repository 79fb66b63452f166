// A vault with the keys of a directory, as a process has one.
#pragma once

#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>
#include <utility>

#include "common/auth/file_master.h"
#include "common/auth/key_ring.h"
#include "db/access/pool.h"
#include "db/access/transaction_runner.h"
#include "db/vault/key_admin.h"
#include "db/vault/vault.h"
#include "tests/support/captured_log.h"
#include "tests/support/fakes.h"
#include "tests/support/scratch_clinics.h"

namespace clinicd::testing {

// Ends the process with a message if keys cannot be made or read. `clock` and, where given, the
// clock for ages and the randomness must outlive it.
class VaultProcess final {
 public:
  VaultProcess(const std::string& key_directory, const Clock& clock,
               const Clock* monotonic_clock = nullptr, Random* random = nullptr)
      : random_(random != nullptr ? *random : system_random_),
        clock_(clock),
        age_clock_(monotonic_clock != nullptr ? *monotonic_clock : system_age_clock_),
        ids_(clock, random_),
        logger_(log::Level::kInfo, log_.NewSink(), clock),
        master_(LoadMaster(key_directory, random_)),
        store_({.key_directory = key_directory,
                .master = *master_,
                .clock = clock,
                .monotonic_clock = age_clock_,
                .random = random_}),
        vault_({.keys = store_,
                .clock = clock,
                .monotonic_clock = age_clock_,
                .ids = ids_,
                .random = random_,
                .logger = logger_,
                .node = "node",
                .build = "build"}) {}

  db::Vault& vault() { return vault_; }
  db::ClinicKeyStore& store() { return store_; }
  auth::FileMaster& master() { return *master_; }
  CapturedLog& log() { return log_; }
  Random& random() { return random_; }
  const IdSource& ids() const { return ids_; }
  const Clock& clock() const { return clock_; }

 private:
  static std::unique_ptr<auth::FileMaster> LoadMaster(const std::string& directory,
                                                      Random& random) {
    absl::Status status = auth::KeyRing::CreateMissing(directory, random).status();
    if (status.ok()) {
      auto master = auth::FileMaster::Load({.key_directory = directory}, random);
      if (master.ok()) return *std::move(master);
      status = master.status();
    }
    std::cerr << "no master key for the test: " << status << "\n";
    std::abort();
  }

  SystemRandom system_random_;
  Random& random_;
  const Clock& clock_;
  MonotonicClock system_age_clock_;
  const Clock& age_clock_;
  CapturedLog log_;
  const IdSource ids_;
  log::Logger logger_;
  const std::unique_ptr<auth::FileMaster> master_;
  db::ClinicKeyStore store_;
  db::Vault vault_;
};

// What an operator's command has. Starts threads.
class KeyOffice final {
 public:
  KeyOffice(const std::string& app_conninfo, VaultProcess& process,
            const db::KeyAdmin::Options& options = {})
      : pool_({.connection = {.conninfo = app_conninfo, .mode = {}, .rewrite_sql = {}},
               .workers = 1,
               .queue_max = 4},
              process.clock()),
        runner_(pool_, process.clock(), process.ids(),
                {.role_names = {}, .audit = {.node = "office", .build = "build"}}),
        admin_({.runner = runner_,
                .keys = process.store(),
                .master = process.master(),
                .clock = process.clock(),
                .ids = process.ids(),
                .random = process.random()},
               options) {}

  db::KeyAdmin& admin() { return admin_; }
  db::TransactionRunner& runner() { return runner_; }

 private:
  db::Pool pool_;
  db::TransactionRunner runner_;
  db::KeyAdmin admin_;
};

}  // namespace clinicd::testing
