// Where the demo clinics work, with what, and what they offer.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/civil_time.h"
#include "clinicd/appointments/v1/resource_service.pb.h"
#include "clinicd/appointments/v1/schedule_service.pb.h"
#include "clinicd/appointments/v1/visit_type_service.pb.h"
#include "services/server/demo/demo_names.h"
#include "services/server/demo/demo_plan.h"

namespace clinicd::demo {

// The first `count` sites of the country besides the main one.
std::vector<appointments::v1::Location> MakeLocations(const Country& country, std::size_t count);

struct ResourceAmounts {
  std::size_t locations = 0;
  // More than locations: each of those has one, and the main site the others.
  std::size_t chairs = 0;
  std::size_t assistants = 0;
};

// Chairs and assistants, the first of whom is called `first_assistant`.
std::vector<DemoResource> MakeResources(const Country& country, const ResourceAmounts& amounts,
                                        std::string_view first_assistant);

// A check-up, hygiene, a filling, a root canal and an emergency.
std::vector<appointments::v1::VisitType> MakeVisitTypes(const Country& country);

// From Monday to Saturday, with a break.
std::vector<appointments::v1::WeeklyHours> MakeHours(const Country& country);
// The same hours on `day`, if that is a Sunday.
std::vector<appointments::v1::ScheduleException> MakeSundayHours(const Country& country,
                                                                 absl::CivilDay day);

}  // namespace clinicd::demo
