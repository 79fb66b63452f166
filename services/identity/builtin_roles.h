// The built-in roles and what they may do: the one table behind every permission.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "clinicd/identity/v1/user_service.pb.h"
#include "common/auth/identity.h"
#include "common/rpc/method_table.h"

namespace clinicd::identity {

constexpr auth::RoleSet RoleBit(v1::Role role) {
  return auth::RoleSet{1} << static_cast<unsigned>(role);
}

constexpr bool HasRole(auth::RoleSet roles, v1::Role role) { return (roles & RoleBit(role)) != 0; }

// The names of a set as the database and audit rows have them, in the order of their numbers:
// "owner,receptionist". Empty for the empty set.
std::string RoleNames(auth::RoleSet roles);

// Undoes RoleNames(), in any order; nullopt if a name is unknown or the text is malformed.
std::optional<auth::RoleSet> ParseRoleNames(std::string_view names);

// The permissions that `roles` grant together, sorted.
std::vector<std::string> PermissionsOf(auth::RoleSet roles);

// Grants permissions to roles. Immutable, hence thread-safe.
class BuiltinRoles final : public rpc::PermissionSource {
 public:
  auth::RoleSet RolesGranting(std::string_view permission) const override;
};

}  // namespace clinicd::identity
