// The traces that keys leave in the audit trail of their clinic.
#pragma once

#include <optional>
#include <string_view>

#include "absl/time/time.h"
#include "common/base/uuid.h"
#include "db/access/audit_writer.h"
#include "db/access/tenant_tx.h"

namespace clinicd::db {

// What happened to a key.
struct KeyEvent {
  // As an operator would do it: "clinicd keys shred-patient".
  std::string_view method;
  // "clinic_key" or "data_key".
  std::string_view entity_type;
  // The clinic, or the subject of a data key.
  Uuid entity_id;
  std::optional<PatientId> patient = {};
};

// Sends the insert of the event with the next flush of `tx`. It has no snapshots, so that `writer`
// needs nothing to seal them with.
void DeferKeyEvent(TenantTx& tx, const AuditWriter& writer, const Uuid& id, absl::Time now,
                   const KeyEvent& event);

}  // namespace clinicd::db
