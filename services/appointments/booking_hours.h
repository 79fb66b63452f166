// Holds what is booked against working hours, and says what is free instead.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "common/rpc/call.h"
#include "services/appointments/appointment.h"
#include "services/appointments/schedule_store.h"

namespace clinicd::appointments {

// The working hours that matter for one plan. They are read in the flush of the next statement, so
// that bookings need no round trip more, whether a clinic has hours or not. To be made when the
// days of the plan are locked: nobody closes them meanwhile. Lives within one call. Not
// thread-safe.
class BookingHours final {
 public:
  // What is to be booked.
  struct Subject {
    Plan plan = {};
    // None: a hold.
    std::optional<PatientId> patient = {};
    // What takes the time.
    Uuid holder = {};
    // Of what is moved.
    std::optional<Plan> before = {};
  };
  BookingHours(const ScheduleStore& store, rpc::Call& call, Subject subject);

  // Whether the plan lies in working hours, after a statement was run. What has begun already is a
  // fact, and not refused; nor is a change of who serves at a time that was outside before. Errors:
  // FAILED_PRECONDITION (APPOINTMENT_OUTSIDE_HOURS).
  absl::Status Check() const;
  // Why it could not be booked: `error`, of which one of a taken slot also tells what is free.
  absl::Status Explain(const absl::Status& error) const;

 private:
  absl::Status Extended(const absl::Status& error) const;

  const ScheduleStore& store_;
  rpc::Call& call_;
  Subject subject_;
  std::vector<Uuid> members_;
  std::shared_ptr<const Schedule> schedule_;
};

}  // namespace clinicd::appointments
