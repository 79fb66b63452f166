#include "services/identity/session_store.h"

#include "common/base/try.h"
#include "common/crypto/digest.h"
#include "db/queries/identity.h"
#include "services/identity/authz_store.h"

namespace clinicd::identity {
namespace {

Session ReadSession(const db::RowReader& row) {
  Session session;
  session.id = row.Id<SessionId>("id");
  session.created_at = row.Time("created_at");
  session.last_refreshed_at = row.Time("last_refreshed_at");
  session.expires_at = row.Time("expires_at");
  session.user_agent = row.Text("user_agent");
  session.client_address = row.Text("client_address");
  return session;
}

ChildToken ReadChild(const db::RowReader& row) {
  ChildToken child;
  child.id = row.Id<auth::RefreshTokenId>("id");
  child.used = row.Bool("used");
  return child;
}

}  // namespace

std::string_view EndReasonText(EndReason reason) {
  switch (reason) {
    case EndReason::kSignedOut:
      return "signed_out";
    case EndReason::kRevoked:
      return "revoked";
    case EndReason::kPasswordChanged:
      return "password_changed";
    case EndReason::kUserDisabled:
      return "user_disabled";
    case EndReason::kTokenReuse:
      break;
  }
  return "token_reuse";
}

absl::StatusOr<std::vector<Session>> ListSessions(db::TenantTx& tx, UserId user, absl::Time now,
                                                  SessionId before, int count_max) {
  return tx.Many(sql::kListSessions,
                 db::Params()
                     .Set("membership_id", user)
                     .Set("now", now)
                     .Set("before_id", before)
                     .Set("count_max", count_max),
                 ReadSession);
}

absl::StatusOr<std::optional<Session>> EndSession(db::TenantTx& tx, const SessionEnd& end) {
  CLINICD_ASSIGN_OR_RETURN(std::optional<Session> ended,
                           tx.Optional(sql::kEndSession,
                                       db::Params()
                                           .Set("id", end.session)
                                           .Set("membership_id", end.user)
                                           .Set("now", end.now)
                                           .Set("end_reason", EndReasonText(end.reason)),
                                       ReadSession));
  if (!ended) return ended;
  DeferAuthzChange(tx, {.id = end.change_id, .user = end.user, .session = end.session});
  return ended;
}

void DeferEndSessions(db::TenantTx& tx, UserId user, SessionId kept, absl::Time now,
                      EndReason reason) {
  tx.Defer(sql::kEndSessionsOfMember, db::Params()
                                          .Set("membership_id", user)
                                          .Set("kept_id", kept)
                                          .Set("now", now)
                                          .Set("end_reason", EndReasonText(reason)));
}

void DeferExchange(db::TenantTx& tx, const auth::RefreshToken& parent,
                   const auth::RefreshToken& child, const SessionRights& rights, absl::Time now) {
  const crypto::Sha256Digest hash = auth::HashRefreshSecret(child.secret);
  tx.Defer(sql::kUseRefreshToken, db::Params().Set("id", parent.id).Set("now", now));
  tx.Defer(sql::kInsertRefreshToken, db::Params()
                                         .Set("id", child.id)
                                         .Set("session_id", rights.session)
                                         .Set("token_hash", db::Bytes{crypto::AsView(hash)})
                                         .Set("parent_id", parent.id)
                                         .Set("now", now)
                                         .Set("expires_at", rights.expires_at));
  tx.Defer(sql::kRefreshSession, db::Params().Set("id", rights.session).Set("now", now));
}

absl::StatusOr<std::optional<ChildToken>> FindChild(db::TenantTx& tx, auth::RefreshTokenId parent) {
  return tx.Optional(sql::kFindChildRefreshToken, db::Params().Set("parent_id", parent), ReadChild);
}

}  // namespace clinicd::identity
