#include "services/appointments/schedule.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace clinicd::appointments {
namespace {

constexpr std::size_t kNextFreeMax = 3;
constexpr std::int32_t kNextFreeGridMinutes = 5;

ScheduleOwner OwnerOf(const Member& member) {
  return {.kind = member.kind == ResourceKind::kPractitioner ? OwnerKind::kPractitioner
                                                             : OwnerKind::kResource,
          .id = member.id};
}

// As somebody sees it at `site`; nullopt where it is about another site only.
std::optional<HoursException> SeenAt(const ScheduleException& declared, SiteId site) {
  HoursException seen = declared.exception;
  const bool elsewhere = declared.owner.kind == OwnerKind::kPractitioner && declared.site != site;
  if (!elsewhere || seen.kind == ExceptionKind::kClosed) return seen;
  if (seen.kind == ExceptionKind::kExtra) return std::nullopt;
  // Changed hours leave no others on that day, wherever they are.
  seen.kind = ExceptionKind::kClosed;
  seen.span.reset();
  return seen;
}

DeclaredHours DeclaredFor(const Schedule& schedule, const ScheduleOwner& owner, SiteId site) {
  DeclaredHours declared;
  bool elsewhere = false;
  for (const OwnedHours& owned : schedule.hours) {
    if (owned.owner != owner) continue;
    if (owner.kind != OwnerKind::kPractitioner || owned.site == site) {
      declared.weekly.push_back(owned.hours);
    } else {
      elsewhere = true;
    }
  }
  // Hours of no length: those of the site do not apply to who has hours of their own.
  if (declared.weekly.empty() && elsewhere) {
    declared.weekly.push_back({.span = {.from_minute = 0, .to_minute = 0}});
  }
  for (const ScheduleException& exception : schedule.exceptions) {
    if (exception.owner != owner) continue;
    if (auto seen = SeenAt(exception, site)) declared.exceptions.push_back(*std::move(seen));
  }
  return declared;
}

const Member* FindMember(const Schedule& schedule, const Uuid& id) {
  const auto found = std::ranges::find(schedule.members, id, &Member::id);
  return found == schedule.members.end() ? nullptr : &*found;
}

const Site* FindSite(const Schedule& schedule, SiteId id) {
  const auto found = std::ranges::find(schedule.sites, id, &Site::id);
  return found == schedule.sites.end() ? nullptr : &*found;
}

TimeRange RangeOf(const Plan& plan, const Allocation& part) {
  const absl::Time begin = plan.slot.starts_at + absl::Minutes(part.offset_minutes);
  return {begin, begin + absl::Minutes(part.duration_minutes)};
}

DayPeriod DaysOn(absl::TimeZone zone, const TimeRange& range) {
  return {.first_day = absl::ToCivilDay(range.begin, zone),
          .last_day = absl::ToCivilDay(range.end, zone)};
}

std::optional<OutsideHours> WhyOutsideAt(const Schedule& schedule, const Plan& plan,
                                         const Site& site) {
  const DayPeriod days = DaysOn(site.zone, {plan.slot.starts_at, plan.slot.ends_at});
  const WorkingCalendar calendar = CalendarOf(schedule, site, days);
  for (const Allocation& part : plan.allocations) {
    const Member* member = FindMember(schedule, part.resource);
    if (member == nullptr) continue;
    const std::optional<Closure> closure =
        calendar.WhyClosed(HoursAt(schedule, *member, site.id), RangeOf(plan, part));
    if (closure) return OutsideHours{.resource = part.resource, .closure = *closure};
  }
  return std::nullopt;
}

// What the engine needs to know of a plan whose resources are chosen.
VisitPlan VisitPlanOf(const Plan& plan) {
  VisitPlan visit{.duration_minutes = plan.slot.duration_minutes,
                  .buffer_before_minutes = plan.buffers.before_minutes,
                  .buffer_after_minutes = plan.buffers.after_minutes};
  for (const Allocation& part : plan.allocations) {
    const auto same = std::ranges::find(plan.allocations, part.resource, &Allocation::resource);
    visit.segments.push_back(
        {.kind = part.kind,
         .offset_minutes = part.offset_minutes,
         .duration_minutes = part.duration_minutes,
         .party = static_cast<std::int32_t>(std::distance(plan.allocations.begin(), same)),
         .fixed = part.resource});
  }
  return visit;
}

}  // namespace

DeclaredHours HoursAt(const Schedule& schedule, const Member& member, SiteId site) {
  return DeclaredFor(schedule, OwnerOf(member), site);
}

