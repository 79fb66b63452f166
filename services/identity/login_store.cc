#include "services/identity/login_store.h"

#include <utility>

#include "common/base/try.h"
#include "common/crypto/digest.h"
#include "db/queries/identity.h"
#include "services/identity/builtin_roles.h"
#include "services/identity/identity_errors.h"

namespace clinicd::identity {
namespace {

Login ReadLogin(const db::RowReader& row) {
  Login login;
  login.clinic = row.Id<ClinicId>("clinic_id");
  const bool clinic_active = row.Bool("clinic_active");
  login.user = row.OptionalId<UserId>("membership_id");
  const bool member_active = row.Bool("member_active");
  login.password = row.BytesValue("password_ct");
  login.failures.count = row.Int32("failed_sign_ins");
  login.failures.last_at = row.OptionalTime("last_failed_at").value_or(absl::InfinitePast());
  login.epoch = row.Int("authz_epoch");
  login.may_sign_in = clinic_active && member_active && !login.password.empty();
  return login;
}

std::string ReadPassword(const db::RowReader& row) { return row.BytesValue("password_ct"); }

ClinicId ReadClinicId(const db::RowReader& row) { return row.Id<ClinicId>("id"); }

// Fills in what the database adds to a new session.
SessionRights ReadOpened(const db::RowReader& row) {
  SessionRights rights;
  rights.roles = ParseRoleNames(row.Text("roles")).value_or(0);
  rights.time_zone = row.Text("time_zone");
  return rights;
}

RefreshFacts ReadFacts(const db::RowReader& row) {
  RefreshFacts facts;
  facts.rights.user = row.Id<UserId>("membership_id");
  facts.rights.expires_at = row.Time("expires_at");
  facts.rights.authenticated_at = row.Time("authenticated_at");
  facts.session_ended = row.Bool("ended");
  facts.token_hash = row.BytesValue("token_hash");
  facts.used_at = row.OptionalTime("used_at");
  facts.may_continue = row.Bool("may_continue");
  facts.rights.roles = ParseRoleNames(row.Text("roles")).value_or(0);
  facts.rights.epoch = row.Int("authz_epoch");
  facts.rights.time_zone = row.Text("time_zone");
  return facts;
}

absl::StatusOr<std::optional<SessionRights>> InsertSession(db::TenantTx& tx,
                                                           const NewSession& session) {
  const crypto::Sha256Digest hash = auth::HashRefreshSecret(session.token.secret);
  // There is such a session after a commit whose confirmation was lost with the connection.
  const db::ConstraintErrors errors = {{"sessions_pk", SignInContended}};
  CLINICD_ASSIGN_OR_RETURN(std::optional<SessionRights> rights,
                           tx.Optional(sql::kInsertSession,
                                       db::Params()
                                           .Set("membership_id", session.user)
                                           .Set("authz_epoch", session.epoch)
                                           .Set("failed_sign_ins", session.failures)
                                           .Set("session_id", session.id)
                                           .Set("now", session.now)
                                           .Set("expires_at", session.expires_at)
                                           .Set("user_agent", session.user_agent)
                                           .Set("client_address", session.client_address)
                                           .Set("token_id", session.token.id)
                                           .Set("token_hash", db::Bytes{crypto::AsView(hash)}),
                                       ReadOpened, errors));
  if (!rights) return rights;
  rights->clinic = session.clinic;
  rights->user = session.user;
  rights->session = session.id;
  rights->epoch = session.epoch;
  rights->authenticated_at = session.now;
  rights->expires_at = session.expires_at;
  return rights;
}

}  // namespace

void LoginStore::DeferActorRow(db::TenantTx& tx, absl::Time now, const SessionRights& rights,
                               db::AuditRow row) const {
  const std::string roles = RoleNames(rights.roles);
  row.actor = rights.user;
  row.actor_roles = roles;
  row.session = rights.session;
  runner_.audit().Defer(tx, ids_.NewUuid(), now, row);
}

absl::StatusOr<Login> LoginStore::FindLogin(const LoginKey& key, absl::Time deadline) const {
  CLINICD_ASSIGN_OR_RETURN(
      std::optional<Login> login,
      directory_.Optional(sql::kFindLogin,
                          db::Params().Set("slug", key.slug).Set("email_key", key.email_key),
                          ReadLogin, deadline));
  return login ? *std::move(login) : Login();
}

absl::StatusOr<std::string> LoginStore::FindPassword(ClinicId clinic, UserId user,
                                                     absl::Time deadline) const {
  CLINICD_ASSIGN_OR_RETURN(
      std::optional<std::string> password,
      directory_.Optional(sql::kFindPassword,
                          db::Params().Set("clinic", clinic).Set("membership_id", user),
                          ReadPassword, deadline));
  return std::move(password).value_or(std::string());
}

absl::StatusOr<std::optional<ClinicId>> LoginStore::FindClinic(std::string_view slug,
                                                               absl::Time deadline) const {
  return directory_.Optional(sql::kFindClinicBySlug, db::Params().Set("slug", slug), ReadClinicId,
                             deadline);
}

absl::Status LoginStore::RecordFailure(const Login& login, const db::AuditRow& row, absl::Time now,
                                       absl::Time deadline) const {
  const db::TenantScope scope{.clinic = login.clinic.value_or(ClinicId()), .deadline = deadline};
  return runner_.InClinic(scope, [&](db::TenantTx& tx) {
    const UserId user = login.user.value_or(UserId());
    tx.Defer(sql::kCountFailedSignIn, db::Params().Set("membership_id", user).Set("now", now));
    if (login.clinic) {
      runner_.audit().Defer(tx, ids_.NewUuid(), now, row);
    } else {
      tx.Defer(sql::kSpendFailedSignIn, {});
    }
    return absl::OkStatus();
  });
}

absl::StatusOr<std::optional<SessionRights>> LoginStore::OpenSession(const NewSession& session,
                                                                     const db::AuditRow& row,
                                                                     absl::Time deadline) const {
  std::optional<SessionRights> rights;
  const db::TenantScope scope{.clinic = session.clinic, .user = session.user, .deadline = deadline};
  const absl::Status status = runner_.InClinic(scope, [&](db::TenantTx& tx) -> absl::Status {
    CLINICD_ASSIGN_OR_RETURN(rights, InsertSession(tx, session));
    // Without reason, and so without another attempt: the caller decides.
    if (!rights) return absl::CancelledError("the login has changed");
    if (!session.password.empty()) {
      tx.Defer(sql::kRehashPassword, db::Params()
                                         .Set("membership_id", session.user)
                                         .Set("password_ct", db::Bytes{session.password})
                                         .Set("authz_epoch", session.epoch));
    }
    DeferActorRow(tx, session.now, *rights, row);
    return absl::OkStatus();
  });
  if (absl::IsCancelled(status) && !rights) return rights;
  if (!status.ok()) return status;
  return rights;
}

absl::Status LoginStore::InRefresh(
    const auth::RefreshToken& token, absl::Time deadline,
    const std::function<absl::Status(db::TenantTx& tx, const std::optional<RefreshFacts>& facts)>&
        work) const {
  const db::TenantScope scope{.clinic = token.clinic, .deadline = deadline};
  const auto run = [&](db::TenantTx& tx) -> absl::Status {
    CLINICD_ASSIGN_OR_RETURN(
        std::optional<RefreshFacts> facts,
        tx.Optional(sql::kFindRefresh,
                    db::Params().Set("session_id", token.session).Set("token_id", token.id),
                    ReadFacts));
    if (facts) {
      facts->rights.clinic = token.clinic;
      facts->rights.session = token.session;
    }
    return work(tx, facts);
  };
  return runner_.InClinic(scope, run, /*commit_on_error=*/true);
}

}  // namespace clinicd::identity
