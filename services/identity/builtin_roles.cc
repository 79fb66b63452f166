#include "services/identity/builtin_roles.h"

#include <array>
#include <utility>

#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/base/text.h"

namespace clinicd::identity {
namespace {

using auth::RoleSet;

struct NamedRole {
  v1::Role role;
  std::string_view name;
};

constexpr std::array<NamedRole, 11> kRoles = {{
    {v1::ROLE_OWNER, "owner"},
    {v1::ROLE_PRACTITIONER, "practitioner"},
    {v1::ROLE_HYGIENIST, "hygienist"},
    {v1::ROLE_RECEPTIONIST, "receptionist"},
    {v1::ROLE_ASSISTANT, "assistant"},
    {v1::ROLE_BILLING_CLERK, "billing_clerk"},
    {v1::ROLE_CAREGIVER, "caregiver"},
    {v1::ROLE_FAMILY_MEMBER, "family_member"},
    {v1::ROLE_EXTERNAL_PROFESSIONAL, "external_professional"},
    {v1::ROLE_PATIENT, "patient"},
    {v1::ROLE_PARTNER_APP, "partner_app"},
}};

constexpr RoleSet kOwner = RoleBit(v1::ROLE_OWNER);
constexpr RoleSet kTreating = RoleBit(v1::ROLE_PRACTITIONER) | RoleBit(v1::ROLE_HYGIENIST);
constexpr RoleSet kFrontDesk = RoleBit(v1::ROLE_RECEPTIONIST);
constexpr RoleSet kAssistant = RoleBit(v1::ROLE_ASSISTANT);
constexpr RoleSet kBilling = RoleBit(v1::ROLE_BILLING_CLERK);

struct Grant {
  std::string_view permission;
  RoleSet roles;
};

// Sorted by permission. A billing clerk reads neither patients nor who waits and how to call them,
// because there is no view yet of what invoices need and nothing else. Caregivers, family, external
// professionals, patients and partner applications have rights on single patients only and so none
// here.
constexpr std::array<Grant, 34> kGrants = {{
    {"appointments.appointment.read", kOwner | kTreating | kFrontDesk | kAssistant | kBilling},
    {"appointments.appointment.write", kOwner | kTreating | kFrontDesk},
    {"appointments.arrival.write", kOwner | kTreating | kFrontDesk | kAssistant},
    {"appointments.calendar_feed.read", kOwner},
    {"appointments.calendar_feed.write", kOwner},
    {"appointments.correction.write", kOwner},
    {"appointments.diary.read", kOwner | kTreating | kFrontDesk | kAssistant},
    {"appointments.overbooking.write", kOwner | kTreating | kFrontDesk},
    {"appointments.resource.read", kOwner | kTreating | kFrontDesk | kAssistant | kBilling},
    {"appointments.resource.write", kOwner},
    {"appointments.schedule.read", kOwner | kTreating | kFrontDesk | kAssistant | kBilling},
    {"appointments.schedule.write", kOwner | kFrontDesk},
    {"appointments.treatment.write", kOwner | kTreating},
    {"appointments.visit_type.read", kOwner | kTreating | kFrontDesk | kAssistant | kBilling},
    {"appointments.visit_type.write", kOwner},
    {"appointments.waitlist.read", kOwner | kTreating | kFrontDesk | kAssistant},
    {"appointments.waitlist.write", kOwner | kTreating | kFrontDesk},
    {"audit.certificate.read", kOwner},
    {"audit.event.read", kOwner},
    {"audit.finding.read", kOwner},
    {"audit.finding.write", kOwner},
    {"audit.hold.read", kOwner},
    {"audit.hold.write", kOwner},
    {"audit.log.read", kOwner},
    {"audit.settings.read", kOwner},
    {"audit.settings.write", kOwner},
    {"identity.clinic.write", kOwner},
    {"identity.practitioner.read", kOwner | kTreating | kFrontDesk | kAssistant | kBilling},
    {"identity.practitioner.write", kOwner},
    {"identity.role.write", kOwner},
    {"identity.user.read", kOwner},
    {"identity.user.write", kOwner},
    {"patients.patient.read", kOwner | kTreating | kFrontDesk | kAssistant},
    {"patients.patient.write", kOwner | kTreating | kFrontDesk},
}};

}  // namespace

std::string RoleNames(RoleSet roles) {
  std::vector<absl::string_view> names;
  for (const NamedRole& named : kRoles) {
    if (HasRole(roles, named.role)) names.push_back(ToAbsl(named.name));
  }
  return absl::StrJoin(names, ",");
}

std::optional<RoleSet> ParseRoleNames(std::string_view names) {
  RoleSet roles = 0;
  if (names.empty()) return roles;
  for (const absl::string_view name : absl::StrSplit(ToAbsl(names), ',')) {
    const RoleSet before = roles;
    for (const NamedRole& named : kRoles) {
      if (ToAbsl(named.name) == name) roles |= RoleBit(named.role);
    }
    if (roles == before) return std::nullopt;
  }
  return roles;
}

std::vector<std::string> PermissionsOf(RoleSet roles) {
  std::vector<std::string> permissions;
  for (const Grant& grant : kGrants) {
    if ((grant.roles & roles) != 0) permissions.emplace_back(grant.permission);
  }
  return permissions;
}

RoleSet BuiltinRoles::RolesGranting(std::string_view permission) const {
  for (const Grant& grant : kGrants) {
    if (grant.permission == permission) return grant.roles;
  }
  return 0;
}

}  // namespace clinicd::identity
