#include "db/vault/key_events.h"

#include "db/access/audit_writer.h"

namespace clinicd::db {

void DeferKeyEvent(TenantTx& tx, const Uuid& id, absl::Time now, const KeyEvent& event) {
  // Without snapshots, so that nothing has to be sealed.
  const AuditWriter writer({});
  writer.Defer(tx, id, now,
               {.category = "key",
                .action = "execute",
                .method = event.method,
                .outcome = "OK",
                .entity_type = event.entity_type,
                .entity_id = event.entity_id,
                .patient = event.patient,
                .client_address = "local"});
}

}  // namespace clinicd::db
