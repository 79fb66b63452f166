// Decisions about users. Pure.
#pragma once

#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "clinicd/identity/v1/user_service.pb.h"
#include "services/identity/user.h"

namespace clinicd::identity {

// The fields of a user that UpdateUser may change.
const std::vector<std::string_view>& UpdatableUserFields();

// The user that `form`, which has passed the declared rules, describes; without id, password and
// origin. Errors: VALIDATION_FAILED at `user.email` and `user.roles`.
absl::StatusOr<NewUser> ParseNewUser(const v1::User& form);

// Whether the clinic keeps an enabled owner when the user becomes `after`. Errors:
// FAILED_PRECONDITION (LAST_OWNER).
absl::Status CheckKeepsOwner(const UserForChange& before, const User& after);

}  // namespace clinicd::identity
