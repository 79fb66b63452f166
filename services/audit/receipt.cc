#include "services/audit/receipt.h"

#include <utility>

#include "clinicd/audit/v1/audit_log_service.pb.h"
#include "common/merkle/hash.h"
#include "common/rpc/civil.h"
#include "db/queries/audit_log.h"
#include "services/audit/log/leaf_row.h"

namespace clinicd::audit {
namespace {

v1::Receipt ReceiptFor(const Leaf& leaf) {
  v1::Receipt receipt;
  receipt.set_clinic_id(leaf.clinic_id.ToString());
  receipt.set_event_id(leaf.id.ToString());
  receipt.set_leaf_hash(std::string(merkle::AsView(merkle::HashLeaf(EncodeLeaf(leaf)))));
  *receipt.mutable_record_time() = rpc::ToTimestamp(leaf.recorded_at);
  return receipt;
}

}  // namespace

void DeferReceipt(db::TenantTx& tx, const Uuid& event, std::function<void(std::string)> take) {
  tx.DeferRead(sql::kFindEvent, db::Params().Set("event_id", event),
               [take = std::move(take)](const db::RowReader& row) {
                 take(ReceiptFor(ReadLeaf(row)).SerializeAsString());
               });
}

}  // namespace clinicd::audit
