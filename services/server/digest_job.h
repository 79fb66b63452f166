// Goes through the audit events of all clinics, after each of their days, for what is unusual.
#pragma once

#include <string>

#include "common/base/clock.h"
#include "common/base/ids.h"
#include "common/log/logger.h"
#include "db/access/transaction_runner.h"
#include "services/audit/findings/digest.h"
#include "services/server/clinic_rounds.h"

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

  JobThread& thread() { return rounds_.thread(); }

 private:
  void CatchUp(ClinicId clinic);

  const Parts parts_;
  const audit::AuditDigest digest_;
  ClinicRounds rounds_;
};

}  // namespace clinicd::server
