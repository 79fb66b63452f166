#include "services/appointments/diary_handlers.h"

#include <algorithm>
#include <memory>
#include <tuple>
#include <utility>
#include <vector>

#include "common/base/try.h"
#include "common/rpc/civil.h"
#include "services/appointments/diary_convert.h"
#include "services/appointments/diary_rules.h"

namespace clinicd::appointments {
namespace {

constexpr char kEntity[] = "appointment";

// What exceptions matter: clocks of other sites show other days at the same time, and no visit is
// longer than a day.
DayPeriod Around(const DayPeriod& days) {
  return {.first_day = days.first_day - 2, .last_day = days.last_day + 2};
}

// Those who wait before those who are treated, each by the time since when.
bool ComesBefore(const Visit& a, const Visit& b) {
  const auto key = [](const Visit& visit) {
    const Progress& progress = visit.appointment.progress;
    const bool seated = progress.seated_at.has_value();
    return std::tuple(seated, seated ? progress.seated_at : progress.arrived_at,
                      visit.appointment.id);
  };
  return key(a) < key(b);
}

}  // namespace

absl::StatusOr<v1::Diary> DiaryHandlers::GetDiary(const v1::GetDiaryRequest& request,
                                                  rpc::Call& call) const {
  CLINICD_ASSIGN_OR_RETURN(const DiaryQuery query, ParseDiary(request, call.time_zone()));
  call.AuditListAccess(kEntity);
  // All of it travels together.
  const auto schedule =
      schedules_.ReadWithNext(call.tx(), {.days = Around(query.days), .zone = call.time_zone()});
  const auto occupied =
      schedules_.OccupiedWithNext(call.tx(), {.range = query.range, .now = call.now()});
  const auto heads = store_.HeadsWithNext(call.tx(), query.grouping);
  const auto holds = store_.HoldsWithNext(call.tx(), query.range, call.now());
  DiaryStore::Extent extent{.range = query.range,
                            .show_cancelled = request.show_cancelled(),
                            .limit = kDiaryVisitsMax + 1};
  // Where visits are is known when they are read.
  if (query.grouping != DiaryGrouping::kLocation) extent.occupants = query.columns;
  CLINICD_ASSIGN_OR_RETURN(std::vector<Visit> visits, store_.ListVisits(call.last_tx(), extent));
  CLINICD_RETURN_IF_ERROR(CheckColumns(query, *heads));
  CLINICD_RETURN_IF_ERROR(CheckSize(visits.size()));
  const DiaryMaterial material{.schedule = *schedule,
                               .heads = *heads,
                               .visits = std::move(visits),
                               .occupied = *occupied,
                               .holds = *holds};
  return ToProto(MakeDiary(material, query), material, query, call.now());
}

absl::StatusOr<v1::WaitingRoom> DiaryHandlers::GetWaitingRoom(
    const v1::GetWaitingRoomRequest& request, rpc::Call& call) const {
  const std::vector<SiteId> wanted = ParseSites(request);
  call.AuditListAccess(kEntity);
  const DayPeriod days = Around({.first_day = call.today() - 1, .last_day = call.today() + 1});
  const auto schedule =
      schedules_.ReadWithNext(call.tx(), {.days = days, .zone = call.time_zone()});
  CLINICD_ASSIGN_OR_RETURN(
      std::vector<Visit> visits,
      store_.ListWaiting(call.last_tx(), ArrivedSince(call.now(), call.time_zone()), call.now()));
  CLINICD_RETURN_IF_ERROR(CheckSites(wanted, *schedule));
  std::ranges::sort(visits, ComesBefore);
  WorkingTimes times(*schedule, days);
  v1::WaitingRoom room;
  *room.mutable_as_of_time() = rpc::ToTimestamp(call.now());
  for (const Visit& visit : visits) {
    const SiteId site = times.SiteOf(visit.appointment.booking.plan);
    const bool shown = wanted.empty() || std::ranges::find(wanted, site) != wanted.end();
    if (!shown) continue;
    *room.add_patients() = ToProto(visit, site, WaitingAt(visit.appointment, call.now()));
  }
  return room;
}

}  // namespace clinicd::appointments
