// Schedules between the area and its API. Total functions without decisions.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "clinicd/appointments/v1/schedule_service.pb.h"
#include "services/appointments/schedule.h"

namespace clinicd::appointments {

v1::ScheduleOwner ToProto(const ScheduleOwner& owner);
ScheduleOwner FromProto(const v1::ScheduleOwner& proto);
ExceptionKind FromProto(v1::ScheduleException::Kind kind);

v1::WorkingHours ToProto(const ScheduleOwner& owner, const std::vector<OwnedHours>& hours,
                         const std::string& etag);
v1::ScheduleException ToProto(const ScheduleException& exception);

// "HH:MM"; the end of the day is "24:00".
std::string FormatClock(std::int32_t minute);

// What an opening for `visit` is to whoever books it: on the clock of `place_zone` and, for
// `local_start`, on that of the clinic.
struct OfferedOpening {
  const VisitPlan& visit;
  const Opening& opening;
  const Site& site;
  absl::CivilMinute local_start = {};
  // Empty: not known.
  std::string patient_id = {};
  // Empty: of a length only.
  std::string visit_type_id = {};
};
v1::Opening ToProto(const OfferedOpening& offered);

}  // namespace clinicd::appointments
