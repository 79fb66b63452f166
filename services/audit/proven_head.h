// The newest head of a clinic's log, with what makes it a checkpoint.
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "services/audit/log/log_store.h"

namespace clinicd::audit {

struct ProvenHead {
  LogHead head;
  // That the head is in the tree which its note signs.
  std::vector<merkle::Hash> meta_proof;
};

// Of the clinic of `tx`. Errors: LogEmpty(); as LogStore.
absl::StatusOr<ProvenHead> FindProvenHead(const LogStore& store, db::TenantTx& tx);

}  // namespace clinicd::audit
