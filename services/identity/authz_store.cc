#include "services/identity/authz_store.h"

#include <utility>

#include "common/base/try.h"
#include "db/queries/identity.h"

namespace clinicd::identity {
namespace {

// As in list_authz_changes.sql.
constexpr std::size_t kPageSize = 1000;

AuthzChange ReadChange(const db::RowReader& row) {
  AuthzChange change;
  change.clinic = row.Id<ClinicId>("clinic_id");
  change.id = row.UuidValue("id");
  change.user = row.Id<UserId>("membership_id");
  change.session = row.OptionalId<SessionId>("session_id");
  // Epochs start at 1.
  if (const std::int64_t epoch = row.Int("min_epoch"); epoch > 0) change.min_epoch = epoch;
  change.changed_at = row.Time("changed_at");
  return change;
}

void DeferNotice(db::TenantTx& tx) { tx.Defer(sql::kNotifyAuthzChange, {}); }

}  // namespace

absl::StatusOr<std::vector<AuthzChange>> ListAuthzChanges(db::Listener& listener,
                                                          absl::Duration lookback) {
  std::vector<AuthzChange> all;
  std::size_t page_size = kPageSize;
  absl::Time after_time = absl::UnixEpoch();
  Uuid after_id;
  while (page_size == kPageSize) {
    CLINICD_ASSIGN_OR_RETURN(
        std::vector<AuthzChange> page,
        listener.Many(sql::kListAuthzChanges,
                      db::Params()
                          .Set("lookback_seconds", absl::ToInt64Seconds(lookback))
                          .Set("after_time", after_time)
                          .Set("after_id", after_id),
                      ReadChange));
    page_size = page.size();
    if (page.empty()) break;
    after_time = page.back().changed_at;
    after_id = page.back().id;
    all.insert(all.end(), page.begin(), page.end());
  }
  return all;
}

void DeferAuthzChange(db::TenantTx& tx, const NewAuthzChange& change) {
  tx.Defer(sql::kInsertAuthzChange, db::Params()
                                        .Set("id", change.id)
                                        .Set("membership_id", change.user)
                                        .Set("session_id", change.session)
                                        .Set("min_epoch", change.min_epoch));
  DeferNotice(tx);
}

void DeferRaiseAllEpochs(db::TenantTx& tx) {
  tx.Defer(sql::kRaiseEpochs, {});
  DeferNotice(tx);
}

}  // namespace clinicd::identity
