#include "services/appointments/booking_hours.h"

#include <algorithm>
#include <utility>

#include "common/base/try.h"
#include "common/status/error.h"
#include "services/appointments/schedule_errors.h"

namespace clinicd::appointments {
namespace {

// Who and what serves the plan, each once.
std::vector<Uuid> MembersOf(const Plan& plan, const std::optional<Plan>& before) {
  std::vector<Uuid> members;
  for (const Allocation& part : plan.allocations) members.push_back(part.resource);
  if (before) {
    for (const Allocation& part : before->allocations) members.push_back(part.resource);
  }
  std::ranges::sort(members);
  members.erase(std::unique(members.begin(), members.end()), members.end());
  return members;
}

}  // namespace

BookingHours::BookingHours(const ScheduleStore& store, rpc::Call& call, Subject subject)
    : store_(store),
      call_(call),
      subject_(std::move(subject)),
      members_(MembersOf(subject_.plan, subject_.before)) {
  const absl::CivilDay day(subject_.plan.slot.local_start);
  // A visit lasts a day at most, and the clock of a site shows another day than the clinic's at
  // times.
  schedule_ = store_.ReadWithNext(call_.tx(), {.members = members_,
                                               .days = {.first_day = day - 2, .last_day = day + 3},
                                               .zone = call_.time_zone()});
}

absl::Status BookingHours::Check() const {
  if (subject_.plan.slot.starts_at < call_.now()) return absl::OkStatus();
  const std::optional<OutsideHours> why = WhyOutsideHours(*schedule_, subject_.plan);
  if (!why) return absl::OkStatus();
  const bool stays = subject_.before && subject_.before->slot == subject_.plan.slot &&
                     WhyOutsideHours(*schedule_, *subject_.before);
  return stays ? absl::OkStatus() : Extended(AppointmentOutsideHours(*why));
}

absl::Status BookingHours::Explain(const absl::Status& error) const {
  const bool taken = status::ReasonOf(error) == status::ErrorReason::APPOINTMENT_SLOT_TAKEN;
  return taken ? Extended(error) : error;
}

absl::Status BookingHours::Extended(const absl::Status& error) const {
  // A statement of the database that has failed leaves nothing to ask it for.
  if (call_.tx().failed()) return error;
  const Slot& slot = subject_.plan.slot;
  const Buffers& buffers = subject_.plan.buffers;
  // What starts on the rest of that day, with its buffers.
  const absl::Time midnight =
      absl::FromCivil(absl::CivilDay(slot.local_start) + 1, call_.time_zone());
  const TimeRange rest{slot.starts_at - absl::Minutes(buffers.before_minutes),
                       midnight + (slot.ends_at - slot.starts_at) +
                           absl::Minutes(buffers.after_minutes)};
  CLINICD_ASSIGN_OR_RETURN(std::vector<Occupied> occupied,
                           store_.ListOccupied(call_.tx(), {.members = members_,
                                                            .patient = subject_.patient,
                                                            .holder = subject_.holder,
                                                            .range = rest,
                                                            .now = call_.now()}));
  return WithNextFree(error, NextFree(*schedule_, subject_.plan,
                                      {.occupied = std::move(occupied),
                                       .patient = subject_.patient,
                                       .now = call_.now(),
                                       .zone = call_.time_zone()}));
}

}  // namespace clinicd::appointments
