#include "services/appointments/diary.h"

#include <algorithm>
#include <tuple>

#include "services/appointments/visit_plan.h"

namespace clinicd::appointments {
namespace {

bool TakesTime(State state) {
  return state != State::kCancelled && state != State::kNoShow && state != State::kEnteredInError;
}

const Member* FindMember(const Schedule& schedule, const Uuid& id) {
  const auto found = std::ranges::find(schedule.members, id, &Member::id);
  return found == schedule.members.end() ? nullptr : &*found;
}

std::vector<Site> SitesWith(const Schedule& schedule, SiteId id) {
  const auto found = std::ranges::find(schedule.sites, id, &Site::id);
  if (found == schedule.sites.end()) return {};
  return {*found};
}

TimeRange Hull(const TimeRange& a, const TimeRange& b) {
  return {std::min(a.begin, b.begin), std::max(a.end, b.end)};
}

// Whether an exception closes something for `owner` at one of `sites`.
bool Closes(const ScheduleException& exception, const ScheduleOwner& owner, const Site& site) {
  if (exception.exception.kind != ExceptionKind::kClosed) return false;
  const ScheduleOwner location{.kind = OwnerKind::kLocation, .id = site.id.uuid()};
  return exception.owner.kind == OwnerKind::kClinic || exception.owner == owner ||
         exception.owner == location;
}

// The instants that an exception is about on the clock of a site.
TimeSet InstantsOf(const HoursException& exception, absl::TimeZone zone, const DayPeriod& days) {
  std::vector<TimeRange> readings;
  const absl::CivilDay first = std::max(exception.first_day, days.first_day);
  const absl::CivilDay last = std::min(exception.last_day, days.last_day);
  for (absl::CivilDay day = first; day <= last; ++day) {
    readings.push_back(ReadingsOf(day, exception.span.value_or(ClockSpan())));
  }
  return InstantsWhen(TimeSet(std::move(readings)), zone);
}

DiaryPlacement PlacementOf(const Appointment& appointment, const Allocation& part) {
  const Plan& plan = appointment.booking.plan;
  const VisitPlan visit{.duration_minutes = plan.slot.duration_minutes,
                        .buffer_before_minutes = plan.buffers.before_minutes,
                        .buffer_after_minutes = plan.buffers.after_minutes};
  const PlanSegment segment{.kind = part.kind,
                            .offset_minutes = part.offset_minutes,
                            .duration_minutes = part.duration_minutes};
  DiaryPlacement placement{.appointment = appointment.id,
                           .range = WorkOf(segment, plan.slot.starts_at)};
  placement.taken = TakesTime(appointment.progress.state)
                        ? OccupiedBy(visit, segment, plan.slot.starts_at)
                        : placement.range;
  return placement;
}

// Makes the columns of one diary.
class DiaryMaker final {
 public:
  DiaryMaker(const DiaryMaterial& material, const DiaryQuery& query)
      : material_(material),
        query_(query),
        days_({.first_day = query.days.first_day - 2, .last_day = query.days.last_day + 2}),
        times_(material.schedule, days_) {
    for (const Visit& visit : material_.visits) {
      sites_.push_back(times_.SiteOf(visit.appointment.booking.plan));
    }
  }

  DiaryPage Make() {
    DiaryPage page;
    std::vector<bool> shown(material_.visits.size(), query_.columns.empty());
    for (const ColumnHead& head : material_.heads) {
      const bool asked = std::ranges::find(query_.columns, head.id) != query_.columns.end();
      if (!asked && !query_.columns.empty()) continue;
      DiaryColumn column{.head = head};
      Place(column, shown);
      if (!head.active && !asked && column.placements.empty()) continue;
      Fill(column);
      page.columns.push_back(std::move(column));
    }
    for (std::size_t i = 0; i < shown.size(); ++i) {
      if (shown[i]) page.visits.push_back({.visit = i, .site = sites_[i]});
    }
    return page;
  }

