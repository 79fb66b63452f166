// Keeps the partitions of audit events: those of the months to come are there, those that nobody
// has to keep any more are not.
#pragma once

#include <string>

#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/ids.h"
#include "common/log/logger.h"
#include "db/access/pool.h"
#include "db/access/transaction_runner.h"
#include "services/audit/log/partition_store.h"
#include "services/server/job_thread.h"

namespace clinicd::server {

// In a thread and over a connection of its own: a month is looked through for minutes before it
// goes, and sealing does not wait for that. Any number of servers may do it. Outlived by its parts.
class PartitionJob final {
 public:
  struct Parts {
    // Of clinicd_sealer, with the password.
    std::string conninfo;
    const Clock& clock;
    const IdSource& ids;
    log::Logger& logger;
    // Between two looks at the clock.
    absl::Duration interval = absl::Minutes(1);
  };

  explicit PartitionJob(Parts parts);

  JobThread& thread() { return thread_; }

 private:
  // Once an hour; also when it starts.
  void Make();
  // Once a day; also when it starts.
  void Drop();

  const Parts parts_;
  db::Pool pool_;
  db::TransactionRunner runner_;
  absl::Time made_at_ = absl::InfinitePast();
  absl::Time dropped_at_ = absl::InfinitePast();
  JobThread thread_;
};

}  // namespace clinicd::server
