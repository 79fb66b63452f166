// Days of a diary: what is worked, taken, closed and free in each column, and where visits are.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/base/uuid.h"
#include "services/appointments/appointment.h"
#include "services/appointments/schedule.h"
#include "services/appointments/time_set.h"

namespace clinicd::appointments {

// What a column is.
enum class DiaryGrouping { kPractitioner, kChair, kLocation };

// What a column is called. The nil id is the main site.
struct ColumnHead {
  Uuid id = {};
  std::string name = {};
  // "#rrggbb"; empty: as the client likes.
  std::string color = {};
  // Of a chair.
  SiteId site = {};
  bool active = true;
};

// A visit, with what tells patients of one name apart and what to know first of this one.
struct Visit {
  Appointment appointment = {};
  absl::CivilDay patient_born_on = {};
  std::string patient_alert = {};
  // Empty: it is of no type.
  std::string visit_type_name = {};
  // "#rrggbb"; empty: as the client likes.
  std::string visit_type_color = {};
};

// What a hold takes of one occupant, buffers included.
struct HeldPart {
  HoldId hold = {};
  UserId member = {};
  PractitionerId practitioner = {};
  absl::Time expires_at = {};
  ResourceKind kind = ResourceKind::kPractitioner;
  Occupied occupied = {};
};

// What a diary is made from, of the whole clinic.
struct DiaryMaterial {
  Schedule schedule = {};
  // By the order of columns.
  std::vector<ColumnHead> heads = {};
  // By start and id.
  std::vector<Visit> visits = {};
  // What visits and holds take, but for patients.
  std::vector<Occupied> occupied = {};
  // The parts of one hold follow one another.
  std::vector<HeldPart> holds = {};
};

struct DiaryQuery {
  DiaryGrouping grouping = DiaryGrouping::kPractitioner;
  // Only these columns; all where there is none.
  std::vector<Uuid> columns = {};
  // Days on the clock of `zone`, which is the clinic's, and the instants that they are.
  DayPeriod days = {};
  absl::TimeZone zone = {};
  TimeRange range = {};
};

struct DiarySpan {
  TimeRange range = {};
  // Of a practitioner's.
  SiteId site = {};

  friend bool operator==(const DiarySpan&, const DiarySpan&) = default;
};

// What is closed by an exception, or held.
struct DiaryBlock {
  TimeRange range = {};
  // Nil for holds.
  ScheduleExceptionId exception = {};
  std::string reason = {};
  // Nil for exceptions.
  HoldId hold = {};
  UserId member = {};
  absl::Time expires_at = {};
};

// Where a visit is in a column, without and with buffers.
struct DiaryPlacement {
  AppointmentId appointment = {};
  TimeRange range = {};
  TimeRange taken = {};
};

struct DiaryColumn {
  ColumnHead head = {};
  std::vector<DiarySpan> working = {};
  std::vector<DiarySpan> free = {};
  std::vector<DiaryBlock> blocks = {};
  std::vector<DiaryPlacement> placements = {};
};

// Indexes into the visits of the material.
struct SitedVisit {
  std::size_t visit = 0;
  SiteId site = {};
};

struct DiaryPage {
  std::vector<DiaryColumn> columns = {};
  // By start and id: those in the columns and, unless columns were asked for, those in none.
  std::vector<SitedVisit> visits = {};
};

// When practitioners and resources work, and so where visits are. Refers to the schedule.
class WorkingTimes final {
 public:
  // For `days` on the clock of any site.
  WorkingTimes(const Schedule& schedule, const DayPeriod& days);

  // When a member works at a site, and when a site is open.
  const TimeSet& Of(const Member& member, const Site& site);
  const TimeSet& Of(const Site& site);

  // Where a practitioner works: at one site at least.
  std::vector<Site> SitesOfPractitioner(PractitionerId practitioner) const;
  // Where a visit is: of several sites at which its practitioner works, where that is the case
  // then; the first one if it is nowhere.
  SiteId SiteOf(const Plan& plan);

  const Schedule& schedule() const { return schedule_; }

 private:
  const WorkingCalendar& CalendarAt(const Site& site);

  const Schedule& schedule_;
  DayPeriod days_;
  std::map<SiteId, WorkingCalendar> calendars_;
  std::map<SiteId, TimeSet> open_;
  std::map<std::pair<Uuid, SiteId>, TimeSet> working_;
};

DiaryPage MakeDiary(const DiaryMaterial& material, const DiaryQuery& query);

// How somebody at the clinic has fared at `now`.
struct Waiting {
  std::int32_t waiting_minutes = 0;
  std::int32_t in_chair_minutes = 0;
  bool arrived_late = false;
  bool kept_waiting = false;

  friend bool operator==(const Waiting&, const Waiting&) = default;
};
// `appointment` is kArrived or kInChair.
Waiting WaitingAt(const Appointment& appointment, absl::Time now);

}  // namespace clinicd::appointments
