// The two forms of an export, each read to its end or to the first thing that is wrong. `receipts`
// is shown the events; null if there are none.
#pragma once

#include "absl/status/statusor.h"
#include "services/audit/proof/receipts.h"
#include "services/audit/proof/trust.h"
#include "services/audit/proof/verifier.h"

namespace clinicd::audit {

// A CBOR sequence of all events from some index on.
absl::StatusOr<Report> VerifySequence(cbor::ByteSource source, const Trust& trust,
                                      ReceiptCheck* receipts);

// JSON Lines of some events, each with its proof.
absl::StatusOr<Report> VerifyLines(cbor::ByteSource source, const Trust& trust,
                                   ReceiptCheck* receipts);

}  // namespace clinicd::audit
