#include "services/identity/sign_in_handlers.h"

#include <algorithm>
#include <utility>

#include "common/base/try.h"
#include "common/rpc/civil.h"
#include "services/identity/email.h"
#include "services/identity/identity_errors.h"
#include "services/identity/session_convert.h"
#include "services/identity/session_rules.h"
#include "services/identity/session_store.h"

namespace clinicd::identity {
namespace {

// How often a sign-in starts over because the user was changed while it hashed.
constexpr int kAttemptsMax = 3;
// How long a wrong password may wait to be written down, whenever the caller gave up.
constexpr absl::Duration kRecordPatience = absl::Seconds(5);

db::AuditRow RowOf(const rpc::CallInfo& info, std::string_view outcome) {
  return {.category = info.method->audit_category,
          .action = info.method->audit_action,
          .method = info.method->full_name,
          .outcome = outcome,
          .client_address = info.client_address,
          .user_agent = info.user_agent};
}

db::AuditRow RefreshRow(const rpc::CallInfo& info, const SessionRights& rights,
                        std::string_view outcome) {
  db::AuditRow row = RowOf(info, outcome);
  row.entity_type = "session";
  row.entity_id = rights.session.uuid();
  return row;
}

}  // namespace

absl::StatusOr<v1::SignInResponse> SignInHandlers::SignIn(const v1::SignInRequest& request,
                                                          const rpc::CallInfo& info) const {
  const LoginKey key{.slug = request.clinic_slug(), .email_key = FoldEmail(request.email())};
  for (int attempt = 0; attempt < kAttemptsMax; ++attempt) {
    CLINICD_ASSIGN_OR_RETURN(const Login login, parts_.logins.FindLogin(key, info.deadline));
    const SignInFailures failures = login.user ? login.failures : parts_.unknown_logins.Of(key);
    const absl::Duration wait = WaitLeft(failures, info.start);
    if (wait > absl::ZeroDuration()) return SignInThrottled(wait);
    CLINICD_ASSIGN_OR_RETURN(const auth::PasswordCheck check,
                             CheckPassword(login, request.password(), info.deadline));
    if (!check.matches) return Refuse(login, key, info);
    std::string rehashed;
    if (check.needs_rehash) {
      CLINICD_ASSIGN_OR_RETURN(
          rehashed,
          parts_.hasher.Hash(request.password(), {*login.clinic, *login.user}, info.deadline));
    }
    CLINICD_ASSIGN_OR_RETURN(std::optional<v1::SignInResponse> response,
                             OpenSession(login, std::move(rehashed), info));
    if (response) return *std::move(response);
  }
  return SignInContended();
}

absl::StatusOr<auth::PasswordCheck> SignInHandlers::CheckPassword(const Login& login,
                                                                  const std::string& password,
                                                                  absl::Time deadline) const {
  if (login.may_sign_in) {
    return parts_.hasher.Verify(password, login.password, {*login.clinic, *login.user}, deadline);
  }
  CLINICD_RETURN_IF_ERROR(parts_.hasher.VerifyDummy(password, deadline));
  return auth::PasswordCheck();
}

absl::Status SignInHandlers::Refuse(const Login& login, const LoginKey& key,
                                    const rpc::CallInfo& info) const {
  db::AuditRow row = RowOf(info, "CREDENTIALS_INVALID");
  if (login.user) {
    row.entity_type = "user";
    row.entity_id = login.user->uuid();
  }
  // Whoever does not wait for the answer is counted, too, and those whom nobody knows no sooner
  // than others.
  const absl::Time deadline = std::max(info.deadline, info.start + kRecordPatience);
  CLINICD_RETURN_IF_ERROR(parts_.logins.RecordFailure(login, row, info.start, deadline));
  if (!login.user) parts_.unknown_logins.Count(key, info.start);
  return CredentialsInvalid();
}

absl::StatusOr<std::optional<v1::SignInResponse>> SignInHandlers::OpenSession(
    const Login& login, std::string rehashed, const rpc::CallInfo& info) const {
  const auto id = parts_.ids.New<SessionId>();
  const auth::RefreshToken token =
      parts_.refresh_tokens.First(*login.clinic, id, parts_.ids.New<auth::RefreshTokenId>());
  const NewSession session{.clinic = *login.clinic,
                           .user = *login.user,
                           .epoch = login.epoch,
                           .failures = login.failures.count,
                           .id = id,
                           .now = info.start,
                           .expires_at = info.start + parts_.session_lifetime,
                           .user_agent = info.user_agent,
                           .client_address = info.client_address,
                           .token = token,
                           .password = std::move(rehashed)};
  const v1::Session proto = ToProto({.id = id,
                                     .created_at = session.now,
                                     .last_refreshed_at = session.now,
                                     .expires_at = session.expires_at,
                                     .user_agent = session.user_agent,
                                     .client_address = session.client_address},
                                    id);
  const std::string after = rpc::AuditJson(&proto);
  db::AuditRow row = RowOf(info, "OK");
  row.entity_type = "session";
  row.entity_id = id.uuid();
  row.after_json = after;
  CLINICD_ASSIGN_OR_RETURN(const std::optional<SessionRights> rights,
                           parts_.logins.OpenSession(session, row, info.deadline));
  if (!rights) return std::optional<v1::SignInResponse>();
  v1::SignInResponse response;
  CLINICD_ASSIGN_OR_RETURN(*response.mutable_tokens(),
                           parts_.issuer.Issue(*rights, token, info.start));
  *response.mutable_session() = proto;
  return std::optional(std::move(response));
}

absl::StatusOr<v1::RefreshResponse> SignInHandlers::Refresh(const v1::RefreshRequest& request,
                                                            const rpc::CallInfo& info) const {
  CLINICD_ASSIGN_OR_RETURN(const auth::RefreshToken token,
                           auth::ParseRefreshToken(request.refresh_token()));
  absl::StatusOr<auth::RefreshToken> next = auth::RefreshTokenInvalid();
  SessionRights rights;
  const auto work = [&](db::TenantTx& tx,
                        const std::optional<RefreshFacts>& facts) -> absl::Status {
    if (!facts) return auth::RefreshTokenInvalid();
    rights = facts->rights;
    next = Exchange(tx, token, *facts, info);
    return next.status();
  };
  CLINICD_RETURN_IF_ERROR(parts_.logins.InRefresh(token, info.deadline, work));
  v1::RefreshResponse response;
  CLINICD_ASSIGN_OR_RETURN(*response.mutable_tokens(),
                           parts_.issuer.Issue(rights, *next, info.start));
  return response;
}

absl::StatusOr<auth::RefreshToken> SignInHandlers::Exchange(db::TenantTx& tx,
                                                            const auth::RefreshToken& token,
                                                            const RefreshFacts& facts,
                                                            const rpc::CallInfo& info) const {
  switch (JudgeRefresh(facts, token.secret, info.start, parts_.refresh_grace)) {
    case RefreshVerdict::kInvalid:
      // Leaves no row: anybody can make up tokens.
      return auth::RefreshTokenInvalid();
    case RefreshVerdict::kRepeat:
      return Repeat(tx, token, facts, info);
    case RefreshVerdict::kReuse:
      return EndReused(tx, facts, info);
    case RefreshVerdict::kExchange:
      break;
  }
  auth::RefreshToken child =
      parts_.refresh_tokens.Child(token, parts_.ids.New<auth::RefreshTokenId>());
  DeferExchange(tx, token, child, facts.rights, info.start);
  parts_.logins.DeferActorRow(tx, info.start, facts.rights, RefreshRow(info, facts.rights, "OK"));
  return child;
}

absl::StatusOr<auth::RefreshToken> SignInHandlers::Repeat(db::TenantTx& tx,
                                                          const auth::RefreshToken& token,
                                                          const RefreshFacts& facts,
                                                          const rpc::CallInfo& info) const {
  CLINICD_ASSIGN_OR_RETURN(const std::optional<ChildToken> child, FindChild(tx, token.id));
  if (!child || child->used) return EndReused(tx, facts, info);
  return parts_.refresh_tokens.Child(token, child->id);
}

absl::Status SignInHandlers::EndReused(db::TenantTx& tx, const RefreshFacts& facts,
                                       const rpc::CallInfo& info) const {
  CLINICD_RETURN_IF_ERROR(EndSession(tx, {.session = facts.rights.session,
                                          .user = facts.rights.user,
                                          .now = info.start,
                                          .reason = EndReason::kTokenReuse,
                                          .change_id = parts_.ids.NewUuid()})
                              .status());
  parts_.logins.DeferActorRow(tx, info.start, facts.rights,
                              RefreshRow(info, facts.rights, "REFRESH_TOKEN_INVALID"));
  return auth::RefreshTokenInvalid();
}

}  // namespace clinicd::identity
