// The partitions of audit events, a month each.
#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "db/access/transaction_runner.h"

namespace clinicd::audit {

// Makes those that are missing of this month and the next two, by the clock of the database; how
// many it made. `runner` is of clinicd_sealer. Errors: as TransactionRunner::InClinic().
absl::StatusOr<std::int32_t> MakePartitions(db::TransactionRunner& runner, absl::Time now);

}  // namespace clinicd::audit