 private:
  void Place(DiaryColumn& column, std::vector<bool>& shown) const {
    for (std::size_t i = 0; i < material_.visits.size(); ++i) {
      const Appointment& appointment = material_.visits[i].appointment;
      const Plan& plan = appointment.booking.plan;
      const std::size_t before = column.placements.size();
      if (query_.grouping == DiaryGrouping::kLocation) {
        const TimeRange range{plan.slot.starts_at, plan.slot.ends_at};
        if (sites_[i].uuid() == column.head.id) {
          column.placements.push_back(
              {.appointment = appointment.id, .range = range, .taken = range});
        }
      } else {
        for (const Allocation& part : plan.allocations) {
          if (part.resource != column.head.id) continue;
          column.placements.push_back(PlacementOf(appointment, part));
        }
      }
      if (column.placements.size() > before) shown[i] = true;
    }
    std::ranges::stable_sort(column.placements, {},
                             [](const DiaryPlacement& placed) { return placed.range.begin; });
  }

  void Fill(DiaryColumn& column) {
    switch (query_.grouping) {
      case DiaryGrouping::kPractitioner:
        FillMember(column, times_.SitesOfPractitioner(PractitionerId(column.head.id)));
        break;
      case DiaryGrouping::kChair:
        FillMember(column, SitesWith(material_.schedule, column.head.site));
        break;
      case DiaryGrouping::kLocation:
        FillLocation(column);
        break;
    }
    std::ranges::sort(column.blocks, {}, [](const DiaryBlock& block) {
      return std::tuple(block.range.begin, block.range.end, block.exception, block.hold);
    });
  }

  void FillMember(DiaryColumn& column, const std::vector<Site>& sites) {
    const Member* const member = FindMember(material_.schedule, column.head.id);
    if (member == nullptr) return;
    const TimeSet busy = BusyTime(material_.occupied, member->id);
    TimeSet all;
    for (const Site& site : sites) {
      const TimeSet working = Intersection(times_.Of(*member, site), TimeSet(query_.range));
      AddSpans(working, site.id, column.working);
      AddSpans(Difference(working, busy), site.id, column.free);
      all = Union(all, working);
    }
    const bool practitioner = member->kind == ResourceKind::kPractitioner;
    AddClosures(
        {.kind = practitioner ? OwnerKind::kPractitioner : OwnerKind::kResource, .id = member->id},
        sites, all, column);
    for (const HeldPart& held : material_.holds) {
      if (held.occupied.occupant == member->id) AddHold(held, held.occupied.range, column);
    }
  }

  void FillLocation(DiaryColumn& column) {
    const std::vector<Site> sites = SitesWith(material_.schedule, SiteId(column.head.id));
    if (sites.empty()) return;
    const Site& site = sites.front();
    const TimeSet open = Intersection(times_.Of(site), TimeSet(query_.range));
    AddSpans(open, SiteId(), column.working);
    TimeSet free;
    for (const Member& member : material_.schedule.members) {
      if (member.kind != ResourceKind::kPractitioner || !member.active) continue;
      const std::vector<Site> where = times_.SitesOfPractitioner(PractitionerId(member.id));
      if (std::ranges::find(where, site.id, &Site::id) == where.end()) continue;
      const TimeSet working = Intersection(times_.Of(member, site), TimeSet(query_.range));
      free = Union(free, Difference(working, BusyTime(material_.occupied, member.id)));
    }
    AddSpans(free, SiteId(), column.free);
    AddClosures({.kind = OwnerKind::kLocation, .id = site.id.uuid()}, sites, open, column);
    AddHoldsAt(site, column);
  }

  static void AddSpans(const TimeSet& set, SiteId site, std::vector<DiarySpan>& spans) {
    for (const TimeRange& range : set.ranges()) spans.push_back({.range = range, .site = site});
    std::ranges::stable_sort(spans, {}, [](const DiarySpan& span) { return span.range.begin; });
  }

  // What closes and is not opened by something else, one block for each exception and period.
  void AddClosures(const ScheduleOwner& owner, const std::vector<Site>& sites,
                   const TimeSet& working, DiaryColumn& column) const {
    for (const ScheduleException& exception : material_.schedule.exceptions) {
      TimeSet closed;
      for (const Site& site : sites) {
        if (!Closes(exception, owner, site)) continue;
        closed = Union(closed, InstantsOf(exception.exception, site.zone, days_));
      }
      closed = Difference(Intersection(closed, TimeSet(query_.range)), working);
      for (const TimeRange& range : closed.ranges()) {
        column.blocks.push_back(
            {.range = range, .exception = exception.id, .reason = exception.exception.reason});
      }
    }
  }

