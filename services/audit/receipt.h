// Receipts of audit events, for the answers of the calls that left them.
#pragma once

#include <functional>
#include <string>

#include "common/base/uuid.h"
#include "db/access/tenant_tx.h"

namespace clinicd::audit {

// Has `take` called with the Receipt of the API, serialized, in the next flush of `tx`; not called
// where the clinic has no such event. What `take` uses must live until then.
void DeferReceipt(db::TenantTx& tx, const Uuid& event, std::function<void(std::string)> take);

}  // namespace clinicd::audit
