#include "services/audit/proven_head.h"

#include <optional>
#include <utility>

#include "common/base/try.h"
#include "services/audit/audit_errors.h"

namespace clinicd::audit {

absl::StatusOr<ProvenHead> FindProvenHead(const LogStore& store, db::TenantTx& tx) {
  CLINICD_ASSIGN_OR_RETURN(std::optional<LogHead> head, store.FindHead(tx));
  if (!head) return LogEmpty();
  CLINICD_ASSIGN_OR_RETURN(const merkle::ProofPlan plan,
                           merkle::NodesForInclusion(head->meta_index, head->meta_size));
  CLINICD_ASSIGN_OR_RETURN(std::vector<merkle::Hash> proof,
                           store.Prove(tx, LogTree::kHeads, plan, head->meta_size));
  return ProvenHead{.head = *std::move(head), .meta_proof = std::move(proof)};
}

}  // namespace clinicd::audit
