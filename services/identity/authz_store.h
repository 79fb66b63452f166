// Changes of rights in the database.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "db/access/listener.h"
#include "db/access/tenant_tx.h"
#include "services/identity/authz_state.h"

namespace clinicd::identity {

// What is notified when a change has been committed.
inline constexpr std::string_view kAuthzChannel = "clinicd_authz";

// The changes of all clinics that began at most `lookback` ago.
absl::StatusOr<std::vector<AuthzChange>> ListAuthzChanges(db::Listener& listener,
                                                          absl::Duration lookback);

// Who has lost what.
struct NewAuthzChange {
  Uuid id;
  UserId user;
  std::optional<SessionId> session = {};
  std::optional<std::int64_t> min_epoch = {};
};

// Sends with the next flush: a change of the transaction's clinic, and a notification of it. A
// notification takes a lock of the whole database at commit; changes of rights are rare enough.
void DeferAuthzChange(db::TenantTx& tx, const NewAuthzChange& change);

// The same for every user of the clinic, whose epochs it raises.
void DeferRaiseAllEpochs(db::TenantTx& tx);

}  // namespace clinicd::identity
