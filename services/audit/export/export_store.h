// What of the log goes into a file of events.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "db/access/tenant_tx.h"
#include "services/audit/event.h"
#include "services/audit/proof/leaf.h"

namespace clinicd::audit {

// A leaf whose event is there, and the sealed snapshots where they were asked for.
struct ExportedLeaf {
  std::uint64_t index = 0;
  Leaf leaf = {};
  std::string before_sealed = {};
  std::string after_sealed = {};
};

// Stateless. Errors: as TenantTx.
class ExportStore final {
 public:
  // Which part of the log to look through: [from, to). All of it is read where the filter names no
  // patient.
  struct Stretch {
    std::uint64_t from = 0;
    std::uint64_t to = 0;
    // Most leaves to return.
    std::int32_t limit = 0;
    bool with_snapshots = false;
  };
  // The leaves of events that match `filter`, in the order of the log.
  absl::StatusOr<std::vector<ExportedLeaf>> List(db::TenantTx& tx, const EventFilter& filter,
                                                 const Stretch& stretch) const;
};

}  // namespace clinicd::audit
