// Sessions in the database.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/auth/refresh_token.h"
#include "db/access/row_reader.h"
#include "db/access/tenant_tx.h"
#include "services/identity/session.h"

namespace clinicd::identity {

// The text that stands for `reason` in the database.
std::string_view EndReasonText(EndReason reason);

// The user's sessions that run at `now` and are older than `before`, newest first.
absl::StatusOr<std::vector<Session>> ListSessions(db::TenantTx& tx, UserId user, absl::Time now,
                                                  SessionId before, int count_max);

// Whose session ends, and why.
struct SessionEnd {
  SessionId session;
  UserId user;
  absl::Time now;
  EndReason reason = EndReason::kRevoked;
  // Of the change of rights that tells every node.
  Uuid change_id;
};

// Ends a session, on every node within a second of the commit. nullopt, and no effect: the user has
// no such session, or it has ended.
absl::StatusOr<std::optional<Session>> EndSession(db::TenantTx& tx, const SessionEnd& end);

// Sends with the next flush: the end of all sessions of a user but `kept`. Changing the user's
// epoch is what makes their access tokens void.
void DeferEndSessions(db::TenantTx& tx, UserId user, SessionId kept, absl::Time now,
                      EndReason reason);

// Sends with the next flush: `parent` was exchanged for `child`.
void DeferExchange(db::TenantTx& tx, const auth::RefreshToken& parent,
                   const auth::RefreshToken& child, const SessionRights& rights, absl::Time now);

// The successor of a token, if it has one.
absl::StatusOr<std::optional<ChildToken>> FindChild(db::TenantTx& tx, auth::RefreshTokenId parent);

}  // namespace clinicd::identity