WorkingCalendar CalendarOf(const Schedule& schedule, const Site& site, const DayPeriod& days) {
  const ScheduleOwner location{.kind = OwnerKind::kLocation, .id = site.id.uuid()};
  const ScheduleOwner clinic{.kind = OwnerKind::kClinic};
  return WorkingCalendar({.zone = site.zone,
                          .location = DeclaredFor(schedule, location, site.id),
                          .clinic = DeclaredFor(schedule, clinic, site.id).exceptions},
                         days);
}

std::vector<Site> SitesOf(const Schedule& schedule, const Plan& plan) {
  for (const Allocation& part : plan.allocations) {
    if (part.kind == ResourceKind::kPractitioner) continue;
    const Member* member = FindMember(schedule, part.resource);
    const Site* site = member == nullptr ? nullptr : FindSite(schedule, member->site);
    if (site != nullptr) return {*site};
  }
  const ScheduleOwner owner{.kind = OwnerKind::kPractitioner, .id = plan.practitioner_id.uuid()};
  std::vector<Site> sites;
  for (const Site& site : schedule.sites) {
    const bool hours = std::ranges::any_of(schedule.hours, [&](const OwnedHours& owned) {
      return owned.owner == owner && owned.site == site.id;
    });
    const bool more = std::ranges::any_of(schedule.exceptions, [&](const ScheduleException& other) {
      return other.owner == owner && other.site == site.id &&
             other.exception.kind != ExceptionKind::kClosed;
    });
    if (hours || more) sites.push_back(site);
  }
  if (sites.empty()) sites.push_back(schedule.sites.front());
  return sites;
}

std::optional<OutsideHours> WhyOutsideHours(const Schedule& schedule, const Plan& plan) {
  std::optional<OutsideHours> why;
  for (const Site& site : SitesOf(schedule, plan)) {
    std::optional<OutsideHours> here = WhyOutsideAt(schedule, plan, site);
    if (!here) return std::nullopt;
    if (!why) why = std::move(here);
  }
  return why;
}

TimeSet BusyTime(const std::vector<Occupied>& occupied, const Uuid& occupant) {
  std::vector<TimeRange> ranges;
  for (const Occupied& taken : occupied) {
    if (taken.occupant == occupant) ranges.push_back(taken.range);
  }
  return TimeSet(std::move(ranges));
}

std::vector<SearchPlace> PlacesAt(const Schedule& schedule, const std::vector<Site>& sites,
                                  const DayPeriod& days, const std::vector<Occupied>& occupied) {
  // A day more at either end: clocks of sites differ by less, and no visit is longer.
  const DayPeriod around{.first_day = days.first_day - 1, .last_day = days.last_day + 2};
  std::vector<TimeSet> busy;
  busy.reserve(schedule.members.size());
  for (const Member& member : schedule.members) busy.push_back(BusyTime(occupied, member.id));
  std::vector<SearchPlace> places;
  for (const Site& site : sites) {
    const WorkingCalendar calendar = CalendarOf(schedule, site, around);
    SearchPlace place{.zone = site.zone};
    for (std::size_t i = 0; i < schedule.members.size(); ++i) {
      const Member& member = schedule.members[i];
      if (member.kind != ResourceKind::kPractitioner && member.site != site.id) continue;
      TimeSet working = calendar.TimeOf(HoursAt(schedule, member, site.id));
      if (working.empty()) continue;
      place.candidates.push_back(
          {.kind = member.kind, .id = member.id, .working = std::move(working), .busy = busy[i]});
    }
    places.push_back(std::move(place));
  }
  return places;
}

std::vector<absl::CivilMinute> NextFree(const Schedule& schedule, const Plan& plan,
                                        const NextFreeQuery& query) {
  const absl::CivilDay day(plan.slot.local_start);
  const std::vector<SearchPlace> places = PlacesAt(
      schedule, SitesOf(schedule, plan), {.first_day = day, .last_day = day}, query.occupied);
  SlotQuery search{
      .period = {plan.slot.starts_at + absl::Minutes(1), absl::FromCivil(day + 1, query.zone)},
      .limits = {.earliest = query.now},
      .grid_minutes = kNextFreeGridMinutes,
      .limit = kNextFreeMax};
  if (query.patient) search.patient_busy = BusyTime(query.occupied, query.patient->uuid());
  std::vector<absl::CivilMinute> starts;
  for (const Opening& opening : FindOpenings(VisitPlanOf(plan), places, search)) {
    const auto local = BookableLocal(opening.starts_at, query.zone);
    if (local && (starts.empty() || starts.back() != *local)) starts.push_back(*local);
  }
  return starts;
}

std::optional<absl::CivilMinute> BookableLocal(absl::Time time, absl::TimeZone zone) {
  const absl::CivilMinute local = absl::ToCivilMinute(time, zone);
  return zone.At(absl::CivilSecond(local)).pre == time ? std::optional(local) : std::nullopt;
}

}  // namespace clinicd::appointments
