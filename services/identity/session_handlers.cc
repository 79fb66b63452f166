#include "services/identity/session_handlers.h"

#include <utility>
#include <vector>

#include "common/auth/paging.h"
#include "common/auth/password_policy.h"
#include "common/base/try.h"
#include "services/identity/authz_store.h"
#include "services/identity/builtin_roles.h"
#include "services/identity/clinic_convert.h"
#include "services/identity/identity_errors.h"
#include "services/identity/session_convert.h"
#include "services/identity/session_rules.h"
#include "services/identity/session_store.h"
#include "services/identity/user_convert.h"
#include "services/identity/user_store.h"

namespace clinicd::identity {
namespace {

constexpr int kPageSizeDefault = 50;
constexpr int kPageSizeMax = 200;
constexpr std::string_view kAllOnes = "ffffffff-ffff-ffff-ffff-ffffffffffff";

// Ends one of the caller's sessions and leaves its trace. False: there is none.
absl::StatusOr<bool> EndOwnSession(rpc::Call& call, SessionId id, EndReason reason) {
  CLINICD_ASSIGN_OR_RETURN(const std::optional<Session> ended,
                           EndSession(call.tx(), {.session = id,
                                                  .user = call.user_id(),
                                                  .now = call.now(),
                                                  .reason = reason,
                                                  .change_id = call.NewUuid()}));
  if (!ended) {
    call.AuditChange("session", id.uuid(), nullptr, nullptr);
    return false;
  }
  const v1::Session before = ToProto(*ended, call.info().identity.session);
  call.AuditChange("session", id.uuid(), &before, nullptr);
  return true;
}

auth::PageKey KeyOf(const Session& session) { return {session.id.ToString()}; }

}  // namespace

absl::StatusOr<v1::SignOutResponse> SessionHandlers::SignOut(const v1::SignOutRequest&,
                                                             rpc::Call& call) const {
  // A session that has just ended by other means is as good as signed out.
  CLINICD_RETURN_IF_ERROR(
      EndOwnSession(call, call.info().identity.session, EndReason::kSignedOut).status());
  return v1::SignOutResponse();
}

absl::StatusOr<v1::RevokeSessionResponse> SessionHandlers::RevokeSession(
    const v1::RevokeSessionRequest& request, rpc::Call& call) const {
  const SessionId id = SessionId::Parse(request.id()).value_or(SessionId());
  CLINICD_ASSIGN_OR_RETURN(const bool ended, EndOwnSession(call, id, EndReason::kRevoked));
  if (!ended) return SessionNotFound();
  return v1::RevokeSessionResponse();
}

absl::StatusOr<v1::ListSessionsResponse> SessionHandlers::ListSessions(
    const v1::ListSessionsRequest& request, rpc::Call& call) const {
  const rpc::CallInfo& info = call.info();
  const auth::Pager pager(page_tokens_, info.identity.clinic, info.method->full_name, request);
  CLINICD_ASSIGN_OR_RETURN(const auth::PageKey start, pager.Start(request.page_token(), 1));
  const std::optional<SessionId> before = SessionId::Parse(start.empty() ? kAllOnes : start[0]);
  if (!before) return auth::PageTokenInvalid();
  const int size = auth::PageSize(request.page_size(), kPageSizeDefault, kPageSizeMax);
  CLINICD_ASSIGN_OR_RETURN(
      std::vector<Session> sessions,
      identity::ListSessions(call.last_tx(), call.user_id(), call.now(), *before, size + 1));
  v1::ListSessionsResponse response;
  CLINICD_ASSIGN_OR_RETURN(*response.mutable_next_page_token(), pager.Cut(sessions, size, KeyOf));
  for (const Session& session : sessions) {
    *response.add_sessions() = ToProto(session, info.identity.session);
  }
  return response;
}

absl::Status SessionHandlers::CheckOldPassword(const std::string& password, rpc::Call& call) const {
  const auth::Identity& caller = call.info().identity;
  const absl::Time deadline = call.info().deadline;
  CLINICD_ASSIGN_OR_RETURN(const std::string stored,
                           logins_.FindPassword(caller.clinic, caller.user, deadline));
  auth::PasswordCheck check;
  if (!stored.empty()) {
    CLINICD_ASSIGN_OR_RETURN(
        check, hasher_.Verify(password, stored, {caller.clinic, caller.user}, deadline));
  }
  if (check.matches) return absl::OkStatus();
  call.KeepOnFailure([user = caller.user, now = call.now()](db::TenantTx& tx) {
    DeferFailedSignIn(tx, user, now);
  });
  return CredentialsInvalid();
}

absl::StatusOr<v1::ChangePasswordResponse> SessionHandlers::ChangePassword(
    const v1::ChangePasswordRequest& request, rpc::Call& call) const {
  const auth::Identity& caller = call.info().identity;
  call.AuditChange("user", caller.user.uuid(), nullptr, nullptr);
  // First, so that a repetition gets its first answer and not the news that the old password is
  // wrong by now.
  CLINICD_ASSIGN_OR_RETURN(const std::optional<OwnLogin> login,
                           LockOwnLogin(call.tx(), caller.user));
  if (!login) return SessionRevoked();
  const absl::Duration wait = WaitLeft(login->failures, call.now());
  if (wait > absl::ZeroDuration()) return SignInThrottled(wait);
  CLINICD_RETURN_IF_ERROR(auth::CheckPasswordPolicy(
      request.new_password(),
      {.field = "new_password", .email = login->email_key, .clinic_slug = login->clinic_slug}));
  CLINICD_RETURN_IF_ERROR(CheckOldPassword(request.old_password(), call));
  if (request.new_password() == request.old_password()) return PasswordUnchanged();
  CLINICD_ASSIGN_OR_RETURN(
      const std::string password,
      hasher_.Hash(request.new_password(), {caller.clinic, caller.user}, call.info().deadline));
  const std::int64_t epoch = login->epoch + 1;
  DeferPassword(call.tx(), caller.user, password, call.now(), epoch);
  DeferEndSessions(call.tx(), caller.user, caller.session, call.now(), EndReason::kPasswordChanged);
  DeferAuthzChange(call.tx(), {.id = call.NewUuid(), .user = caller.user, .min_epoch = epoch});
  return v1::ChangePasswordResponse();
}

absl::StatusOr<v1::WhoAmIResponse> SessionHandlers::WhoAmI(const v1::WhoAmIRequest&,
                                                           rpc::Call& call) const {
  CLINICD_ASSIGN_OR_RETURN(const auto self, FindSelf(call.last_tx(), call.user_id()));
  if (!self) return UserNotFound();
  v1::WhoAmIResponse response;
  *response.mutable_user() = ToProto(self->first);
  *response.mutable_clinic() = ToProto(self->second);
  response.set_session_id(call.info().identity.session.ToString());
  for (std::string& permission : PermissionsOf(self->first.roles)) {
    response.add_permissions(std::move(permission));
  }
  return response;
}

}  // namespace clinicd::identity
