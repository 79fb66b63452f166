#include "services/identity/user_store.h"

#include "common/base/try.h"
#include "db/queries/identity.h"
#include "services/identity/builtin_roles.h"
#include "services/identity/clinic_store.h"
#include "services/identity/email.h"
#include "services/identity/identity_errors.h"

namespace clinicd::identity {
namespace {

constexpr std::string_view kActive = "active";
constexpr std::string_view kDisabled = "disabled";

User ReadUser(const db::RowReader& row) {
  User user;
  user.id = row.Id<UserId>("id");
  user.email = row.Text("email");
  user.given_name = row.Text("given_name");
  user.family_name = row.Text("family_name");
  user.roles = ParseRoleNames(row.Text("roles")).value_or(0);
  user.active = row.Text("state") == kActive;
  user.created_at = row.Time("created_at");
  user.row_version = row.Int("row_version");
  return user;
}

std::pair<User, Clinic> ReadSelf(const db::RowReader& row) {
  User user = ReadUser(row);
  return {std::move(user), ReadClinicOfUser(row)};
}

UserForChange ReadUserForChange(const db::RowReader& row) {
  UserForChange found;
  found.user = ReadUser(row);
  found.epoch = row.Int("authz_epoch");
  found.has_other_owner = row.Bool("has_other_owner");
  return found;
}

OwnLogin ReadOwnLogin(const db::RowReader& row) {
  OwnLogin login;
  login.email_key = row.Text("email_key");
  login.failures.count = row.Int32("failed_sign_ins");
  login.failures.last_at = row.OptionalTime("last_failed_at").value_or(absl::InfinitePast());
  login.epoch = row.Int("authz_epoch");
  login.clinic_slug = row.Text("slug");
  return login;
}

}  // namespace

absl::StatusOr<std::optional<User>> FindUser(db::TenantTx& tx, UserId id) {
  return tx.Optional(sql::kFindUser, db::Params().Set("id", id), ReadUser);
}

absl::StatusOr<std::optional<std::pair<User, Clinic>>> FindSelf(db::TenantTx& tx, UserId id) {
  return tx.Optional(sql::kFindSelf, db::Params().Set("membership_id", id), ReadSelf);
}

absl::StatusOr<std::vector<User>> ListUsers(db::TenantTx& tx, const UserPosition& after,
                                            int count_max) {
  return tx.Many(sql::kListUsers,
                 db::Params()
                     .Set("after_family_name", after.family_name)
                     .Set("after_given_name", after.given_name)
                     .Set("after_id", after.id)
                     .Set("count_max", count_max),
                 ReadUser);
}

absl::StatusOr<User> InsertUser(db::TenantTx& tx, const NewUser& user) {
  const Uuid person = PersonIdOf(user.email_key);
  tx.Defer(sql::kInsertPerson, db::Params().Set("id", person).Set("email_key", user.email_key));
  const db::ConstraintErrors errors = {{"memberships_email_key_uq", UserEmailTaken},
                                       {"memberships_user_uq", UserEmailTaken}};
  return tx.One(
      sql::kInsertUser,
      db::Params()
          .Set("id", user.id)
          .Set("person_id", person)
          .Set("email", user.email)
          .Set("email_key", user.email_key)
          .Set("given_name", user.given_name)
          .Set("family_name", user.family_name)
          .Set("roles", RoleNames(user.roles))
          .Set("password_ct", db::Bytes{user.password})
          .Set("now", user.now)
          .Set("created_by",
               user.created_by.is_nil() ? std::nullopt : std::optional<UserId>(user.created_by)),
      ReadUser, errors);
}

absl::StatusOr<std::optional<User>> UpdateUser(db::TenantTx& tx, const User& user) {
  return tx.Optional(sql::kUpdateUser,
                     db::Params()
                         .Set("id", user.id)
                         .Set("given_name", user.given_name)
                         .Set("family_name", user.family_name)
                         .Set("row_version", user.row_version),
                     ReadUser);
}

absl::StatusOr<std::optional<UserForChange>> LockUserForChange(db::TenantTx& tx, UserId id) {
  tx.Defer(sql::kLockOwners, {});
  return tx.Optional(sql::kFindUserForChange, db::Params().Set("id", id), ReadUserForChange);
}

absl::StatusOr<User> UpdateUserRights(db::TenantTx& tx, const User& user, std::int64_t epoch) {
  return tx.One(sql::kUpdateUserRights,
                db::Params()
                    .Set("id", user.id)
                    .Set("roles", RoleNames(user.roles))
                    .Set("state", user.active ? kActive : kDisabled)
                    .Set("authz_epoch", epoch),
                ReadUser);
}

absl::StatusOr<std::optional<OwnLogin>> LockOwnLogin(db::TenantTx& tx, UserId id) {
  return tx.Optional(sql::kLockOwnLogin, db::Params().Set("membership_id", id), ReadOwnLogin);
}

void DeferPassword(db::TenantTx& tx, UserId id, std::string_view password, absl::Time now,
                   std::int64_t epoch) {
  tx.Defer(sql::kUpdatePassword, db::Params()
                                     .Set("membership_id", id)
                                     .Set("password_ct", db::Bytes{password})
                                     .Set("now", now)
                                     .Set("authz_epoch", epoch));
}

void DeferFailedSignIn(db::TenantTx& tx, UserId id, absl::Time now) {
  tx.Defer(sql::kCountFailedSignIn, db::Params().Set("membership_id", id).Set("now", now));
}

}  // namespace clinicd::identity
