// The audit trail in the database. Rows are written by db::AuditWriter only.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "db/access/field_sealer.h"
#include "db/access/tenant_tx.h"
#include "services/audit/event.h"

namespace clinicd::audit {

// Reads events. Thread-safe; errors as for TenantTx.
class EventStore final {
 public:
  // `sealer` opens snapshots and outlives the store.
  explicit EventStore(db::FieldSealer& sealer) : sealer_(sealer) {}

  // At most `limit` events, newest first, older than `before` where it is given.
  absl::StatusOr<std::vector<Event>> List(db::TenantTx& tx, const EventFilter& filter,
                                          const std::optional<Uuid>& before,
                                          std::int32_t limit) const;

  absl::StatusOr<std::optional<Event>> Find(db::TenantTx& tx, const Uuid& id) const;

  // The snapshots of each of `events`, in their order. A round trip for each patient whose key is
  // not at hand. Errors also as FieldSealer::Open().
  absl::StatusOr<std::vector<OpenedSnapshots>> OpenSnapshots(
      db::TenantTx& tx, const std::vector<Event>& events) const;

  // Who had to do with `patient` from `start` until `end`, those who were there last first.
  absl::StatusOr<std::vector<PatientAccess>> ReportAccesses(db::TenantTx& tx, PatientId patient,
                                                            absl::Time start, absl::Time end) const;

 private:
  db::FieldSealer& sealer_;
};

}  // namespace clinicd::audit
