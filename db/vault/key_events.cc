#include "db/vault/key_events.h"

namespace clinicd::db {

void DeferKeyEvent(TenantTx& tx, const AuditWriter& writer, const Uuid& id, absl::Time now,
                   const KeyEvent& event) {
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
