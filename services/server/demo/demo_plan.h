// What the demo clinics hold.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/civil_time.h"
#include "clinicd/appointments/v1/appointment_service.pb.h"
#include "clinicd/appointments/v1/resource_service.pb.h"
#include "clinicd/appointments/v1/schedule_service.pb.h"
#include "clinicd/appointments/v1/visit_type_service.pb.h"
#include "clinicd/identity/v1/practitioner_service.pb.h"
#include "clinicd/identity/v1/user_service.pb.h"
#include "clinicd/patients/v1/patient_service.pb.h"
#include "common/base/random.h"

namespace clinicd::demo {

enum class DemoSize {
  // A clinic: 40 patients, 4 practitioners, 1 location, 3 chairs, 1 assistant, a week.
  kSmall,
  // A clinic: 2,000 patients, 12 practitioners, 2 locations, 6 chairs, 2 assistants, four weeks.
  kMedium,
};

struct DemoUser {
  identity::v1::Role role = identity::v1::ROLE_UNSPECIFIED;
  std::string email = {};
  std::string given_name = {};
  std::string family_name = {};
  // Empty until GivePasswords().
  std::string password = {};
};

struct DemoAppointment {
  // Indexes of the clinic's lists.
  std::size_t patient = 0;
  std::size_t practitioner = 0;
  std::size_t visit_type = 0;
  // Without the ids of the three.
  appointments::v1::Appointment appointment = {};
  // Why it is to be cancelled again, if it is.
  std::optional<std::string> cancel_reason = {};
};

struct DemoResource {
  // Index of the clinic's list; none: the main site.
  std::optional<std::size_t> location = {};
  // Without the id of the location.
  appointments::v1::Resource resource = {};
};

struct DemoClinic {
  std::string slug = {};
  std::string name = {};
  std::string country_code = {};
  std::string time_zone = {};
  std::string currency_code = {};
  std::string locale = {};
  // One each: owner, receptionist, practitioner, hygienist, assistant, billing clerk.
  std::vector<DemoUser> users = {};
  // The first is the user who is a practitioner, the second the hygienist; their user ids are not
  // set.
  std::vector<identity::v1::Practitioner> practitioners = {};
  std::vector<appointments::v1::Location> locations = {};
  std::vector<DemoResource> resources = {};
  std::vector<appointments::v1::VisitType> visit_types = {};
  // Of the main site, in which all appointments lie; with what is open besides, around today.
  std::vector<appointments::v1::WeeklyHours> hours = {};
  std::vector<appointments::v1::ScheduleException> extra_hours = {};
  std::vector<patients::v1::Patient> patients = {};
  // By practitioner and start; no two of a practitioner overlap.
  std::vector<DemoAppointment> appointments = {};
};

struct DemoPlan {
  std::vector<DemoClinic> clinics = {};
};

// The same plan for the same arguments, on every machine: clinics in Spain, India and Britain, each
// in its time zone. Appointments lie around `today`, which is never without any; Sundays are.
DemoPlan MakeDemoPlan(std::uint64_t seed, DemoSize size, absl::CivilDay today);

// Gives every user a password of 100 random bits. Not part of the plan, because what a seed gives,
// others can guess.
void GivePasswords(DemoPlan& plan, Random& random);

// The clinic's user with a role; ends the process if there is none.
const DemoUser& UserWith(const DemoClinic& clinic, identity::v1::Role role);

}  // namespace clinicd::demo
