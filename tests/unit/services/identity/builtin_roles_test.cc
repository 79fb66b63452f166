#include "services/identity/builtin_roles.h"

#include <catch2/catch.hpp>

namespace clinicd::identity {
namespace {

TEST_CASE("Every role has a name that gives the role back", "[identity][unit]") {
  for (int number = v1::ROLE_OWNER; number <= v1::Role_MAX; ++number) {
    const auth::RoleSet role = RoleBit(static_cast<v1::Role>(number));
    CAPTURE(number);

    CHECK_FALSE(RoleNames(role).empty());
    CHECK(ParseRoleNames(RoleNames(role)) == role);
  }
}

TEST_CASE("Names of a set stand in the order of the roles' numbers", "[identity][unit]") {
  const auth::RoleSet roles = RoleBit(v1::ROLE_BILLING_CLERK) | RoleBit(v1::ROLE_OWNER);

  CHECK(RoleNames(roles) == "owner,billing_clerk");
  CHECK(ParseRoleNames("billing_clerk,owner") == roles);
  CHECK(RoleNames(0).empty());
  CHECK(ParseRoleNames("") == auth::RoleSet{0});
}

TEST_CASE("Names that no role has are no set", "[identity][unit]") {
  const std::string names = GENERATE("root", "Owner", "owner,", ",owner", "owner owner", " owner",
                                     "owner,root", "ROLE_OWNER", ",");
  CAPTURE(names);

  CHECK_FALSE(ParseRoleNames(names).has_value());
}

TEST_CASE("A permission that is not in the table is granted to nobody", "[identity][unit]") {
  const std::string permission =
      GENERATE("", "patients", "patients.patient", "patients.patient.delete",
               "Patients.patient.read", "patients.patient.read ", "identity.user.reader");
  CAPTURE(permission);

  CHECK(BuiltinRoles().RolesGranting(permission) == 0);
}

TEST_CASE("Roles with rights on single patients only have no permission", "[identity][unit]") {
  const auto role =
      GENERATE(v1::ROLE_CAREGIVER, v1::ROLE_FAMILY_MEMBER, v1::ROLE_EXTERNAL_PROFESSIONAL,
               v1::ROLE_PATIENT, v1::ROLE_PARTNER_APP, v1::ROLE_UNSPECIFIED);
  CAPTURE(role);

  CHECK(PermissionsOf(RoleBit(role)).empty());
}

TEST_CASE("Permissions of a set are those of its roles together, sorted, each once",
          "[identity][unit]") {
  const auto permissions =
      PermissionsOf(RoleBit(v1::ROLE_ASSISTANT) | RoleBit(v1::ROLE_BILLING_CLERK));

  CHECK(permissions ==
        std::vector<std::string>{"appointments.appointment.read", "appointments.arrival.write",
                                 "appointments.diary.read", "appointments.resource.read",
                                 "appointments.schedule.read", "appointments.visit_type.read",
                                 "appointments.waitlist.read", "identity.practitioner.read",
                                 "patients.patient.read"});
  CHECK(PermissionsOf(0).empty());
}

TEST_CASE("What PermissionsOf lists is what RolesGranting grants", "[identity][unit]") {
  const BuiltinRoles source;
  for (int number = v1::ROLE_OWNER; number <= v1::Role_MAX; ++number) {
    const auth::RoleSet role = RoleBit(static_cast<v1::Role>(number));
    for (const std::string& permission : PermissionsOf(role)) {
      CAPTURE(number, permission);
      CHECK((source.RolesGranting(permission) & role) != 0);
    }
  }
}

}  // namespace
}  // namespace clinicd::identity
