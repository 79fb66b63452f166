#include "services/appointments/series_hours.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "services/appointments/schedule.h"
#include "services/appointments/series_rules.h"

namespace clinicd::appointments {
namespace {

constexpr char kHours[] = "hours";

void AddMembers(const Plan& plan, std::vector<Uuid>& members) {
  for (const Allocation& part : plan.allocations) members.push_back(part.resource);
}

std::vector<Uuid> MembersOf(const SeriesHours::Subject& subject) {
  std::vector<Uuid> members;
  AddMembers(subject.series.plan, members);
  for (const Appointment& visit : subject.before) AddMembers(visit.booking.plan, members);
  std::ranges::sort(members);
  members.erase(std::unique(members.begin(), members.end()), members.end());
  return members;
}

}  // namespace

SeriesHours::SeriesHours(const ScheduleStore& store, rpc::Call& call, const Subject& subject)
    : subject_(subject), now_(call.now()) {
  const absl::CivilDay first(subject.visits.front().occurrence.local_start);
  const absl::CivilDay last(subject.visits.back().occurrence.local_start);
  // As in BookingHours: a visit lasts a day at most, and sites have clocks of their own.
  schedule_ = store.ReadWithNext(call.tx(), {.members = MembersOf(subject),
                                             .days = {.first_day = first - 2, .last_day = last + 3},
                                             .zone = call.time_zone()});
}

std::vector<TakenOccurrence> SeriesHours::AddTo(const std::vector<TakenOccurrence>& taken) const {
  std::vector<TakenOccurrence> all = taken;
  for (std::size_t i = 0; i < subject_.visits.size(); ++i) {
    if (!IsOutside(i)) continue;
    const int ordinal = subject_.visits[i].occurrence.ordinal;
    const auto known = std::ranges::find(all, ordinal, &TakenOccurrence::ordinal);
    if (known == all.end()) {
      all.push_back({.ordinal = ordinal, .kinds = kHours});
    } else {
      absl::StrAppend(&known->kinds, known->kinds.empty() ? "" : ",", kHours);
    }
  }
  std::ranges::sort(all, {}, &TakenOccurrence::ordinal);
  return all;
}

bool SeriesHours::IsOutside(std::size_t number) const {
  const Plan plan = PlanAt(subject_.series, subject_.visits[number].occurrence);
  if (plan.slot.starts_at < now_ || !WhyOutsideHours(*schedule_, plan)) return false;
  if (subject_.before.empty()) return true;
  const Plan& before = subject_.before[number].booking.plan;
  return before.slot != plan.slot || !WhyOutsideHours(*schedule_, before);
}

}  // namespace clinicd::appointments
