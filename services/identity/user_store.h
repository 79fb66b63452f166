// Users in the database.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "db/access/tenant_tx.h"
#include "services/identity/clinic.h"
#include "services/identity/user.h"

namespace clinicd::identity {

absl::StatusOr<std::optional<User>> FindUser(db::TenantTx& tx, UserId id);

// The user and the clinic they work in.
absl::StatusOr<std::optional<std::pair<User, Clinic>>> FindSelf(db::TenantTx& tx, UserId id);

// Where a page of users starts: after this name and id.
struct UserPosition {
  std::string family_name;
  std::string given_name;
  UserId id;
};

// By family name, given name and id.
absl::StatusOr<std::vector<User>> ListUsers(db::TenantTx& tx, const UserPosition& after,
                                            int count_max);

// Errors: ALREADY_EXISTS (USER_EMAIL_TAKEN).
absl::StatusOr<User> InsertUser(db::TenantTx& tx, const NewUser& user);

// Stores the names of `user`. nullopt: there is no such user, or not in that version.
absl::StatusOr<std::optional<User>> UpdateUser(db::TenantTx& tx, const User& user);

// Finds a user whose rights are to change; others who change rights in this clinic wait until this
// transaction ends.
absl::StatusOr<std::optional<UserForChange>> LockUserForChange(db::TenantTx& tx, UserId id);

// Stores roles and state of `user`, who has been locked, with a new epoch. Does not announce it.
absl::StatusOr<User> UpdateUserRights(db::TenantTx& tx, const User& user, std::int64_t epoch);

// The caller's own login. nullopt: the caller has been disabled.
absl::StatusOr<std::optional<OwnLogin>> LockOwnLogin(db::TenantTx& tx, UserId id);

// Sends with the next flush: a new sealed password, and a new epoch. Does not announce it.
void DeferPassword(db::TenantTx& tx, UserId id, std::string_view password, absl::Time now,
                   std::int64_t epoch);

// Sends with the next flush: one more wrong password.
void DeferFailedSignIn(db::TenantTx& tx, UserId id, absl::Time now);

}  // namespace clinicd::identity
