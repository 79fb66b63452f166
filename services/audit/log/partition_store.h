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

// What became of months whose retention may be over.
struct DroppedPartitions {
  std::int32_t dropped = 0;
  // A legal hold keeps them.
  std::int32_t held = 0;
  // Their events are not all sealed.
  std::int32_t unsealed = 0;
};

// Drops the months that nobody has to keep any more, each in a transaction of its own, with an
// event in every clinic that loses some. The database decides which. Errors: as MakePartitions();
// months before are gone then.
absl::StatusOr<DroppedPartitions> DropOldPartitions(db::TransactionRunner& runner, absl::Time now);

}  // namespace clinicd::audit
