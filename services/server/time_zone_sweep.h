// Brings the diaries of all clinics in line with the time zone database of this machine.
#pragma once

#include <functional>
#include <vector>

#include "absl/status/statusor.h"
#include "common/base/clock.h"
#include "common/base/uuid.h"
#include "db/access/clinic_directory.h"
#include "services/appointments/time_zone_update.h"

namespace clinicd::server {

// All active clinics, by id. Errors: as ClinicDirectory::ListActive().
absl::StatusOr<std::vector<ClinicId>> ListAllClinics(db::ClinicDirectory& directory,
                                                     const Clock& clock);

// Stateless; calls wait for the database.
class TimeZoneSweep final {
 public:
  explicit TimeZoneSweep(const appointments::TimeZoneUpdate& update) : update_(update) {}

  struct Order {
    appointments::TimeZoneUpdate::Order update = {};
    // Leaves out clinics whose diary is in line with that version or with a newer one: another
    // machine has been there, and the two must not undo each other's work.
    bool outdated_only = false;
    // Called after each look at a clinic, with what that one came to; may be empty.
    std::function<void(const appointments::TimeZoneReport&)> looked = {};
  };

  // What became of each of `clinics` that was looked through. One that stays in the way of another,
  // because a practitioner works in both, may move in a later round: rounds go on while they move
  // anything. Errors: as TimeZoneUpdate::Run().
  absl::StatusOr<std::vector<appointments::TimeZoneReport>> Run(
      const std::vector<ClinicId>& clinics, const Order& order) const;

 private:
  absl::StatusOr<appointments::TimeZoneReport> Look(ClinicId clinic, const Order& order) const;
  absl::StatusOr<bool> IsUpToDate(ClinicId clinic, const Order& order) const;

  const appointments::TimeZoneUpdate& update_;
};

}  // namespace clinicd::server
