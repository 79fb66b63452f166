// Removes the holds of all clinics that have expired.
#pragma once

#include <string>

#include "common/base/clock.h"
#include "common/log/logger.h"
#include "db/access/transaction_runner.h"
#include "services/appointments/appointment_store.h"
#include "services/server/clinic_rounds.h"

namespace clinicd::server {

// For those who cannot remove them where they want the time: clinics that a practitioner has linked
// do not see each other's holds. In a thread of its own. Several servers may do the same. Outlived
// by its parts.
class HoldJob final {
 public:
  struct Parts {
    // Of clinicd_jobs, with the password.
    std::string jobs_conninfo;
    db::TransactionRunner& runner;
    const Clock& clock;
    log::Logger& logger;
    // How often to look for some.
    absl::Duration interval = absl::Minutes(1);
  };

  explicit HoldJob(Parts parts);

  JobThread& thread() { return rounds_.thread(); }

 private:
  void CleanUp(ClinicId clinic);

  const Parts parts_;
  appointments::AppointmentStore store_;
  ClinicRounds rounds_;
};

}  // namespace clinicd::server
