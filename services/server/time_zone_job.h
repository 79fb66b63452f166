// What a server does about a new time zone database by itself.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/clock.h"
#include "common/base/ids.h"
#include "common/base/uuid.h"
#include "common/log/logger.h"
#include "common/metrics/metrics.h"
#include "db/access/clinic_directory.h"
#include "db/access/pool.h"
#include "db/access/transaction_runner.h"
#include "services/appointments/time_zone_update.h"
#include "services/server/job_thread.h"
#include "services/server/time_zone_sweep.h"

namespace clinicd::server {

// Goes through all clinics once, in a thread of its own, and updates those that were last updated
// by an older database. Tries again later when something is wrong. Outlived by its parts.
class TimeZoneJob final {
 public:
  struct Parts {
    // Of clinicd_jobs, with the password.
    std::string jobs_conninfo;
    db::TransactionRunner& runner;
    const Clock& clock;
    const IdSource& ids;
    log::Logger& logger;
    metrics::Metrics& metrics;
  };

  explicit TimeZoneJob(const Parts& parts);

  JobThread& thread() { return thread_; }

 private:
  // Live as long as the metrics that ask for them.
  struct Counts {
    std::atomic<std::int64_t> moved = 0;
    std::atomic<std::int64_t> left = 0;
  };

  // What to do in the thread; whether it has to be tried again.
  bool Look();
  absl::Status RunOnce();
  void TellMoved(const std::string& version, const appointments::TimeZoneReport& report);
  void TellLeft(const std::string& version, const appointments::TimeZoneReport& report);

  const Parts parts_;
  db::Pool pool_;
  db::ClinicDirectory directory_;
  const appointments::TimeZoneUpdate update_;
  const TimeZoneSweep sweep_;
  const std::shared_ptr<Counts> counts_;
  JobThread thread_;
};

}  // namespace clinicd::server
