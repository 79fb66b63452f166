// What may be asked of a schedule.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "clinicd/appointments/v1/schedule_service.pb.h"
#include "common/status/error.h"
#include "services/appointments/schedule.h"
#include "services/appointments/visit_type.h"

namespace clinicd::appointments {

// The span from "HH:MM" to "HH:MM", which are at `path` "local_from" and "local_to". Names in
// `wrong` what is wrong with it.
ClockSpan CheckedSpan(const std::string& from, const std::string& to, const std::string& path,
                      status::ErrorBuilder& wrong);

// Whose hours `form`, at `owner` of a request, means. Errors: VALIDATION_FAILED.
absl::StatusOr<ScheduleOwner> ParseHoursOwner(const v1::ScheduleOwner& form);

// All hours that are to be set. Errors: VALIDATION_FAILED at every wrong field.
absl::StatusOr<std::vector<OwnedHours>> ParseHours(const v1::SetWorkingHoursRequest& form);

// The exception that is to be declared, without id. Errors: VALIDATION_FAILED at every wrong field.
absl::StatusOr<ScheduleException> ParseException(const v1::ScheduleException& form);

// Which exceptions are to be listed.
struct ExceptionFilter {
  DayPeriod days = {};
  std::optional<ScheduleOwner> owner = {};
};
// Errors: VALIDATION_FAILED at every wrong field.
absl::StatusOr<ExceptionFilter> ParseFilter(const v1::ListScheduleExceptionsRequest& form);

// What is searched for.
struct SlotSearch {
  // Else a practitioner for `duration_minutes`.
  std::optional<VisitTypeId> visit_type = {};
  std::int32_t duration_minutes = 0;
  // Any where there is none.
  std::vector<Uuid> practitioners = {};
  // The nil one is the main site. All where there is none.
  std::vector<SiteId> sites = {};
  // On the clinic's clock.
  DayPeriod days = {};
  std::vector<WeeklyHours> windows = {};
  std::int32_t grid_minutes = 0;
  std::size_t limit = 0;
  std::size_t skip = 0;
  std::optional<PatientId> patient = {};
  bool online_rules = false;
};
// Errors: VALIDATION_FAILED at every wrong field.
absl::StatusOr<SlotSearch> ParseSearch(const v1::FindSlotsRequest& form);

// What a visit of a type needs: segments of one kind that overlap are of different resources,
// others of one.
VisitPlan PlanOf(const VisitType& visit_type);
// What a visit needs that is a practitioner's and nothing else.
VisitPlan PlanOf(std::int32_t duration_minutes);

// Between which starts patients may book a visit of the type online.
StartLimits OnlineLimits(const VisitType& visit_type, absl::Time now);

// The members of `schedule`, without the practitioners that the search leaves out. Errors:
// PRACTITIONER_NOT_FOUND, PRACTITIONER_INACTIVE.
absl::StatusOr<std::vector<Member>> MembersFor(const SlotSearch& search, const Schedule& schedule);
// The active sites to search at. Errors: LOCATION_NOT_FOUND, LOCATION_INACTIVE.
absl::StatusOr<std::vector<Site>> SitesFor(const SlotSearch& search, const Schedule& schedule);

// Whether what `owner` declares is about one practitioner or resource, and not about a site.
bool IsPersonal(const ScheduleOwner& owner);

// Against so many parts of booked appointments a closure is held.
inline constexpr std::size_t kBookedPartsMax = 100'000;
// Errors: VALIDATION_FAILED where the days that are to be closed have more.
absl::Status CheckBooked(std::size_t parts);

// Part of a booked appointment.
struct BookedPart {
  AppointmentId appointment = {};
  PractitionerId practitioner = {};
  absl::Time starts_at = {};
  Allocation part = {};
};
// The appointments at times that `exception`, which is part of `schedule`, closes, in the order of
// `parts`. Those of one appointment follow one another in it.
std::vector<AppointmentId> HeldBy(const ScheduleException& exception, const Schedule& schedule,
                                  const std::vector<BookedPart>& parts);

}  // namespace clinicd::appointments
