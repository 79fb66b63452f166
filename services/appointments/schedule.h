// When the sites, practitioners and resources of a clinic work, and what that means for visits.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/base/uuid.h"
#include "services/appointments/appointment.h"
#include "services/appointments/clock_hours.h"
#include "services/appointments/resource.h"
#include "services/appointments/slot_search.h"
#include "services/appointments/time_set.h"
#include "services/appointments/visit_plan.h"
#include "services/appointments/working_time.h"

namespace clinicd::appointments {

// A site of a clinic: a location or, where the id is nil, the main site.
using SiteId = LocationId;

enum class OwnerKind { kClinic, kLocation, kPractitioner, kResource };

// Whose hours or exception something is.
struct ScheduleOwner {
  OwnerKind kind = OwnerKind::kClinic;
  // Nil for the clinic and for the main site.
  Uuid id = {};

  friend bool operator==(const ScheduleOwner&, const ScheduleOwner&) = default;
};

struct OwnedHours {
  ScheduleOwner owner = {};
  // Where a practitioner works then.
  SiteId site = {};
  WeeklyHours hours = {};
};

struct ScheduleException {
  ScheduleExceptionId id = {};
  ScheduleOwner owner = {};
  // Where a practitioner works by extra or changed hours.
  SiteId site = {};
  HoursException exception = {};
  absl::Time created_at = {};
};

// Whoever or whatever visits occupy.
struct Member {
  ResourceKind kind = ResourceKind::kPractitioner;
  Uuid id = {};
  // Where a resource is; a practitioner is where there are hours.
  SiteId site = {};
  bool active = true;

  friend bool operator==(const Member&, const Member&) = default;
};

struct Site {
  SiteId id = {};
  absl::TimeZone zone = {};
  bool active = true;
};

// What a clinic has declared, as far as it matters to those who are members of it.
struct Schedule {
  // The main site first.
  std::vector<Site> sites = {};
  std::vector<Member> members = {};
  std::vector<OwnedHours> hours = {};
  std::vector<ScheduleException> exceptions = {};
};

// When somebody or something is taken, buffers included. A patient is somebody here.
struct Occupied {
  Uuid occupant = {};
  TimeRange range = {};
};

// What is declared for `member` at a site. A practitioner whose hours are at other sites only has
// hours here that never come.
DeclaredHours HoursAt(const Schedule& schedule, const Member& member, SiteId site);

// The working calendar of a site, for days on its clock.
WorkingCalendar CalendarOf(const Schedule& schedule, const Site& site, const DayPeriod& days);

// Where a visit takes place: where its first resource is or, without one, wherever its practitioner
// has hours; the main site if there are none. At least one.
std::vector<Site> SitesOf(const Schedule& schedule, const Plan& plan);

// Why a visit cannot be because of somebody's or something's working hours.
struct OutsideHours {
  Uuid resource = {};
  Closure closure = {};
};
// Nullopt where each part of `plan` lies in the working time of what serves it, at one site.
// Buffers need not.
std::optional<OutsideHours> WhyOutsideHours(const Schedule& schedule, const Plan& plan);

// Where to search for openings of days on the clinic's clock: one place for each of `sites`, with
// the members that can serve there.
std::vector<SearchPlace> PlacesAt(const Schedule& schedule, const std::vector<Site>& sites,
                                  const DayPeriod& days, const std::vector<Occupied>& occupied);

// What `occupant` is busy with.
TimeSet BusyTime(const std::vector<Occupied>& occupied, const Uuid& occupant);

// What a plan, whose members are those of `schedule`, could start at instead.
struct NextFreeQuery {
  std::vector<Occupied> occupied = {};
  // None: the plan is a hold.
  std::optional<PatientId> patient = {};
  absl::Time now = {};
  // The clinic's.
  absl::TimeZone zone = {};
};
// The first three starts on the same day, after that of the plan, on a grid of five minutes.
std::vector<absl::CivilMinute> NextFree(const Schedule& schedule, const Plan& plan,
                                        const NextFreeQuery& query);

// What the clock in `zone` shows at `time`; nullopt where it means another instant to a booking,
// because it occurs twice.
std::optional<absl::CivilMinute> BookableLocal(absl::Time time, absl::TimeZone zone);

}  // namespace clinicd::appointments
