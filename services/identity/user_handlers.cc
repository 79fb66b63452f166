#include "services/identity/user_handlers.h"

#include <utility>
#include <vector>

#include "common/auth/paging.h"
#include "common/auth/password_policy.h"
#include "common/base/try.h"
#include "common/rpc/etag.h"
#include "common/status/error.h"
#include "common/validate/patch.h"
#include "services/identity/authz_store.h"
#include "services/identity/clinic_store.h"
#include "services/identity/identity_errors.h"
#include "services/identity/session_store.h"
#include "services/identity/user_convert.h"
#include "services/identity/user_rules.h"
#include "services/identity/user_store.h"

namespace clinicd::identity {
namespace {

constexpr int kPageSizeDefault = 50;
constexpr int kPageSizeMax = 200;

UserId IdOf(const std::string& text) { return UserId::Parse(text).value_or(UserId()); }

auth::PageKey KeyOf(const User& user) {
  return {user.family_name, user.given_name, user.id.ToString()};
}

// Notes what is being changed, so that a failed attempt leaves a trace that says so.
void NoteAttempt(rpc::Call& call, UserId id) {
  call.AuditChange("user", id.uuid(), nullptr, nullptr);
}

// The user whose rights are to change, locked. Errors: USER_NOT_FOUND.
absl::StatusOr<UserForChange> LockUser(rpc::Call& call, UserId id) {
  NoteAttempt(call, id);
  CLINICD_ASSIGN_OR_RETURN(std::optional<UserForChange> found, LockUserForChange(call.tx(), id));
  if (!found) return UserNotFound();
  return *std::move(found);
}

v1::User Answer(rpc::Call& call, const User& before, const User& after) {
  const v1::User old_proto = ToProto(before);
  v1::User proto = ToProto(after);
  call.AuditChange("user", after.id.uuid(), &old_proto, &proto);
  return proto;
}

// Makes `before` into `wanted`, in such a way that tokens issued so far are void.
absl::StatusOr<v1::User> ChangeRights(rpc::Call& call, const UserForChange& before,
                                      const User& wanted) {
  CLINICD_RETURN_IF_ERROR(CheckKeepsOwner(before, wanted));
  const std::int64_t epoch = before.epoch + 1;
  CLINICD_ASSIGN_OR_RETURN(const User after, UpdateUserRights(call.tx(), wanted, epoch));
  if (before.user.active && !after.active) {
    DeferEndSessions(call.tx(), after.id, SessionId(), call.now(), EndReason::kUserDisabled);
  }
  DeferAuthzChange(call.tx(), {.id = call.NewUuid(), .user = after.id, .min_epoch = epoch});
  return Answer(call, before.user, after);
}

absl::StatusOr<v1::User> SetActive(rpc::Call& call, UserId id, bool active) {
  CLINICD_ASSIGN_OR_RETURN(const UserForChange before, LockUser(call, id));
  if (before.user.active == active) return Answer(call, before.user, before.user);
  User wanted = before.user;
  wanted.active = active;
  return ChangeRights(call, before, wanted);
}

}  // namespace

absl::StatusOr<v1::User> UserHandlers::GetUser(const v1::GetUserRequest& request,
                                               rpc::Call& call) const {
  CLINICD_ASSIGN_OR_RETURN(const std::optional<User> user,
                           FindUser(call.last_tx(), IdOf(request.id())));
  if (!user) return UserNotFound();
  return ToProto(*user);
}

absl::StatusOr<v1::ListUsersResponse> UserHandlers::ListUsers(const v1::ListUsersRequest& request,
                                                              rpc::Call& call) const {
  const rpc::CallInfo& info = call.info();
  const auth::Pager pager(page_tokens_, info.identity.clinic, info.method->full_name, request);
  CLINICD_ASSIGN_OR_RETURN(const auth::PageKey start, pager.Start(request.page_token(), 3));
  UserPosition after;
  if (!start.empty()) after = {start[0], start[1], IdOf(start[2])};
  const int size = auth::PageSize(request.page_size(), kPageSizeDefault, kPageSizeMax);
  CLINICD_ASSIGN_OR_RETURN(std::vector<User> users,
                           identity::ListUsers(call.last_tx(), after, size + 1));
  v1::ListUsersResponse response;
  CLINICD_ASSIGN_OR_RETURN(*response.mutable_next_page_token(), pager.Cut(users, size, KeyOf));
  for (const User& user : users) *response.add_users() = ToProto(user);
  return response;
}

absl::StatusOr<v1::User> UserHandlers::CreateUser(const v1::CreateUserRequest& request,
                                                  rpc::Call& call) const {
  CLINICD_ASSIGN_OR_RETURN(NewUser user, ParseNewUser(request.user()));
  user.id = call.NewId<UserId>();
  user.now = call.now();
  user.created_by = call.user_id();
  NoteAttempt(call, user.id);
  // Before the password is hashed, so that a repetition costs no hash.
  CLINICD_ASSIGN_OR_RETURN(const std::optional<Clinic> clinic, FindClinic(call.tx()));
  if (!clinic) return status::Defect("the clinic of a session does not exist");
  CLINICD_RETURN_IF_ERROR(auth::CheckPasswordPolicy(
      request.initial_password(),
      {.field = "initial_password", .email = user.email_key, .clinic_slug = clinic->slug}));
  CLINICD_ASSIGN_OR_RETURN(
      user.password,
      hasher_.Hash(request.initial_password(), {clinic->id, user.id}, call.info().deadline));
  CLINICD_ASSIGN_OR_RETURN(const User created, InsertUser(call.tx(), user));
  v1::User proto = ToProto(created);
  call.AuditChange("user", created.id.uuid(), nullptr, &proto);
  return proto;
}

absl::StatusOr<v1::User> UserHandlers::UpdateUser(const v1::UpdateUserRequest& request,
                                                  rpc::Call& call) const {
  const UserId id = IdOf(request.user().id());
  NoteAttempt(call, id);
  if (request.user().etag().empty()) {
    return status::InvalidField("user.etag", "must be the etag that was read");
  }
  CLINICD_RETURN_IF_ERROR(validate::CheckUpdatable(request.update_mask(), UpdatableUserFields()));
  CLINICD_ASSIGN_OR_RETURN(const std::optional<User> before, FindUser(call.tx(), id));
  if (!before) return UserNotFound();
  const v1::User old_proto = ToProto(*before);
  if (request.user().etag() != old_proto.etag()) return rpc::EtagMismatch();
  v1::User changed = old_proto;
  validate::CopyFields(request.update_mask(), request.user(), changed);
  User wanted = *before;
  wanted.given_name = changed.given_name();
  wanted.family_name = changed.family_name();
  CLINICD_ASSIGN_OR_RETURN(const std::optional<User> after,
                           identity::UpdateUser(call.tx(), wanted));
  if (!after) return rpc::EtagMismatch();
  return Answer(call, *before, *after);
}

absl::StatusOr<v1::User> UserHandlers::SetUserRoles(const v1::SetUserRolesRequest& request,
                                                    rpc::Call& call) const {
  CLINICD_ASSIGN_OR_RETURN(const UserForChange before, LockUser(call, IdOf(request.id())));
  if (!request.etag().empty() && request.etag() != rpc::Etag(before.user.row_version)) {
    return rpc::EtagMismatch();
  }
  User wanted = before.user;
  wanted.roles = RolesFromProto(request.roles());
  if (wanted.roles == before.user.roles) return Answer(call, before.user, before.user);
  return ChangeRights(call, before, wanted);
}

absl::StatusOr<v1::User> UserHandlers::DisableUser(const v1::DisableUserRequest& request,
                                                   rpc::Call& call) const {
  return SetActive(call, IdOf(request.id()), false);
}

absl::StatusOr<v1::User> UserHandlers::EnableUser(const v1::EnableUserRequest& request,
                                                  rpc::Call& call) const {
  return SetActive(call, IdOf(request.id()), true);
}

}  // namespace clinicd::identity
