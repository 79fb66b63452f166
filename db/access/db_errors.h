// From SQLSTATE and constraint names to named errors: the only way an error of the database leaves
// this layer.
#pragma once

#include <string_view>

#include "absl/status/status.h"
#include "common/status/error.h"
#include "db/access/tenant_tx.h"

struct pg_result;

namespace clinicd::db {

// UNAVAILABLE, DATABASE_UNAVAILABLE, with RetryInfo.
absl::Status DatabaseUnavailable(absl::Duration retry_after = absl::Seconds(1));
// RESOURCE_EXHAUSTED, SERVER_BUSY, with RetryInfo.
absl::Status ServerBusy();
// DEADLINE_EXCEEDED, DEADLINE_PASSED.
absl::Status DeadlinePassed();
// CANCELLED, CALL_CANCELLED.
absl::Status CallCancelled();

// The error of a failed statement. `query_name` goes to the server's log only. Classes:
// 23505, 23503, 23P01: the caller's named error for the constraint; INTERNAL without one.
// 40001, 40P01, 55P03: ABORTED, CONFLICT_RETRY. 57014: DEADLINE_PASSED; the runner knows of
// cancelled calls. 08..., 53..., 57P0x, 58...: UNAVAILABLE. Everything else: INTERNAL.
absl::Status FromResult(const pg_result* result, std::string_view query_name,
                        const ConstraintErrors& errors);

// True for the errors after which the same transaction may succeed when run again.
bool WorthRetrying(const absl::Status& status);

}  // namespace clinicd::db
