// The audit trail in the database. Rows are written by the transaction runner only.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "db/access/tenant_tx.h"
#include "services/audit/event.h"

namespace clinicd::audit {

// Reads events. Stateless; errors as for TenantTx.
class EventStore final {
 public:
  // At most `limit` events, newest first, older than `before` where it is given.
  absl::StatusOr<std::vector<Event>> List(db::TenantTx& tx, const EventFilter& filter,
                                          const std::optional<Uuid>& before,
                                          std::int32_t limit) const;
};

}  // namespace clinicd::audit
