#include "services/identity/user_rules.h"

#include "absl/strings/ascii.h"
#include "common/base/text.h"
#include "common/status/error.h"
#include "services/identity/builtin_roles.h"
#include "services/identity/email.h"
#include "services/identity/identity_errors.h"
#include "services/identity/user_convert.h"

namespace clinicd::identity {

const std::vector<std::string_view>& UpdatableUserFields() {
  static const std::vector<std::string_view> fields = {"given_name", "family_name"};
  return fields;
}

absl::StatusOr<NewUser> ParseNewUser(const v1::User& form) {
  NewUser user;
  user.email = std::string(absl::StripAsciiWhitespace(form.email()));
  user.email_key = FoldEmail(form.email());
  user.given_name = form.given_name();
  user.family_name = form.family_name();
  user.roles = RolesFromProto(form.roles());
  status::ErrorBuilder invalid = status::Invalid();
  if (user.email_key.empty()) invalid.Field("user.email", "must be set");
  // Folding makes some letters two.
  if (CodePoints(user.email_key) > kEmailKeyLengthMax) {
    invalid.Field("user.email", "must be at most 254 characters");
  }
  if (user.roles == 0) invalid.Field("user.roles", "must have at least 1 item");
  if (invalid.has_fields()) return invalid.ToStatus();
  return user;
}

absl::Status CheckKeepsOwner(const UserForChange& before, const User& after) {
  const bool owns = after.active && HasRole(after.roles, v1::ROLE_OWNER);
  const bool owned = before.user.active && HasRole(before.user.roles, v1::ROLE_OWNER);
  if (owned && !owns && !before.has_other_owner) return LastOwner();
  return absl::OkStatus();
}

}  // namespace clinicd::identity
