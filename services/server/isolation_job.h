// Tries every night to get from one clinic into another, and tells every clinic what came of it.
#pragma once

#include <grpcpp/grpcpp.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/auth/key_ring.h"
#include "common/base/clock.h"
#include "common/base/ids.h"
#include "common/log/logger.h"
#include "common/metrics/metrics.h"
#include "common/rpc/method_table.h"
#include "db/access/clinic_directory.h"
#include "db/access/pool.h"
#include "db/access/transaction_runner.h"
#include "services/audit/certificate/certificate_issuer.h"
#include "services/server/isolation/isolation_run.h"
#include "services/server/job_thread.h"

namespace clinicd::server {

// In a thread of its own. Several servers may do the same: one of them probes. Outlived by its
// parts.
class IsolationJob final {
 public:
  struct Parts {
    // Of clinicd_jobs and clinicd_app, with the passwords.
    std::string jobs_conninfo;
    std::string app_conninfo;
    // To the server itself, and all that it serves there.
    std::shared_ptr<grpc::Channel> channel;
    const rpc::MethodTable& methods;
    const std::vector<auth::SigningKey>& signing_keys;
    db::TransactionRunner& runner;
    const Clock& clock;
    const IdSource& ids;
    log::Logger& logger;
    metrics::Metrics& metrics;
    std::string release;
    std::string node;
    // Of UTC, from which on a night's probe is due, for some hours; below 0: never by itself.
    int hour = -1;
    // How often to look whether it is.
    absl::Duration interval = absl::Minutes(1);
  };

  explicit IsolationJob(Parts parts);

  // Begins to probe by itself; once. Nothing where the hour is below 0.
  void Start();
  JobThread& thread() { return thread_; }

  // One run at once, as `clinicd isolation probe` does. Errors: as IsolationRun::Run().
  absl::StatusOr<isolation::IsolationRun::Report> RunNow(
      const isolation::MethodProbe::Looked& looked);

 private:
  // Live as long as the metrics that ask for them.
  struct Seen {
    std::atomic<double> clean_at = 0;
    std::atomic<std::int64_t> findings = 0;
  };

  // What to do in the thread each time.
  void Look();
  absl::Status RunIfDue();
  void Tell(const isolation::IsolationRun::Report& report);

  const Parts parts_;
  db::Pool pool_;
  db::ClinicDirectory directory_;
  const isolation::IsolationProbe probe_;
  const audit::CertificateIssuer issuer_;
  const isolation::IsolationRun run_;
  const std::shared_ptr<Seen> seen_;
  JobThread thread_;
};

// The night whose probe is due at `now`, if any, by the day on which it begins: from `hour` of UTC
// on, for six hours, so that a server that starts later does not probe in the middle of the day.
std::optional<absl::CivilDay> NightDue(absl::Time now, int hour);

}  // namespace clinicd::server
