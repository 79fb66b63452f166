// A user of a clinic as the server sees them.
#pragma once

#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "common/auth/identity.h"
#include "common/base/uuid.h"
#include "services/identity/session.h"

namespace clinicd::identity {

struct User {
  UserId id;
  std::string email;
  std::string given_name;
  std::string family_name;
  auth::RoleSet roles = 0;
  bool active = true;
  absl::Time created_at;
  std::int64_t row_version = 0;
};

// A user whose rights are about to change, locked until the transaction ends.
struct UserForChange {
  User user;
  std::int64_t epoch = 0;
  // Somebody else is an enabled owner.
  bool has_other_owner = false;
};

// A user to be stored.
struct NewUser {
  UserId id;
  std::string email;
  // Folded.
  std::string email_key;
  std::string given_name;
  std::string family_name;
  auth::RoleSet roles = 0;
  // Sealed.
  std::string password = {};
  absl::Time now = {};
  // Nil: the operator.
  UserId created_by = {};
};

// What the caller signs in with, locked until the transaction ends.
struct OwnLogin {
  std::string email_key;
  std::string clinic_slug;
  SignInFailures failures;
  std::int64_t epoch = 0;
};

}  // namespace clinicd::identity
