// Working hours, exceptions and what is taken, in the database.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "db/access/tenant_tx.h"
#include "services/appointments/schedule.h"
#include "services/appointments/schedule_rules.h"

namespace clinicd::appointments {

// Reads and writes schedules. Stateless; errors as for TenantTx.
class ScheduleStore final {
 public:
  // What is to be read of a schedule.
  struct Extent {
    // Practitioners and resources, active or not; all where there is none.
    std::vector<Uuid> members = {};
    // Exceptions that touch these days matter.
    DayPeriod days = {};
    // The clinic's, in which the main site is.
    absl::TimeZone zone = {};
  };
  // Reads it with the next flush of `tx`; before that it is empty.
  std::shared_ptr<const Schedule> ReadWithNext(db::TenantTx& tx, const Extent& extent) const;

  // What is to be read of what is taken.
  struct Taken {
    // Who and what; all but patients where there is none.
    std::vector<Uuid> members = {};
    std::optional<PatientId> patient = {};
    // Takes nothing by itself.
    Uuid holder = {};
    TimeRange range = {};
    absl::Time now = {};
  };
  absl::StatusOr<std::vector<Occupied>> ListOccupied(db::TenantTx& tx, const Taken& taken) const;
  // The same with the next flush of `tx`; before that there is none.
  std::shared_ptr<const std::vector<Occupied>> OccupiedWithNext(db::TenantTx& tx,
                                                                const Taken& taken) const;

  // What is to be read of what is booked.
  struct Booked {
    TimeRange range = {};
    // All parts of the visits that have one of this practitioner or resource; of all visits where
    // there is none.
    std::optional<Uuid> occupant = {};
    std::size_t limit = 0;
  };
  // What is booked and not over, by start and appointment.
  absl::StatusOr<std::vector<BookedPart>> ListBooked(db::TenantTx& tx, const Booked& booked) const;

  // The hours of one owner, and their version.
  struct HoursSet {
    std::vector<OwnedHours> hours = {};
    std::string etag = {};
  };
  // Errors: NOT_FOUND (LOCATION_NOT_FOUND, PRACTITIONER_NOT_FOUND, RESOURCE_NOT_FOUND).
  absl::StatusOr<HoursSet> FindHours(db::TenantTx& tx, const ScheduleOwner& owner) const;
  // Lets no other transaction replace the hours of `owner` until this one ends.
  void LockHours(db::TenantTx& tx, const ScheduleOwner& owner) const;
  // Replaces the hours of `owner`. `ids` are those of the new rows, as many as there are hours.
  // Errors: as for FindHours(), for where a practitioner is to work.
  struct NewHours {
    std::vector<OwnedHours> hours = {};
    std::vector<Uuid> ids = {};
    UserId created_by = {};
    absl::Time now = {};
  };
  absl::StatusOr<HoursSet> ReplaceHours(db::TenantTx& tx, const ScheduleOwner& owner,
                                        const NewHours& wanted) const;

  // Errors: as for FindHours().
  absl::StatusOr<ScheduleException> InsertException(db::TenantTx& tx,
                                                    const ScheduleException& exception,
                                                    UserId created_by) const;
  absl::StatusOr<std::optional<ScheduleException>> DeleteException(db::TenantTx& tx,
                                                                   ScheduleExceptionId id) const;
  // A place in the order of exceptions. The default stands before all.
  struct Position {
    absl::CivilDay first_day = absl::CivilDay(1, 1, 1);
    Uuid id = {};
  };
  // By first day and id.
  absl::StatusOr<std::vector<ScheduleException>> ListExceptions(db::TenantTx& tx,
                                                                const ExceptionFilter& filter,
                                                                const Position& after,
                                                                std::int32_t count_max) const;
};

}  // namespace clinicd::appointments