  void AddHold(const HeldPart& held, const TimeRange& range, DiaryColumn& column) const {
    const TimeRange cut{std::max(range.begin, query_.range.begin),
                        std::min(range.end, query_.range.end)};
    if (cut.empty()) return;
    column.blocks.push_back(
        {.range = cut, .hold = held.hold, .member = held.member, .expires_at = held.expires_at});
  }

  // One block for each hold at the site, from the first of its parts to the last.
  void AddHoldsAt(const Site& site, DiaryColumn& column) {
    const std::vector<HeldPart>& holds = material_.holds;
    for (std::size_t begin = 0, end = 0; begin < holds.size(); begin = end) {
      TimeRange hull = holds[begin].occupied.range;
      Plan plan{.practitioner_id = holds[begin].practitioner};
      for (; end < holds.size() && holds[end].hold == holds[begin].hold; ++end) {
        hull = Hull(hull, holds[end].occupied.range);
        plan.allocations.push_back(
            {.kind = holds[end].kind, .resource = holds[end].occupied.occupant});
      }
      plan.slot.starts_at = hull.begin;
      plan.slot.ends_at = hull.end;
      if (times_.SiteOf(plan) == site.id) AddHold(holds[begin], hull, column);
    }
  }

  const DiaryMaterial& material_;
  const DiaryQuery& query_;
  // With those that clocks of other sites show at the same time.
  const DayPeriod days_;
  WorkingTimes times_;
  // Of the visits.
  std::vector<SiteId> sites_;
};

std::int32_t WholeMinutes(absl::Duration duration) {
  return static_cast<std::int32_t>(
      std::max<std::int64_t>(absl::ToInt64Minutes(duration), std::int64_t{0}));
}

}  // namespace

WorkingTimes::WorkingTimes(const Schedule& schedule, const DayPeriod& days)
    : schedule_(schedule), days_(days) {}

const WorkingCalendar& WorkingTimes::CalendarAt(const Site& site) {
  const auto found = calendars_.find(site.id);
  if (found != calendars_.end()) return found->second;
  return calendars_.emplace(site.id, CalendarOf(schedule_, site, days_)).first->second;
}

const TimeSet& WorkingTimes::Of(const Site& site) {
  const auto found = open_.find(site.id);
  if (found != open_.end()) return found->second;
  return open_.emplace(site.id, CalendarAt(site).LocationTime()).first->second;
}

const TimeSet& WorkingTimes::Of(const Member& member, const Site& site) {
  const std::pair key(member.id, site.id);
  const auto found = working_.find(key);
  if (found != working_.end()) return found->second;
  TimeSet working = CalendarAt(site).TimeOf(HoursAt(schedule_, member, site.id));
  return working_.emplace(key, std::move(working)).first->second;
}

std::vector<Site> WorkingTimes::SitesOfPractitioner(PractitionerId practitioner) const {
  return SitesOf(schedule_, Plan{.practitioner_id = practitioner});
}

SiteId WorkingTimes::SiteOf(const Plan& plan) {
  const std::vector<Site> sites = SitesOf(schedule_, plan);
  if (sites.size() == 1) return sites.front().id;
  const Member* const member = FindMember(schedule_, plan.practitioner_id.uuid());
  const TimeRange range{plan.slot.starts_at, plan.slot.ends_at};
  for (const Site& site : sites) {
    if (member != nullptr && Of(*member, site).Contains(range)) return site.id;
  }
  return sites.front().id;
}

DiaryPage MakeDiary(const DiaryMaterial& material, const DiaryQuery& query) {
  return DiaryMaker(material, query).Make();
}

Waiting WaitingAt(const Appointment& appointment, absl::Time now) {
  const absl::Time start = appointment.booking.plan.slot.starts_at;
  const absl::Time arrived = appointment.progress.arrived_at.value_or(now);
  const absl::Time seated = appointment.progress.seated_at.value_or(now);
  Waiting waiting{.waiting_minutes = WholeMinutes(seated - arrived),
                  .arrived_late = arrived > start};
  if (appointment.progress.seated_at) waiting.in_chair_minutes = WholeMinutes(now - seated);
  waiting.kept_waiting = !waiting.arrived_late && seated > start;
  return waiting;
}

}  // namespace clinicd::appointments
