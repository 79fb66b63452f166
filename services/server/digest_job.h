// Goes through the audit events of all clinics, after each of their days, for what is unusual.
#pragma once

#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "common/base/clock.h"
#include "common/base/ids.h"
#include "common/log/logger.h"
#include "db/access/clinic_directory.h"
#include "db/access/pool.h"
#include "db/access/transaction_runner.h"
#include "services/audit/findings/digest.h"

namespace clinicd::server {

// In a thread of its own. Several servers may do the same. Outlived by its parts.
class DigestJob final {
 public:
  struct Parts {
    // Of clinicd_jobs, with the password.
    std::string jobs_conninfo;
    db::TransactionRunner& runner;
    const Clock& clock;
    const IdSource& ids;
    log::Logger& logger;
    // How often to look for days that are over.
    absl::Duration interval = absl::Minutes(5);
  };

  explicit DigestJob(Parts parts);
  ~DigestJob();
  DigestJob(const DigestJob&) = delete;
  DigestJob& operator=(const DigestJob&) = delete;

  // Begins; once.
  void Start();
  // Has it end with the transaction it is in. Does not wait.
  void RequestStop();
  // The same, and waits for it. Harmless when it has ended.
  void Stop();

 private:
  void RunUntilStopped();
  absl::Status RunOnce();
  void CatchUp(ClinicId clinic);
  bool Stopping();

  const Parts parts_;
  db::Pool pool_;
  db::ClinicDirectory directory_;
  const audit::AuditDigest digest_;
  absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace clinicd::server
