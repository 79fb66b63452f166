// Does something for each clinic, again and again.
#pragma once

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "common/base/clock.h"
#include "common/base/uuid.h"
#include "common/log/logger.h"
#include "db/access/clinic_directory.h"
#include "db/access/pool.h"
#include "services/server/job_thread.h"

namespace clinicd::server {

// In a thread of its own, with a connection that lists the clinics. Outlived by its parts.
class ClinicRounds final {
 public:
  struct Parts {
    // Of clinicd_jobs, with the password.
    std::string jobs_conninfo;
    const Clock& clock;
    log::Logger& logger;
    // From the end of a round to the next one.
    absl::Duration interval;
    // What is logged where the clinics cannot be listed.
    log::Event failure;
    // For one active clinic after the other. One that is in trouble does not keep the others
    // waiting: it is told of here.
    std::function<void(ClinicId)> work;
  };

  explicit ClinicRounds(Parts parts);

  JobThread& thread() { return thread_; }

 private:
  // What to do in the thread each time.
  void Look();
  absl::Status RunOnce();

  const Parts parts_;
  db::Pool pool_;
  db::ClinicDirectory directory_;
  JobThread thread_;
};

}  // namespace clinicd::server
