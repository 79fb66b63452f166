#include "services/audit/retention/hold_store.h"

#include "db/queries/audit.h"
#include "services/audit/event_rules.h"

namespace clinicd::audit {
namespace {

LegalHold ReadHold(const db::RowReader& row) {
  LegalHold hold;
  hold.id = row.UuidValue("id");
  hold.patient = row.OptionalId<PatientId>("patient_id");
  hold.released = row.Text("state") == "released";
  hold.reason = row.Text("reason");
  hold.placed_at = row.Time("placed_at");
  hold.placed_by = row.Id<UserId>("placed_by");
  hold.release_reason = row.Text("release_reason");
  hold.released_at = row.OptionalTime("released_at");
  hold.released_by = row.OptionalId<UserId>("released_by");
  hold.row_version = row.Int("row_version");
  return hold;
}

}  // namespace

absl::StatusOr<std::optional<LegalHold>> HoldStore::Insert(db::TenantTx& tx,
                                                           const LegalHold& hold) const {
  return tx.Optional(sql::kInsertLegalHold,
                     db::Params()
                         .Set("id", hold.id)
                         .Set("patient_id", hold.patient)
                         .Set("reason", hold.reason)
                         .Set("placed_at", hold.placed_at)
                         .Set("placed_by", hold.placed_by),
                     ReadHold);
}

absl::StatusOr<std::optional<LegalHold>> HoldStore::Find(db::TenantTx& tx, const Uuid& id) const {
  return tx.Optional(sql::kFindLegalHold, db::Params().Set("id", id), ReadHold);
}

absl::StatusOr<std::optional<LegalHold>> HoldStore::Release(db::TenantTx& tx,
                                                            const LegalHold& hold) const {
  return tx.Optional(sql::kReleaseLegalHold,
                     db::Params()
                         .Set("id", hold.id)
                         .Set("row_version", hold.row_version)
                         .Set("release_reason", hold.release_reason)
                         .Set("released_at", hold.released_at)
                         .Set("released_by", hold.released_by),
                     ReadHold);
}

absl::StatusOr<std::vector<LegalHold>> HoldStore::List(db::TenantTx& tx,
                                                       const std::optional<Position>& after,
                                                       std::int32_t limit) const {
  // The words are in the order of the list.
  const bool in_force = !after || !after->released;
  return tx.Many(sql::kListLegalHolds,
                 db::Params()
                     .Set("after_state", in_force ? "in_force" : "released")
                     .Set("before_id", after ? after->id : kBehindIds)
                     .Set("row_limit", limit),
                 ReadHold);
}

}  // namespace clinicd::audit
