// Holds the appointments of a series against working hours.
#pragma once

#include <memory>
#include <vector>

#include "common/rpc/call.h"
#include "services/appointments/appointment.h"
#include "services/appointments/schedule_store.h"
#include "services/appointments/series.h"

namespace clinicd::appointments {

// The working hours that matter for some appointments of a series, as BookingHours for one. They
// are read in the flush of the next statement. To be made when the days are locked, if they are to
// stay so. Outlived by what it is made from; lives within one call. Not thread-safe.
class SeriesHours final {
 public:
  struct Subject {
    const BookedSeries& series;
    // At least one, in their order.
    const std::vector<SeriesVisit>& visits;
    // As they are before they are moved; none where they are new.
    const std::vector<Appointment>& before;
  };
  SeriesHours(const ScheduleStore& store, rpc::Call& call, const Subject& subject);

  // `taken` with those that lie outside of working hours: "hours" is what they lack. After a
  // statement was run. What has begun is not refused, nor what stays at a time that was outside
  // before.
  std::vector<TakenOccurrence> AddTo(const std::vector<TakenOccurrence>& taken) const;

 private:
  bool IsOutside(std::size_t number) const;

  Subject subject_;
  absl::Time now_;
  std::shared_ptr<const Schedule> schedule_;
};

}  // namespace clinicd::appointments
